"""How fast it is, on Apache Kafka and PostgreSQL: `python -m tools.bench`, or `make bench`.

One file a measurement:

- `throughput.py`: the same events through programs of their own: `probation serve contacts` (one process,
  and two), `floor.py` (the same rows written without domain logic), `first_try.py` (a transaction a message)
- `statements.py`: the engine alone in this process: SQL statements and rows a batch
- `latency.py`: from an event's publication to the publication of its finding
- `sweep.py`: a day begins for very many cases
- `long_cases.py`: cases of ten years against cases of one

`world.py` has the servers and databases, `events.py` the events, `report.py` the table and its marks.
"""
