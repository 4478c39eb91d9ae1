"""Suspensions of contact as tests speak of them: from which day, until which, and for what."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date

from shared.policy import Policy
from tests import facts as f
from tests.casebook import Assessed
from tests.contacts.said import POLICY, assessed

FIRST, LAST = date(2022, 1, 1), date(2035, 1, 1)
"""Days before and after all supervision that these tests speak of."""

Span = tuple[str, str, str]
"""First day, the first day on which it is over (with contact again, or with supervision), ground."""

YEAR = f.order("2026-01-01", "2026-12-31")
"""365 days: the last third starts 244 days after the first (243 and a third, rounded up), on 2 September."""

LICENCE = [f.custodial("2025-09-01"), f.released("2026-01-01", "2026-12-31")]
"""On licence on the same days."""

ASSESSED = f.risk("2022-06-01", id="A0")
"""Long before: without any assessment a person is exempt from Reset."""

IN_RESET = ("2026-09-02", "2027-01-01", "reset")

RELEASED = [f.custodial("2022-07-01"), f.released("2023-01-01", "2023-03-31", "2023-12-31")]
"""On licence to 31 March, in post-sentence supervision from 1 April to 31 December 2023, before Reset."""

OVER = "2024-01-01"
LOW = f.risk("2023-01-10", "low", needs="", severe="")
ASKED = f.suspension_asked("2023-06-01")
GRANTED = [*RELEASED, LOW, ASKED, f.decided("2023-06-05")]
"""Contact is suspended from 5 June 2023 on, with the manager's agreement."""

PSS = "post_sentence_supervision"


def suspensions(case: Assessed) -> list[tuple[str, str]]:
    """Each suspension by its key, with its ground."""
    return [(key, event.ground) for key, event in case.open("ContactSuspended").items()]


def resumptions(case: Assessed) -> list[tuple[str, str]]:
    """Each resumption by its key, with what contact had been suspended for."""
    return [(key, event.ground) for key, event in case.open("ContactResumed").items()]


def refusals(case: Assessed) -> list[tuple[str, str]]:
    """Each refused request, with the reason."""
    return [(key, event.reason) for key, event in case.open("SuspensionRefused").items()]


def follow_ups(case: Assessed) -> list[tuple[str, str, str | None]]:
    """Each follow-up by its key, with its day and how it was closed."""
    closed = case.closed("ResetFollowUpDue")
    found = case.findings("ResetFollowUpDue")
    return [(one.key, one.event.due_on.isoformat(), closed.get(one.key)) for one in found]


def spans(*facts: f.Fact, sentence: str = "S1", policy: Policy = POLICY) -> list[Span]:
    """All suspensions of a sentence, as they are published in the course of time."""
    case = assessed(LAST, *facts, policy=policy)
    begun = [e for e in case.open("ContactSuspended").values() if e.sentence_id == sentence]
    again = [e.from_ for e in case.open("ContactResumed").values() if e.sentence_id == sentence]
    ends = sorted([*again, *(e.from_ for e in begun), *([over(*facts, sentence=sentence)] if begun else [])])
    return [
        (e.from_.isoformat(), next(day for day in ends if day > e.from_).isoformat(), e.ground) for e in begun
    ]


def over(*facts: f.Fact, sentence: str = "S1") -> date:
    """The first day on which supervision on a sentence is over."""
    own = [one for one in facts if getattr(one.data, "sentence_id", sentence) in (sentence, None)]
    days = range(FIRST.toordinal(), LAST.toordinal())
    ended = bisect_left(days, True, key=lambda n: assessed(date.fromordinal(n), *own).status == "ended")
    return date.fromordinal(days[ended])
