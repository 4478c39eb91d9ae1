"""Referrals to commissioned services, as practitioners ask for them and providers carry them out."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from schemas.practice import ReferralRequested
from schemas.providers import (
    ActionPlanSubmitted,
    EndOfServiceReportSubmitted,
    InitialAssessmentDelivered,
    PlacementOffered,
    ReferralAccepted,
    ReferralConcluded,
    ReportedOutcome,
    SessionRecorded,
)
from schemas.words import OutcomeResult
from tools.simulate.market import NEEDS
from tools.simulate.people import Person
from tools.simulate.recorder import EventRecorder, working_days_after
from tools.simulate.served import Served

REFERRED = 0.3
"""The share of sentences with a RAR, or served on licence, under which a service is asked for."""
SESSIONS = 4


class Interventions:
    """What is asked for and done under one person's sentences."""

    def __init__(self, person: Person, recorder: EventRecorder, chance: Random) -> None:
        self._person = person
        self._recorder = recorder
        self._chance = chance

    def refer(self, served: Served) -> None:
        """Ask for a service some weeks after the start, and let its provider carry it out."""
        self._place(served)
        kinds = {requirement.kind for requirement in served.requirements}
        if not ("rar" in kinds or served.kind == "custodial") or self._chance.random() >= REFERRED:
            return
        asked_on = working_days_after(served.starts_on, self._chance.randint(10, 25))
        if not served.live_on(asked_on):
            return
        referral_id = f"{served.sentence_id}-F1"
        request = ReferralRequested(
            referral_id=referral_id,
            sentence_id=served.sentence_id,
            requested_on=asked_on,
            kind="commissioned_service",
            need=self._chance.choice(NEEDS),
            ready_to_start=self._chance.random() < 0.95,
            consented=True,
            desired_outcomes=["settled"],
        )
        self._recorder.record(request, asked_on)
        self._provide(served, referral_id, asked_on)

    def _provide(self, served: Served, referral_id: str, asked_on: date) -> None:
        chance, record = self._chance, self._recorder.record
        on = working_days_after(asked_on, chance.choices((1, 3, 5, 8), (35, 35, 20, 10))[0])
        provider = f"{self._person.unit.code}-HUB"
        record(ReferralAccepted(referral_id=referral_id, provider_id=provider, accepted_on=on), on)
        on = working_days_after(on, chance.choices((2, 4, 9), (50, 35, 15))[0])
        record(InitialAssessmentDelivered(referral_id=referral_id, delivered_on=on), on)
        on = working_days_after(on, chance.choices((2, 4, 7), (50, 35, 15))[0])
        record(ActionPlanSubmitted(referral_id=referral_id, submitted_on=on, sessions=SESSIONS), on)
        attended = 0
        for n in range(1, SESSIONS + 1):
            on = working_days_after(on + timedelta(days=7), 0)
            if not served.live_on(on):
                return
            came = chance.random() < self._person.reliable
            attended += came
            session = SessionRecorded(
                session_id=f"{referral_id}-S{n}",
                sentence_id=served.sentence_id,
                referral_id=referral_id,
                held_on=on,
                activity="session",
                minutes=60 if came else 0,
                outcome="complied" if came else "rescheduled_by_person",
                national_standard=False,
            )
            record(session, on)
        on = working_days_after(on, 1)
        record(ReferralConcluded(referral_id=referral_id, concluded_on=on), on)
        on = working_days_after(on, chance.choices((2, 4, 9), (50, 35, 15))[0])
        result: OutcomeResult = (
            "achieved" if attended == SESSIONS else "partly" if attended else "not_achieved"
        )
        outcomes = [ReportedOutcome(outcome="settled", result=result)] if chance.random() < 0.9 else []
        report = EndOfServiceReportSubmitted(referral_id=referral_id, submitted_on=on, outcomes=outcomes)
        record(report, on)

    def _place(self, served: Served) -> None:
        """Offer a placement of unpaid work; some are too far away, or not suitable for women."""
        for requirement in served.requirements:
            if requirement.kind == "unpaid_work":
                offered_on = working_days_after(served.starts_on, self._chance.randint(3, 8))
                offer = PlacementOffered(
                    placement_id=f"{requirement.requirement_id}-P1",
                    requirement_id=requirement.requirement_id,
                    offered_on=offered_on,
                    travel_minutes=self._chance.choice((15, 30, 45, 60, 75, 100)),
                    suits_women=self._chance.random() < 0.8,
                    location=self._person.unit.name,
                )
                self._recorder.record(offer, offered_on)
