"""Checks a file of events before it is published, as an integrator does.

`checking.py` is the whole way. `reading.py` asks the services' own code about each event. `whole.py` finds
what only several events together show; `known.py` keeps what the file has told so far, and `references.py`
says which event introduces what. `conclusions.py` plays the file and says what the services would conclude.
`shown.py` is the answer for programs, `web.py` the endpoint.
"""
