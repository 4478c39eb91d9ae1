"""Facts about one person, as the feeds tell them, and what the contacts service's rules say of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from schemas.allocation import CaseAllocated, SupervisionEnded
from schemas.catalogue import correction_key
from schemas.contacts import ContactStandardMissed
from schemas.court import (
    Court,
    Person,
    Requirement,
    SentenceImposed,
    SentenceRevoked,
    SentenceVaried,
)
from schemas.envelope import Data, Published, Why
from schemas.practice import ContactOutcomeRecorded, ContactScheduled, PersonDied
from schemas.prison import PersonLeftCustody, PersonReleased, PersonTakenIntoCustody
from schemas.providers import SessionRecorded
from services.contacts.app import SERVICE
from services.contacts.case import MONTHLY_REGISTERS, REGISTERS, ContactsCase, ContactsMonth, Overview, began
from services.contacts.rules import assess, assess_month
from shared.engine.assessment import Day, Finding, Window
from shared.engine.batch import microseconds
from shared.engine.case import first_day, month_of
from shared.policy import Policy

POLICY = Policy.load(SERVICE.policy, SERVICE.name)
WHY = Why(rules=["ALLOC-2"], policy="allocation@2021-06-26", evidence=[])


def day(text: str) -> date:
    return date.fromisoformat(text)


def requirements(*kinds: Any) -> list[Requirement]:
    return [
        Requirement(requirement_id=f"R{n}", kind=kind, amount=100 if kind in ("rar", "unpaid_work") else None)
        for n, kind in enumerate(kinds, 1)
    ]


def sentence(
    kind: Any, imposed: str, ends: str | None, id: str = "S1", only: tuple[str, ...] = ("rar",)
) -> Data:
    return SentenceImposed(
        sentence_id=id,
        kind=kind,
        imposed_on=day(imposed),
        ends_on=day(ends) if ends else None,
        custodial_days=None if ends else 180,
        court=Court(name="Leeds", level="crown"),
        region="london",
        pdu="Camden",
        requirements=requirements(*only) if ends else [],
        person=Person(born_on=date(1990, 1, 1), sex="male"),
        partner_violence=False,
        sexual_offence=False,
        extremism_offence=False,
    )


def order(imposed: str, ends: str, id: str = "S1", only: tuple[str, ...] = ("rar",)) -> Data:
    return sentence("community_order", imposed, ends, id, only)


def custodial(imposed: str, id: str = "S1") -> Data:
    return sentence("custodial", imposed, None, id)


def varied(on: str, ends: str, id: str = "S1", only: tuple[str, ...] = ("rar",)) -> Data:
    return SentenceVaried(
        sentence_id=id, varied_on=day(on), ends_on=day(ends), requirements=requirements(*only)
    )


def revoked(on: str, id: str = "S1", reason: Any = "breach") -> Data:
    return SentenceRevoked(sentence_id=id, revoked_on=day(on), reason=reason)


def released(on: str, licence: str, pss: str | None = None, id: str = "S1") -> Data:
    return PersonReleased(
        sentence_id=id,
        released_on=day(on),
        licence_ends_on=day(licence),
        pss_ends_on=day(pss) if pss else None,
    )


def taken(on: str, id: str = "K1", reason: Any = "remand") -> Data:
    return PersonTakenIntoCustody(custody_id=id, taken_on=day(on), reason=reason)


def left(on: str, id: str = "K1") -> Data:
    return PersonLeftCustody(custody_id=id, left_on=day(on))


def died(on: str) -> Data:
    return PersonDied(died_on=day(on))


def ended(on: str, id: str = "S1", reason: Any = "completed") -> Data:
    return SupervisionEnded(sentence_id=id, ended_on=day(on), reason=reason, practitioner_changes=0, why=WHY)


def allocated(on: str, practitioner: str, id: str = "S1") -> Data:
    return CaseAllocated(
        sentence_id=id,
        practitioner_id=practitioner,
        team="generic",
        region="london",
        pdu="Camden",
        allocated_on=day(on),
        late=False,
        reason="new",
        workload_percent_before=50.0,
        workload_percent_after=60.0,
        why=WHY,
    )


def contact(
    on: str,
    outcome: Any = "complied",
    mode: Any = "face_to_face",
    *,
    id: str | None = None,
    sentence: str = "S1",
    ns: bool = True,
    reason: Any = None,
    requirement: str | None = None,
    kind: Any = "planned",
    voided: bool = False,
) -> Data:
    return ContactOutcomeRecorded(
        contact_id=id or f"C-{on}",
        sentence_id=sentence,
        requirement_id=requirement,
        occurred_on=day(on),
        kind=kind,
        mode=mode,
        national_standard=ns,
        outcome=outcome,
        acceptable_reason=reason or ("medical" if outcome == "acceptable_absence" else None),
        voided=voided,
    )


def scheduled(
    on: str,
    mode: Any = "face_to_face",
    *,
    id: str | None = None,
    sentence: str = "S1",
    ns: bool = True,
    notified: bool = True,
) -> Data:
    return ContactScheduled(
        contact_id=id or f"C-{on}",
        sentence_id=sentence,
        scheduled_on=day(on),
        kind="planned",
        mode=mode,
        national_standard=ns,
        notified=notified,
    )


def session(
    on: str,
    outcome: Any = "complied",
    *,
    id: str | None = None,
    sentence: str = "S1",
    activity: Any = "unpaid_work",
    ns: bool = True,
    reason: Any = None,
) -> Data:
    return SessionRecorded(
        session_id=id or f"P-{on}",
        sentence_id=sentence,
        requirement_id="R1",
        held_on=day(on),
        activity=activity,
        minutes=420 if outcome == "complied" else 0,
        outcome=outcome,
        acceptable_reason=reason or ("medical" if outcome == "acceptable_absence" else None),
        national_standard=ns,
    )


class Known:
    """The case that these facts make, in the registers and months where the engine puts them.

    Each was recorded a second after the one before it, on 1 January 2026: the last of one key stands.
    """

    def __init__(self, *facts: Data) -> None:
        self.case = ContactsCase(subject="X123456")
        self.parts: dict[int, ContactsMonth] = defaultdict(ContactsMonth)
        monthly: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        recorded = recording(date(2026, 1, 1))
        for n, fact in enumerate(facts):
            kind, id = type(fact).__name__, f"E{n}"
            # What a service publishes is never corrected: it is kept by its event id.
            key = id if isinstance(fact, Published) else correction_key(kind, fact)
            if kind in REGISTERS:
                record = REGISTERS[kind].record(fact, id, "/feeds/test", microseconds(recorded(n)))
                getattr(self.case, REGISTERS[kind].into)[key] = record
            else:
                record = MONTHLY_REGISTERS[kind].record(fact, id, "/feeds/test", microseconds(recorded(n)))
                monthly[key][kind].append(record)
        for key, versions in monthly.items():
            first = next(kind for kind in MONTHLY_REGISTERS if kind in versions)
            part = self.parts[MONTHLY_REGISTERS[first].month(versions[first][-1])]
            for kind, (*former, record) in versions.items():
                register = MONTHLY_REGISTERS[kind]
                getattr(part, register.into)[key] = record
                if register.former is not None and former:
                    getattr(part, register.former)[key] = former

    def on(self, today: str | date) -> Said:
        """What the rules say on a day."""
        return Said(self, day(today) if isinstance(today, str) else today)


class Said:
    """All findings of a case on a day, and the day until which they hold."""

    def __init__(self, known: Known, today: date) -> None:
        now = Day(today)
        start = began(known.case)
        months = {month + after for month in known.parts for after in (0, 1)}
        if start is not None:
            months |= set(range(month_of(start), month_of(today) + 2))
        empty = ContactsMonth()
        self.findings: list[Finding] = []
        for month in sorted(months):
            window = Window(
                previous=known.parts.get(month - 1, empty),
                this=known.parts.get(month, empty),
                first=first_day(month),
                last=date.fromordinal(first_day(month + 1).toordinal() - 1),
            )
            found = list(assess_month(Overview(known.case), window, now, POLICY))
            assert all(window.holds(_dated(finding)) for finding in found)
            self.findings += found
        self.standing = assess(known.case, now, POLICY)
        self.wake_on = now.wake_on

    def of(self, event: type) -> list[Finding]:
        return [finding for finding in self.findings if type(finding.event) is event]

    def open(self, event: type) -> list[str]:
        """The keys of the findings of that kind that stand."""
        return [finding.key for finding in self.of(event) if finding.closed is None]

    def summary(self) -> set[tuple[str, str, str, str | None]]:
        return {(type(f.event).__name__, f.key, f.event.model_dump_json(), f.closed) for f in self.findings}


def _dated(finding: Finding) -> date:
    found: date = getattr(finding.event, "missed_on", None) or finding.event.period_end
    return found


def keys(findings: Iterable[Finding]) -> list[str]:
    return [finding.key for finding in findings]


def recording(first: date) -> Callable[[int], datetime]:
    """The instant at which the n-th fact was recorded: one a second, whatever the order of arrival."""
    start = datetime(first.year, first.month, first.day, 9, tzinfo=UTC)
    return lambda n: start + timedelta(seconds=n)


MARCH = order("2026-03-01", "2026-03-31")
"""An order of one monthly period, 1 to 31 March."""

MET: list[tuple[int, bool]] = []
MISSED = [(0, False)]
EXCUSED = [(0, True)]


def missed(*facts: Data, order: Data = MARCH, on: str = "2026-04-01") -> list[tuple[int, bool]]:
    """(attended, excused) of each period missed."""
    found = Known(order, *facts).on(on).of(ContactStandardMissed)
    return [(finding.event.attended, finding.event.excused) for finding in found]
