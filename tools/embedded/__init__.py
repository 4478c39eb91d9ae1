"""Kafka and PostgreSQL for this machine: what tests, `probation up` and `probation demo` run on.

Where each thing is:

* `broker.py`    the embedded broker (Tansu): needs nothing, keeps nothing
* `kafka.py`     Apache Kafka from its published artifacts: needs a JDK 17+, and Maven once
* `database.py`  PostgreSQL from a wheel, or from the machine's own binaries
* `docker.py`    both, in containers: needs a Docker daemon
* `choose.py`    which of these a machine gets, in what order, and what each can do
* `process.py`   starts servers under `guard.py`, so that none outlives the program that wanted it

Every server listens on 127.0.0.1 only. All of them block while they start (0.1 to 4 seconds); asynchronous
callers use `asyncio.to_thread(server.start)`.
"""
