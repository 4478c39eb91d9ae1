"""What every service does: facts in, findings out. It knows no word of probation.

Read in this order:

- `case`, `assessment`, `service`: what a service's author works with.
- `intake`, `engine`, `unit_of_work`, `working_set`, `casefile`: from a message to what is published.
- `storage`, `postgres`, `memory`: where cases are kept; `casebook` plays a service in memory.
- `relay`: from the outbox to the broker.
"""
