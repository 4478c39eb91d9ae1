"""A service's cases in memory: the engine's own code from fact to publication, without a database.

`assess` says all that the rules say of one case; a `Casebook` plays a service over time.
"""

from __future__ import annotations

import sys
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import msgspec

from shared.engine.assessment import Closed, Day, Finding, Overview
from shared.engine.case import Case, Part
from shared.engine.casefile import CaseFile
from shared.engine.engine import Engine
from shared.engine.intake import Language, Message
from shared.engine.joining import Fact
from shared.engine.journal import IN_MEMORY
from shared.engine.memory import Memory
from shared.engine.packing import month_of_section
from shared.engine.publication import Publication
from shared.engine.service import CaseModel, Service
from shared.engine.unit_of_work import case_file
from shared.policy import Policy

T = TypeVar("T")

CASES_OPEN = 10_000
"""How many cases are kept open: more than a service keeps, since nothing else needs the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All that a service's rules say of a whole case on a day.

    `findings` are those of the case and of every month, closed ones too, by month (0: of the case itself).
    `shown` is what is shown of a month to the people who query; nothing for most. `wakes` are the first days
    on which the findings of each, by month too, could change by themselves.
    """

    today: date
    by_month: dict[int, list[Finding]]
    overview: Overview
    shown: dict[int, Any]
    wakes: dict[int, date]

    @property
    def wake_on(self) -> date | None:
        """The first day on which any finding could change by itself."""
        return min(self.wakes.values(), default=None)

    @property
    def findings(self) -> list[Finding]:
        """All findings: of the case, then month by month."""
        return [finding for findings in self.by_month.values() for finding in findings]

    @property
    def standing(self) -> list[Finding]:
        """The findings that stand: what the service publishes."""
        return [finding for finding in self.findings if self.closed(finding) is None]

    def closed(self, finding: Finding) -> Closed | None:
        """How an open item was closed by that day; None if it stands."""
        closing = finding.closed(Day(self.today))
        return closing[0] if closing else None


def assess(
    model: CaseModel,
    case: Case,
    today: date,
    policy: Policy,
    months: Mapping[int, Part] | None = None,
    notices: Mapping[str, str] | None = None,
) -> Assessment:
    """Assess a whole case: all rules, of the case and of each of its months.

    `months` are its monthly parts, by number. The summaries of these are put into the case. `notices` are
    what entities tell every case, by their subjects.
    """
    file = CaseFile.holding(model, case, months or {})
    file.notices = notices or {}
    concluded = file.conclude(policy, today, whole=True)
    assert file.overview is not None
    shown = {} if file.months is None else {month: file.months.shown(month) for month in file.months}
    by_month: dict[int, list[Finding]] = {}
    for section, found in sorted(concluded.items()):
        by_month.setdefault(month_of_section(section), []).extend(finding for finding, _, _, _ in found)
    wakes: dict[int, date] = {}
    for section, day in file.wakes.items():
        month = month_of_section(section)
        wakes[month] = min(day, wakes.get(month, day))
    return Assessment(
        today=today,
        by_month=by_month,
        overview=file.overview,
        shown={month: msgspec.json.decode(json) for month, json in shown.items() if json},
        wakes=wakes,
    )


class Casebook:
    """One service with its cases in memory: the same engine as in production, one day or fact at a time."""

    def __init__(
        self,
        service: Service,
        language: Language,
        policy: Policy | None = None,
        *,
        journal: str = IN_MEMORY,
    ) -> None:
        self.latest_day = date.max
        """The day that may have begun by now: one that is announced beyond it waits."""
        self.storage = Memory(journal)
        self.engine = Engine(
            service,
            language,
            self.storage,
            policy=policy,
            latest_day=lambda: self.latest_day,
            transaction_size=sys.maxsize,
            cases_open=CASES_OPEN,
        )

    @property
    def day(self) -> date | None:
        """The day reached; None before the first, when facts are only joined."""
        return self.storage.day

    @property
    def subjects(self) -> list[str]:
        """Whose cases there are: people and entities, in order."""
        return sorted(self.storage.rows)

    @property
    def faults(self) -> dict[str, str]:
        """Why each case in quarantine could not be assessed, by subject."""
        return _run(self.storage.quarantined())

    def handle(self, messages: Sequence[Message]) -> list[Publication]:
        """Take a batch of messages; returns what is published."""
        _run(self.engine.handle(messages))
        return self._sent()

    def take(self, facts: Iterable[Fact]) -> list[Publication]:
        """Join and assess facts, each once; returns what is published. One call is one batch of messages."""
        _run(self.engine.take(list(facts)))
        return self._sent()

    def begin_day(self, day: date) -> list[Publication]:
        """Let the days up to this one begin, each case being assessed when due; returns what is published."""
        while self.day is not None and (due := self.storage.next_due) is not None and due < day:
            self._sweep(due)
        self._sweep(day)
        return self._sent()

    def recheck(self, subject: str) -> list[Publication]:
        """Join a case again from the journal and assess it; returns what is published."""
        _run(self.engine.recheck(subject))
        return self._sent()

    def repeat(self, decision: Fact) -> list[Publication]:
        """Take a decision of the past, which was published then and is not taken again.

        For a service without `decide`; returns the decision and what follows from it.
        """
        subject, cause = decision.subject, decision.cause
        row = self.storage.rows[subject]
        self.storage.rows[subject] = msgspec.structs.replace(row, sequence=row.sequence + 1)
        published = Publication(
            decision.id, decision.type, subject, cause.at, decision.body, cause.traceparent
        )
        return [published, *self.take([decision])]

    def file(self, subject: str) -> CaseFile:
        """The case of a subject as the engine would open it, with all its months."""
        row = self.storage.rows[subject]
        model = next(model for model in self.engine.service.models if model.kind == row.kind)
        file = case_file(model, row)
        for _, month, state in _run(self.storage.months((), (), [subject])):
            assert file.months is not None
            file.months.open(month, state)
        file.notices = _run(self.storage.clock()).notices
        return file

    def overview(self, subject: str) -> Overview:
        """Where the case of a subject stood when it was last assessed."""
        return self.storage.overviews[subject]

    def _sweep(self, day: date) -> None:
        _run(self.storage.set_day(day))
        _run(self.engine.sweep())

    def _sent(self) -> list[Publication]:
        sent, self.storage.sent = self.storage.sent, []
        return sent


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Do work that waits for nothing outside: cases in memory are at hand at once."""
    try:
        while work.send(None) is None:
            pass  # it only let others run
    except StopIteration as end:
        found: T = end.value
        return found
    raise RuntimeError("work on cases in memory waited for something")
