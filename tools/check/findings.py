"""What a check finds: each mistake once, with the lines that make it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import NamedTuple

REFUSED = "refused"
"""The services would not take the event."""
DOUBTFUL = "doubtful"
"""They would take it, but it has no effect or can hardly be right."""


class Mistake(NamedTuple):
    """Something to correct. `kind` is a reason for dead letters, a kind of warning, or one of our own."""

    grade: str
    kind: str
    type: str | None
    field: str | None
    explanation: str


class Finding(NamedTuple):
    """A mistake on a line, counted from 1."""

    line: int
    mistake: Mistake


class Mistakes:
    """Mistakes with their lines. Takes eight bytes for each further line, however long the file is."""

    def __init__(self) -> None:
        self._lines: dict[Mistake, array[int]] = {}

    def add(self, findings: Iterable[Finding]) -> None:
        """Add what was found."""
        for line, mistake in findings:
            self._lines.setdefault(mistake, array("Q")).append(line)

    def __iter__(self) -> Iterator[tuple[Mistake, array[int]]]:
        """Each mistake with its lines: refusals first, then by the first line."""
        order = sorted(self._lines.items(), key=lambda one: (one[0].grade != REFUSED, one[1][0], one[0].kind))
        return iter(order)

    def __len__(self) -> int:
        return len(self._lines)
