"""Words that several commands say."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with what it counts, such as "2 cases"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
