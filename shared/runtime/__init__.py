"""A service as a process: from Kafka's topics to the engine, from the outbox to Kafka, and its health.

- `consumer`: batches of messages into the engine, what happens when one cannot be taken.
- `brake`: a broken sender must not empty a topic into the dead letters.
- `health`: what is asked from outside: alive, ready, metrics.
- `service`: all of it together, from start to graceful stop.
- `ticker`: the one publisher of days.
"""
