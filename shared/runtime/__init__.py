"""A service as a process: from Kafka's topics to the engine, from the outbox to Kafka, and its health.

- `consumer`: which messages are read, from where, and by whom.
- `batches`: a batch into the engine, until it is committed, given back, or refused for good.
- `faststream_internals`: what FastStream does not promise, and why it is used.
- `brake`: a broken sender must not empty a topic into the dead letters.
- `checks`: whether a service is ready and alive.
- `health`: what is asked from outside: alive, ready, metrics.
- `service`: all of it together, from start to graceful stop.
- `program`: what every program does at its start.
- `ticker`: the one publisher of days.
"""
