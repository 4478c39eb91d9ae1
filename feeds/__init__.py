"""The feeds: translate what courts, prisons, case management and providers send into our events.

Each format has an adapter: a pure function that turns one message into statements (`statement.py`). The
runner keeps the message, finds out whom and which sentence a statement is about, and publishes the difference
to what the same record of the source said before.
"""
