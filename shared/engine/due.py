"""Which cases in memory are due, known at once however many there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from heapq import heappop, heappush, nsmallest

from shared.engine.storage import Row


class DueCases:
    """The cases whose day has come, or that an older release assessed last, among these rows.

    Whoever changes a row says so by `look`.
    """

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self.day: date | None = None
        """The day reached; None before the first."""
        self._rows = rows
        self._release = 0
        self._due: set[str] = set()
        self._waits: list[tuple[date, str]] = []
        """A heap of days that cases wait for; one that a case no longer waits for may still be in it."""
        self._in_heap: dict[str, date] = {}
        """The day last put there for each case."""

    def __bool__(self) -> bool:
        return bool(self._due)

    @property
    def next(self) -> date | None:
        """The next day for which a case waits, be it past."""
        if self._due:
            days = [row.wake_on for row in map(self._rows.__getitem__, self._due) if row.wake_on]
            if days:
                return min(days)
        self._drop_stale()
        return self._waits[0][0] if self._waits else None

    def begin(self, day: date) -> None:
        """Let a day begin."""
        self.day = day
        while self._waits and self._waits[0][0] <= day:
            waited, subject = self._pop()
            if self._waits_for(subject, waited):
                self._due.add(subject)

    def begin_release(self, release: int) -> None:
        """All that was assessed by an older release is due."""
        self._release = release
        for subject in self._rows:
            self.look(subject)

    def look(self, subject: str) -> None:
        """A row has changed, or is gone."""
        row = self._rows.get(subject)
        self._due.discard(subject)
        if row is None or row.quarantined or row.merged_into:
            return
        woken = self.day is not None and row.wake_on is not None and row.wake_on <= self.day
        if woken or (row.release < self._release and row.assessed_on is not None):
            self._due.add(subject)
        elif row.wake_on is not None and self._in_heap.get(subject) != row.wake_on:
            self._in_heap[subject] = row.wake_on
            heappush(self._waits, (row.wake_on, subject))

    def of_kind(self, kind: str, limit: int) -> list[Row]:
        """So many of those of a kind, in order."""
        subjects = (subject for subject in self._due if self._rows[subject].kind == kind)
        return [self._rows[subject] for subject in nsmallest(limit, subjects)]

    def _waits_for(self, subject: str, day: date) -> bool:
        row = self._rows.get(subject)
        return row is not None and row.wake_on == day and not (row.quarantined or row.merged_into)

    def _drop_stale(self) -> None:
        while self._waits and not self._waits_for(self._waits[0][1], self._waits[0][0]):
            self._pop()

    def _pop(self) -> tuple[date, str]:
        waited, subject = heappop(self._waits)
        if self._in_heap.get(subject) == waited:
            del self._in_heap[subject]
        return waited, subject
