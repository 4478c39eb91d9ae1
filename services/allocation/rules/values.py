"""Reading policy values the way the rules of this service need them."""

from collections.abc import Mapping
from decimal import Decimal

from shared.engine.assessment import Day
from shared.policy import Policy, PolicyError, Scalar, Values


def in_force(policy: Policy, today: Day, region: str | None = None) -> Values:
    """The values of the day reached, for rules whose key date is the day itself.

    The next change of the policy is waited for, so that the case is assessed again on that day.
    """
    change = policy.next_change(today.date)
    if change is not None:
        today.reached(change)
    return policy.on(today.date, region)


def whole(table: Mapping[str, Scalar], key: str) -> int:
    """A whole number from a table; `PolicyError` for a key that is not there."""
    value = table.get(key)
    if not isinstance(value, int):
        raise PolicyError(f"no whole number for '{key}' in a table with {', '.join(table)}: add it")
    return value


def band(table: Mapping[str, Scalar], score: int) -> str:
    """The key of the highest threshold that the score reaches; one of them must be 0."""
    reached = [key for key in table if whole(table, key) <= score]
    return max(reached, key=lambda key: whole(table, key))


def points_from(table: Mapping[str, Scalar], score: Decimal) -> int:
    """The points of the highest key ("points from this score on") that the score reaches; below all, 0."""
    reached = [key for key in table if Decimal(key) <= score]
    return whole(table, max(reached, key=Decimal)) if reached else 0
