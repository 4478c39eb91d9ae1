"""What is done about failures: a warning, then a breach; on licences warnings, then recall.

And about absences: a manager reviews them when they have become many.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Literal

from schemas.court import (
    AppealDecided,
    AppealLodged,
    BreachHearingResulted,
    SentenceRevoked,
    SentenceVaried,
)
from schemas.practice import EnforcementActionTaken, ManagerDecisionRecorded, RecallDecided, Warning
from schemas.prison import PersonLeftCustody, PersonReleased, PersonTakenIntoCustody
from schemas.words import AcceptableReason, BreachSanction, EnforcementAction, HearingOutcome
from shared.calendar import add_months, year_beginning
from tools.simulate.recorder import EventRecorder, first_thing, working_days_after
from tools.simulate.release import conditions
from tools.simulate.served import Served

LESSER: tuple[EnforcementAction, ...] = ("warning", "warning", "compliance_letter")
"""What may come before the final warning on a licence."""

FIXED_TERMS = ((date(2026, 3, 31), 56), (date.min, 14))
"""The days of a fixed-term recall by the day of the decision, for a sentence of less than 12 months."""


SERVICE_CAUSES: tuple[AcceptableReason, ...] = ("stood_down", "in_custody")
"""Reasons of absences that no manager asks about."""
ABSENCES_REVIEWED = 3
REVIEWED = 0.8
"""The share of managers' reviews that are held."""
INCOMPLETE = 0.05
"""The share of warnings that do not state everything."""
RETURNED = 0.05
"""The share of breaches that the enforcement officer returns."""
APPEALED = 0.06
"""The share of proven breaches after which the person appeals against the sentence."""
SANCTIONS: tuple[BreachSanction, ...] = ("none", "fine", "unpaid_work", "more_onerous")


