"""Suspensions of contact as tests speak of them: from which day, until which, and for what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from schemas.contacts import ContactResumed, ContactSuspended, ResetFollowUpDue, SuspensionRefused
from schemas.envelope import Data
from services.contacts.app import SERVICE
from services.contacts.suspensions.rules import (
    contact_resumed,
    contact_suspended,
    reset_follow_up,
    suspension_refused,
)
from services.contacts.suspensions.suspension import Suspension, suspensions
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding, Overview
from shared.engine.casebook import assess
from shared.engine.packing import CASE
from shared.policy import Policy
from tests.contacts.facts import (
    POLICY,
    Known,
    custodial,
    decided,
    order,
    released,
    risk,
    suspension_asked,
    varied,
)

RULES = (contact_suspended, contact_resumed, suspension_refused, reset_follow_up)

Span = tuple[str, str, str]


def rar_order(imposed: str, ends: str, id: str = "S1") -> Data:
    """An order with a rehabilitation activity requirement, whose appointments cease in Reset."""
    return order(imposed, ends, id, only=("rar",))


def rar_kept(on: str, ends: str, id: str = "S1") -> Data:
    """A variation of its end that leaves it that requirement."""
    return varied(on, ends, id, only=("rar",))


YEAR = rar_order("2026-01-01", "2026-12-31")
"""365 days: the last third starts 244 days after the first (243 and a third, rounded up), on 2 September."""

LICENCE = [custodial("2025-09-01"), released("2026-01-01", "2026-12-31")]
"""On licence on the same days."""

ASSESSED = risk("2022-06-01", "medium", id="A0")
"""Long before: without any assessment a person is exempt from Reset."""

IN_RESET = ("2026-09-02", "2027-01-01", "reset")

RELEASED = [custodial("2022-07-01"), released("2023-01-01", "2023-03-31", "2023-12-31")]
"""On licence to 31 March, in post-sentence supervision from 1 April to 31 December 2023, before Reset."""

OVER = "2024-01-01"
LOW = risk("2023-01-10", "low")
ASKED = suspension_asked("2023-06-01")
GRANTED = [*RELEASED, LOW, ASKED, decided("2023-06-05")]
"""Contact is suspended from 5 June 2023 on, with the manager's agreement."""

PSS = "post_sentence_supervision"


class Spoken:
    """What the rules about suspensions say of these facts on a day."""

    def __init__(self, known: Known, today: date, policy: Policy = POLICY) -> None:
        alone = replace(SERVICE.person, rules=RULES, overview=lambda view, findings: Overview())
        self.assessment = assess(alone, known.case, today, policy, known.parts)
        self.findings = self.assessment.by_month[CASE]
        self.wake_on = self.assessment.wakes.get(CASE)

    def of(self, event: type) -> list[Finding]:
        return [finding for finding in self.findings if type(finding.event) is event]

    def summary(self) -> set[tuple[str, str, str, str | None]]:
        return {
            (type(f.event).__name__, f.key, f.event.model_dump_json(), self.assessment.closed(f))
            for f in self.findings
        }

    @property
    def suspended(self) -> list[tuple[str, str]]:
        """Each suspension by its key, with its ground."""
        return [(f.key, f.event.ground) for f in self.of(ContactSuspended)]

    @property
    def resumed(self) -> list[tuple[str, str]]:
        """Each resumption by its key, with what contact had been suspended for."""
        return [(f.key, f.event.ground) for f in self.of(ContactResumed)]

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Each refused request, with the reason."""
        return [(f.key, f.event.reason) for f in self.of(SuspensionRefused)]

    @property
    def follow_ups(self) -> list[tuple[str, str, str | None]]:
        """Each follow-up by its key, with its day and how it was closed."""
        return [
            (f.key, f.event.due_on.isoformat(), self.assessment.closed(f)) for f in self.of(ResetFollowUpDue)
        ]


def said(*facts: Any, on: str, policy: Policy = POLICY) -> Spoken:
    return Spoken(Known(*facts), date.fromisoformat(on), policy)


def found(*facts: Any, sentence: str = "S1", policy: Policy = POLICY) -> list[Suspension]:
    """All suspensions of a sentence."""
    return suspensions(ContactsView(Known(*facts).case, policy)).of(sentence)


def spans(*facts: Any, sentence: str = "S1", policy: Policy = POLICY) -> list[Span]:
    """The same in short: first day, the first day without, ground."""
    return [
        (span.first.isoformat(), span.until.isoformat(), span.ground)
        for span in found(*facts, sentence=sentence, policy=policy)
    ]
