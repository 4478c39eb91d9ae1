"""Kafka and PostgreSQL servers on this machine, for tests, `probation up` and `probation demo`.

* `broker.py`    the embedded broker (Tansu): needs no setup, stores nothing
* `kafka.py`     Apache Kafka from its published artifacts: needs JDK 17 or later, and Maven the first time
* `database.py`  PostgreSQL from a wheel, or from the machine's own binaries
* `docker.py`    both, in containers: needs a Docker daemon
* `given.py`     servers that somebody else runs, at a given address
* `choose.py`    chooses the best of these for a machine, and says what it can do
* `process.py`   starts servers under `guard.py`, so that none outlives the program that started it

Every server listens only on 127.0.0.1. Starting one blocks for 0.1 to 4 seconds, so asynchronous callers use
`asyncio.to_thread(server.start)`.
"""
