"""The parts of the list of open items, by when things are due. SQL, as the database sorts and counts them."""

from __future__ import annotations

DAYS = 7
"""How far "in the next days" goes."""

_CONDITIONS = {
    "overdue": "i.due_on < {day}",
    "today": "i.due_on = {day}",
    "week": f"i.due_on > {{day}} and i.due_on <= {{day}} + {DAYS}",
    "later": f"i.due_on > {{day}} + {DAYS}",
    "undated": "i.due_on is null and {day} is not null",  # a value that nothing uses has no type
}


def in_part(part: str, day: str) -> str:
    """The condition for an item `i` to be in a part. `day` stands for the day reached, such as $1."""
    return _CONDITIONS[part].format(day=f"{day}::date")


def part_of(day: str) -> str:
    """The part in which an item `i` is."""
    cases = (f"when {in_part(part, day)} then '{part}'" for part in _CONDITIONS)
    return f"case {' '.join(cases)} end"
