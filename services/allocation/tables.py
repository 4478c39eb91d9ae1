"""Reading tables of policy values the way the rules of this service need them."""

from collections.abc import Mapping
from decimal import Decimal

from shared.policy import PolicyError, Scalar


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
