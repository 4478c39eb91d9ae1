"""The way of every service: facts in, findings out. It knows no word of probation.

Read in this order:

- `case`, `assessment`, `service`: what a service's author works with.
- `joining`, `casefile`, `publication`, `batch`: the way without its I/O: join, assess, difference,
  decisions, deterministic ids.
- `intake`, `engine`, `desk`, `merging`, `store`: the same in one database transaction per batch of messages.
- `relay`: from the outbox to the broker.
"""
