"""The read model: what the topics say, kept so that pages can be answered at once.

* `tables.sql`      its tables
* `generations.py`  the models that there are: the one that serves, and one that is being built
* `rows.py`         what follows from the events about one person, practitioner or region (pure)
* `taking.py`       takes a batch of messages in one transaction
* `letters.py`      what is kept of messages that services refused
* `adding.py`       adds the events, each once
* `writing.py`      writes the rows that differ, and keeps sums over them
* `parts.py`        the parts of the list of open items
* `reader.py`       reads the topics, from the offsets in the database
* `healing.py`      reads again where the sequence of a person's events has a gap
* `what_ifs.py`     results of `probation what-if`, which are of no read model
"""