class Answers:
    """What practitioner, manager and court do about the failures and absences on one sentence."""

    def __init__(self, served: Served, recorder: EventRecorder, chance: Random) -> None:
        self._served = served
        self._recorder = recorder
        self._chance = chance
        self._warned_on: list[date] = []
        self._last_warned = False
        self._breach: tuple[date, date] | None = None
        self._absences: list[date] = []
        self._count = 0

    def fail(self, contact_id: str, failed_on: date, known_on: date) -> None:
        """Act on a failure, usually within two business days of knowing about it."""
        lag = self._chance.choices((1, 2, 4, 7), (55, 30, 10, 5))[0]
        answered_on = working_days_after(known_on, lag)
        if not self._served.live_on(answered_on):
            return
        if self._served.on_licence(failed_on):
            self._on_licence(contact_id, answered_on)
        elif self._breach is not None and self._breach[0] <= answered_on < self._breach[1]:
            self._act("no_further_action", contact_id, answered_on)
        elif not any(w <= failed_on <= year_beginning(w) for w in self._warned_on):
            self._warned_on.append(answered_on)
            self._act("warning", contact_id, answered_on)
        elif self._chance.random() < 0.85:
            self._bring_breach(contact_id, answered_on)
        else:
            self._act("no_further_action", contact_id, answered_on)
            self._decide("enforcement_review", working_days_after(answered_on, 2), approved=False)

    def excuse(self, reason: AcceptableReason | None, accepted_on: date) -> None:
        """Count an acceptable absence; when there are enough the manager mostly holds a review."""
        if self._served.kind == "custodial" or reason in SERVICE_CAUSES:
            return
        self._absences.append(accepted_on)
        reviewed_on = working_days_after(accepted_on, self._chance.randint(3, 12))
        enough = len(self._absences) >= ABSENCES_REVIEWED
        if enough and self._served.live_on(reviewed_on) and self._chance.random() < REVIEWED:
            self._absences.clear()
            self._decide("absence_review", reviewed_on, approved=self._chance.random() < 0.9)

    def _decide(
        self, about: Literal["absence_review", "enforcement_review"], on: date, *, approved: bool
    ) -> None:
        self._count += 1
        decision = ManagerDecisionRecorded(
            decision_id=f"{self._served.sentence_id}-M{self._count:02d}",
            about=about,
            sentence_id=self._served.sentence_id,
            approved=approved,
            decided_on=on,
        )
        self._recorder.record(decision, on)

    def _act(self, action: EnforcementAction, contact_id: str | None, on: date, minutes: int = 0) -> None:
        self._count += 1
        stated = None
        if action == "warning" and self._served.kind != "custodial":
            stated = Warning(
                circumstances=True, unacceptable=True, liability=self._chance.random() >= INCOMPLETE
            )
        taken = EnforcementActionTaken(
            action_id=f"{self._served.sentence_id}-E{self._count:02d}",
            sentence_id=self._served.sentence_id,
            contact_id=contact_id,
            taken_at=first_thing(on) + timedelta(minutes=minutes),
            action=action,
            warning=stated,
        )
        self._recorder.record(taken, on)

    def _bring_breach(self, contact_id: str, on: date) -> None:
        self._act("breach_initiated", contact_id, on)
        packed_on = working_days_after(on, self._chance.randint(3, 9))
        if self._chance.random() < RETURNED:
            self._breach = (on, packed_on)
            self._act("breach_returned", contact_id, packed_on)
            return
        laid_on = working_days_after(packed_on, self._chance.randint(1, 3))
        heard_on = working_days_after(laid_on, self._chance.randint(12, 30))
        self._act("breach_pack_completed", contact_id, packed_on)
        self._act("breach_information_laid", contact_id, laid_on)
        if self._chance.random() < 0.15:
            self._hear("adjourned", heard_on)
            heard_on = working_days_after(heard_on, 10)
        outcomes: tuple[HearingOutcome, ...] = (
            "proven_continued",
            "proven_varied",
            "not_proven",
            "withdrawn",
            "revoked_and_resentenced",
        )
        outcome = self._chance.choices(outcomes, (58, 12, 8, 7, 15))[0]
        self._breach = (on, heard_on)
        self._hear(outcome, heard_on)
        if outcome == "proven_continued" and self._chance.random() < APPEALED:
            self._appeal(working_days_after(heard_on, self._chance.randint(1, 14)))
        if outcome == "revoked_and_resentenced":
            self._served.over_on = heard_on
            revoked = SentenceRevoked(
                sentence_id=self._served.sentence_id, revoked_on=heard_on, reason="resentenced"
            )
            self._recorder.record(revoked, heard_on)
        if outcome == "proven_varied":
            self._served.ends_on = add_months(self._served.ends_on, 3)
            varied = SentenceVaried(
                sentence_id=self._served.sentence_id,
                varied_on=heard_on,
                ends_on=self._served.ends_on,
                requirements=self._served.requirements,
            )
            self._recorder.record(varied, heard_on)

    def _appeal(self, lodged_on: date) -> None:
        served, recorder = self._served, self._recorder
        appeal_id = f"{served.sentence_id}-Q{lodged_on:%m%d}"
        stayed = self._chance.random() < 0.4
        decided_on = working_days_after(lodged_on, self._chance.randint(20, 60))
        lodged = AppealLodged(
            appeal_id=appeal_id, sentence_id=served.sentence_id, lodged_on=lodged_on, stayed=stayed
        )
        recorder.record(lodged, lodged_on)
        outcomes: tuple[Literal["dismissed", "abandoned", "allowed_quashed"], ...] = (
            "dismissed",
            "abandoned",
            "allowed_quashed",
        )
        outcome = self._chance.choices(outcomes, (70, 15, 15))[0]
        decided = AppealDecided(
            appeal_id=appeal_id, sentence_id=served.sentence_id, decided_on=decided_on, outcome=outcome
        )
        recorder.record(decided, decided_on)
        if outcome == "allowed_quashed":
            served.over_on = decided_on

    def _hear(self, outcome: HearingOutcome, on: date) -> None:
        proven = outcome.startswith("proven")
        sanction = self._chance.choices(SANCTIONS, (30, 30, 25, 15))[0] if proven else None
        hearing = BreachHearingResulted(
            hearing_id=f"{self._served.sentence_id}-H{on:%m%d}",
            sentence_id=self._served.sentence_id,
            heard_on=on,
            outcome=outcome,
            sanction=sanction,
            fine_pounds=self._chance.choice((50, 80, 120, 200, 500)) if sanction == "fine" else None,
        )
        self._recorder.record(hearing, on)

    def _on_licence(self, contact_id: str, on: date) -> None:
        """Warn, soon for the last time; then recommend recall, or decide on nothing further."""
        if not self._warned_on and self._chance.random() < 0.6:
            self._act(self._chance.choice(LESSER), contact_id, on)
        elif not self._last_warned:
            self._last_warned = True
            self._act("final_warning", contact_id, on)
        elif self._chance.random() < 0.8:
            self._last_warned = False
            self._recommend_recall(contact_id, on)
        else:
            self._act("no_further_action", contact_id, on)
        self._warned_on.append(on)

    def _recommend_recall(self, contact_id: str, on: date) -> None:
        """Recommended, agreed and endorsed in a day; Part A the day after, mostly within 24 hours."""
        self._act("recall_recommended", contact_id, on)
        self._act("recall_manager_agreed", contact_id, on, minutes=180)
        self._act("recall_senior_endorsed", contact_id, on, minutes=270)
        sent_on = on + timedelta(days=1)
        self._act(
            "recall_part_a_sent", contact_id, sent_on, self._chance.choices((60, 150, 240), (60, 30, 10))[0]
        )
        self._recall(working_days_after(sent_on, 0))

    def _recall(self, decided_on: date) -> None:
        served, recorder, chance = self._served, self._recorder, self._chance
        taken_on = decided_on + timedelta(days=chance.randint(1, 10))
        exclusion = chance.choices((None, "mappa_level_2_3", "new_charge_without_conviction"), (85, 8, 7))[0]
        days = 90 if exclusion else next(days for day, days in FIXED_TERMS if decided_on >= day)
        left_on = taken_on + timedelta(days=days)
        served.away.append((taken_on, left_on))
        name = f"{served.sentence_id}-R{decided_on:%m%d}"
        decided = RecallDecided(
            recall_id=name,
            sentence_id=served.sentence_id,
            decided_on=decided_on,
            exclusions=[exclusion] if exclusion else [],
            emergency=chance.random() < 0.1,
        )
        recorder.record(decided, decided_on)
        recorder.record(
            PersonTakenIntoCustody(
                custody_id=name, taken_on=taken_on, reason="recall", sentence_id=served.sentence_id
            ),
            taken_on,
        )
        recorder.record(PersonLeftCustody(custody_id=name, left_on=left_on), left_on)
        if left_on <= served.ends_on:
            served.licence_ends_on = max(left_on, served.licence_ends_on or left_on)
            released = PersonReleased(
                sentence_id=served.sentence_id,
                released_on=left_on,
                licence_ends_on=served.licence_ends_on,
                pss_ends_on=served.ends_on,
                conditions=conditions(served.sentence_id),
            )
            recorder.record(released, left_on)
