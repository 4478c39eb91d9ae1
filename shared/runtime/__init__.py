"""A service as a process: from Kafka's topics to the engine, from the outbox to Kafka, and its health.

- `consumer`: assigns partitions, keeps offsets and reads messages.
- `batches`: passes a batch to the engine until it is committed, given back or refused.
- `faststream_internals`: the undocumented parts of FastStream that are used, and why.
- `brake`: stops the service if too many messages are bad.
- `checks`: the checks of whether a service is ready and alive.
- `health`: answers to liveness, readiness and metrics requests.
- `service`: the whole process, from start to graceful stop.
- `program`: what every program does when it starts.
- `ticker`: publishes each new day.
"""
