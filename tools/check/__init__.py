"""Checks a file of events before it is published, as an integrator does.

`reading.py` asks the services' own code about each event. `whole.py` finds what only several events together
show, with `known.py`, which keeps what the file has told so far, and `references.py`, which says which event
introduces what. `conclusions.py` plays the file and says what the services would conclude.
"""
