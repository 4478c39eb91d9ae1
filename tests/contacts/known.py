"""What the contacts service's rules say of facts about one person, in memory and without the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from schemas.catalogue import correction_key
from schemas.contacts import OutcomeOverdue
from schemas.envelope import Data, Published
from services.contacts.app import SERVICE
from services.contacts.case import MONTHLY_REGISTERS, REGISTERS, ContactsCase, ContactsMonth
from shared.calendar import LONDON
from shared.engine.assessment import Finding
from shared.engine.case import month_of
from shared.engine.casebook import assess
from shared.engine.joining import microseconds
from shared.engine.packing import CASE
from shared.policy import Policy

POLICY = SERVICE.load_policy()
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BUSINESS_DAYS = (
    *("imposed_on", "varied_on", "revoked_on", "released_on", "taken_on", "left_on", "died_on", "ended_on"),
    *("allocated_on", "assessed_on", "effective_on", "completed_on", "requested_on", "accepted_on"),
    *("decided_on", "occurred_on", "held_on", "scheduled_on"),
)


class Recorded(NamedTuple):
    """A fact and when it was recorded."""

    at: datetime
    fact: Data


def recorded(at: str, fact: Data) -> Recorded:
    """A fact recorded on a day (in the morning) or at an instant, on the clocks of London."""
    instant = datetime.fromisoformat(at if "T" in at else f"{at}T09:00")
    return Recorded(instant.replace(tzinfo=LONDON).astimezone(UTC), fact)


class Known:
    """The case that these facts make, in the registers and months where the engine puts them.

    Unless said otherwise (`recorded`) each was recorded on its own day, the n-th n seconds after nine, and
    what was said of the same thing before it earlier than that: the last of one key stands. With `clock` the
    n-th was recorded at that instant.
    """

    def __init__(self, *facts: Data | Recorded, clock: Callable[[int], datetime] | None = None) -> None:
        self.case = ContactsCase(subject="X123456")
        self.parts: dict[int, ContactsMonth] = defaultdict(ContactsMonth)
        monthly: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        latest: dict[str, datetime] = {}
        for n, told in enumerate(facts):
            fact = told.fact if isinstance(told, Recorded) else told
            kind, id = type(fact).__name__, f"E{n}"
            # What a service publishes is never corrected: it is kept by its event id.
            key = id if isinstance(fact, Published) else correction_key(kind, fact)
            if isinstance(told, Recorded):
                at = told.at
            elif clock is not None:
                at = clock(n)
            else:
                of = f"{kind}/{key}"
                at = latest[of] = max(recording(_business_day(fact))(n), latest.get(of, EARLIEST) + SECOND)
            if kind in REGISTERS:
                record = REGISTERS[kind].record(fact, id, "/feeds/test", microseconds(at))
                getattr(self.case, REGISTERS[kind].into)[key] = record
            else:
                record = MONTHLY_REGISTERS[kind].record(fact, id, "/feeds/test", microseconds(at))
                monthly[key][kind].append(record)
        for key, versions in monthly.items():
            first = next(kind for kind in MONTHLY_REGISTERS if kind in versions)
            part = self.parts[MONTHLY_REGISTERS[first].month(versions[first][-1])]
            for kind, (*former, record) in versions.items():
                register = MONTHLY_REGISTERS[kind]
                getattr(part, register.into)[key] = record
                if register.former is not None and former:
                    getattr(part, register.former)[key] = former

    def on(self, today: str | date, policy: Policy = POLICY) -> Said:
        """What the rules say on a day."""
        return Said(self, date.fromisoformat(today) if isinstance(today, str) else today, policy)


class Said:
    """All findings of a case on a day, those of its months also by themselves, and until when they hold."""

    def __init__(self, known: Known, today: date, policy: Policy) -> None:
        self.assessment = assess(SERVICE.person, known.case, today, policy, known.parts)
        self.standing = self.assessment.overview
        self.monthly: list[Finding] = []
        for month, findings in self.assessment.by_month.items():
            if month == CASE:
                continue
            # What was arranged for a day lives in the month of the day on which it took place.
            own = [f for f in findings if not isinstance(f.event, OutcomeOverdue)]
            assert all(month_of(dated(f)) == month for f in own)
            self.monthly += findings
        self.shown = self.assessment.shown
        self.findings = self.assessment.findings
        self.wake_on = self.assessment.wake_on
        of_months = [day for month, day in self.assessment.wakes.items() if month != CASE]
        self.months_wake_on = min(of_months, default=None)

    def closed(self, finding: Finding) -> str | None:
        """How an item was closed; None if it stands."""
        return self.assessment.closed(finding)

    def of(self, event: type) -> list[Finding]:
        return [finding for finding in self.findings if type(finding.event) is event]

    def open(self, event: type) -> list[str]:
        """The keys of the findings of that kind that stand."""
        return [finding.key for finding in self.of(event) if self.closed(finding) is None]

    def summary(self) -> set[tuple[str, str, str, str | None]]:
        return {
            (type(f.event).__name__, f.key, f.event.model_dump_json(), self.closed(f)) for f in self.findings
        }


def _business_day(fact: Data) -> date:
    """The day on which it happened, by its data."""
    names = [name for name in BUSINESS_DAYS if hasattr(fact, name)]
    found: date = getattr(fact, names[0]) if names else date(2026, 1, 1)
    return found


def dated(finding: Finding) -> date:
    """The day of a finding of a month."""
    event = finding.event
    for field in ("missed_on", "scheduled_on", "period_end"):
        if hasattr(event, field):
            found: date = getattr(event, field)
            return found
    raise AssertionError(f"{type(event).__name__} belongs to no month")


def keys(findings: Iterable[Finding]) -> list[str]:
    return [finding.key for finding in findings]


def recording(first: date) -> Callable[[int], datetime]:
    """The instant at which the n-th fact was recorded: one a second, whatever the order of arrival."""
    start = datetime(first.year, first.month, first.day, 9, tzinfo=UTC)
    return lambda n: start + timedelta(seconds=n)
