"""What the services would conclude from a file, in a few lines: they play it as `probation replay` does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from schemas import language
from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent, Withdrawn
from shared.answers.describing import describe
from tools.check.findings import DOUBTFUL, REFUSED, Finding, Mistake
from tools.event_file import events_in
from tools.players import replay

EXAMPLES = 3
"""How many conclusions are shown."""


@dataclass(frozen=True)
class Example:
    """A conclusion that stands at the end, of a type that is rare in the file."""

    type: str
    subject: str
    says: str


@dataclass
class Conclusions:
    """What stands at the end of the last day, by service and type, and what was withdrawn before."""

    first: date | None
    last: date | None
    standing: dict[str, dict[str, int]]
    withdrawn: int
    people: int
    examples: list[Example]
    findings: list[Finding] = field(default_factory=list)
    """What the services refused or warned of."""
    not_assessed: int = 0
    """How many cases could not be assessed: a fault of ours."""


def conclusions(path: Path, jobs: int) -> Conclusions:
    """Play a file with so many processes (see `players.replay`). Raises what reading it raises."""
    told = _Told()
    outcome = replay(events_in(path), told.take, jobs=jobs)
    findings = [
        Finding(one.line, Mistake(REFUSED, one.reason, None, None, one.explanation))
        for one in outcome.dead_letters
    ]
    findings += [
        Finding(one.line, Mistake(DOUBTFUL, one.kind, None, None, one.explanation))
        for one in outcome.warnings
    ]
    return Conclusions(
        outcome.first,
        outcome.last,
        told.standing(),
        told.withdrawn,
        len(told.people),
        told.examples(),
        findings,
        len(outcome.failed),
    )


class _Told:
    """What was published, counted. Keeps one event of each type, however much is published."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._latest: dict[str, CloudEvent[Any]] = {}
        self.people: set[str] = set()
        self.withdrawn = 0

    def take(self, value: bytes) -> None:
        """Count one published event."""
        event, _ = language.read(value, ())
        service = event.source.rpartition("/")[2]
        data = event.data
        if isinstance(data, Withdrawn):
            self.withdrawn += 1
            self._counts[service, data.withdrawn_type] -= 1
            shown = self._latest.get(data.withdrawn_type)
            if shown is not None and shown.id == data.withdraws:
                del self._latest[data.withdrawn_type]
            return
        self._counts[service, event.type] += 1
        if CATALOGUE[event.type].subject == "person":
            self.people.add(event.subject or "")
        if not data.limited:
            self._latest[event.type] = event

    def standing(self) -> dict[str, dict[str, int]]:
        """How many stand, by service and type: the most first."""
        found: dict[str, dict[str, int]] = {}
        for (service, type), number in self._counts.most_common():
            if number > 0:
                found.setdefault(service, {})[type] = number
        return dict(sorted(found.items()))

    def examples(self) -> list[Example]:
        """Of the rarest types, one event each."""
        rare = sorted((number, type) for (_, type), number in self._counts.items() if type in self._latest)
        events = [self._latest[type] for _, type in rare[:EXAMPLES]]
        return [Example(event.type, event.subject or "", describe(event)) for event in events]
