"""Measures speed on Apache Kafka and PostgreSQL: `python -m tools.bench`, or `make bench`.

One module for each measurement:

- `throughput.py`: the same events through separate programs: `probation serve contacts` (one process, and
  two), `floor.py` (the same rows without domain logic), `first_try.py` (one transaction per message)
- `statements.py`: the engine alone in this process: SQL statements and rows per batch
- `latency.py`: from the publication of an event to the publication of its finding; `chain.py`: through two
  services
- `backfill.py`: a service with a new database reads a million events
- `live.py`: a simulated year through the four running services, beside `live_floor.py`
- `replays.py`: the same year through `probation replay`
- `sweep.py`: the start of a day for very many cases
- `long_cases.py`: cases of ten years compared with cases of one year
- `dashboard.py`: the dashboard's pages and live updates with a national caseload, which `national.py` makes

`world.py` has the servers and databases, `events.py` the events, `report.py` the tables and targets.
"""
