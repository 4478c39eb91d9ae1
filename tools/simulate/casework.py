"""A practitioner's work besides appointments: plans, checks with other agencies, requests, transfers."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Literal

from schemas.practice import (
    ContactSuspensionRequested,
    EmploymentNeedAssessed,
    ManagerDecisionRecorded,
    PartnerCheckCompleted,
    ProgressRecognised,
    RarAllocation,
    SentencePlanCompleted,
    TransferAccepted,
    TransferRequested,
)
from schemas.words import PartnerCheckKind, Rosh
from tools.simulate.people import UNITS, Person
from tools.simulate.recorder import ONE_DAY, EventRecorder, working_days_after
from tools.simulate.risk import Risk
from tools.simulate.served import Served

EVERY: dict[Rosh, int] = {"low": 28, "medium": 14, "high": 7, "very_high": 7}
"""Days between two appointments with the practitioner."""
FIRST_WEEKS, WEEKLY = timedelta(days=28), 7
RESET_BEGAN = date(2024, 6, 7)
"""From this day on practitioners see most people only in the first two thirds of supervision."""
POST_SENTENCE_SUPERVISION_ENDED = date(2026, 5, 11)
INCOMPLETE = 0.06
"""The share of plans that are first completed without the person's self-assessment."""
TRANSFERRED = 0.03
RECOGNISED = 0.1
"""The share of sentences on which progress is recognised."""
NO_MORE_CONTACT = 0.1
"""The share of people for whom a suspension is requested although they have no more contact."""


class Casework:
    """The casework on one person."""

    def __init__(self, person: Person, risk: Risk, recorder: EventRecorder, chance: Random) -> None:
        self._person = person
        self._recorder = recorder
        self._chance = chance
        self._every: list[tuple[date, int]] = []
        self._transferring: tuple[date, date] | None = None
        self.risk = risk

    # -- what appointments depend on ---------------------------------------------------------------

    def every_on(self, served: Served, day: date) -> int:
        """The number of days from an appointment on that day to the next."""
        priority = self.risk.registered_on(day, "integrated_offender_management")
        if priority or day < served.starts_on + FIRST_WEEKS:
            return WEEKLY
        reviewed = [days for since, days in self._every if since <= day]
        return reviewed[-1] if reviewed else EVERY[self.risk.rosh_on(day)]

    def contact_suspended_on(self, sentences: list[Served], day: date) -> bool:
        """Whether contact is suspended that day, because all sentences are in or past their last third."""
        live = [served for served in sentences if served.live_on(day)]
        if any(served.suspended_on and served.suspended_on <= day for served in live):
            return True
        exempt = self._person.mappa or self.risk.rosh_on(day) == "very_high"
        exempt = exempt or self.risk.registered_on(day, "child_protection")
        return day >= RESET_BEGAN and not exempt and all(day >= served.last_third()[0] for served in live)

    def transferring_on(self, day: date) -> bool:
        """Whether the person is being transferred to another unit on that day."""
        return self._transferring is not None and self._transferring[0] <= day <= self._transferring[1]

    # -- the work ------------------------------------------------------------------------------------

    def begin(self, served: Served) -> None:
        """The first weeks: checks with other agencies, a plan, an assessment of the need for education."""
        self._ask(served)
        if not served.work_only:
            self._plan(served)
        if any(requirement.kind == "unpaid_work" for requirement in served.requirements):
            assessed_on = working_days_after(served.starts_on, self._chance.randint(3, 10))
            need = EmploymentNeedAssessed(
                sentence_id=served.sentence_id,
                assessed_on=assessed_on,
                has_need=self._chance.random() < 0.6,
            )
            self._recorder.record(need, assessed_on)

    def _ask(self, served: Served) -> None:
        checks: list[PartnerCheckKind] = ["safeguarding_and_domestic_abuse", "health"]
        if "young_adult" in self._person.cohorts:
            checks.append("youth_offending_services")
        for check in checks:
            days = self._chance.choices((2, 5, 9, 18, None), (30, 35, 25, 7, 3))[0]
            if days is None:
                continue
            answered_on = working_days_after(served.starts_on, days)
            if served.live_on(answered_on):
                answer = PartnerCheckCompleted(
                    sentence_id=served.sentence_id, check=check, completed_on=answered_on
                )
                self._recorder.record(answer, answered_on)

    def _plan(self, served: Served) -> None:
        chance = self._chance
        on = working_days_after(served.seen_on, chance.choices((5, 9, 13, 20), (30, 36, 28, 6))[0])
        need = chance.random() < 0.85
        if chance.random() < INCOMPLETE:
            self._record_plan(served, 1, on, "missing", need)
            on = working_days_after(on, chance.randint(3, 10))
            self._record_plan(served, 2, on, "included", need)
        else:
            self._record_plan(served, 1, on, chance.choices(("included", "declined"), (85, 15))[0], need)
        reviewed_on = working_days_after(self.risk.reassessed_on, chance.randint(1, 8))
        if chance.random() < 0.5 and served.live_on(reviewed_on):
            rosh = self.risk.rosh_on(reviewed_on)
            # Some people at low or medium risk are seen half as often, or twice as often.
            every = chance.choices((None, 14, 28), (60, 20, 20))[0] if rosh in ("low", "medium") else None
            self._record_plan(served, 3, reviewed_on, "included", need, every)

    def _record_plan(
        self,
        served: Served,
        n: int,
        on: date,
        own: Literal["included", "declined", "missing"],
        need: bool,
        every: int | None = None,
    ) -> None:
        if not served.live_on(on):
            return
        if every is not None:
            self._every.append((on, every))
        rar = [requirement for requirement in served.requirements if requirement.kind == "rar"]
        plan = SentencePlanCompleted(
            plan_id=f"{served.sentence_id}-P{n}",
            sentence_id=served.sentence_id,
            completed_on=on,
            self_assessment=own,
            rehabilitative_need=need,
            face_to_face_every_days=every,
            rar_allocations=[
                RarAllocation(
                    requirement_id=requirement.requirement_id,
                    need="attitudes_thinking_behaviour",
                    days=requirement.amount or 0,
                )
                for requirement in rar
            ],
            sequence=[requirement.requirement_id for requirement in served.requirements],
            family_considered=True,
            gender_specific_evidence=True,
            young_adult_transition=True if "young_adult" in self._person.cohorts else None,
        )
        self._recorder.record(plan, on)

    def recognise(self, served: Served) -> None:
        """Recognise the person's progress, well into a sentence that is still served."""
        on = working_days_after(served.starts_on + (served.ends_on - served.starts_on) * 3 // 5, 0)
        if self._chance.random() < RECOGNISED and served.live_on(on):
            recognised = ProgressRecognised(
                recognition_id=f"{served.sentence_id}-G1",
                sentence_id=served.sentence_id,
                recognised_on=on,
                form=self._chance.choice(("letter", "certificate")),
            )
            self._recorder.record(recognised, on)

    def suspend(self, served: Served) -> None:
        """Request, after a licence, to suspend contact for somebody who is still being seen."""
        if served.licence_ends_on is None:
            return
        chance = self._chance
        asked_on = working_days_after(served.licence_ends_on + ONE_DAY, chance.randint(2, 20))
        decided_on = working_days_after(asked_on, chance.randint(1, 6))
        seen = not self.contact_suspended_on([served], asked_on)
        if not (seen or chance.random() < NO_MORE_CONTACT):
            return
        if not served.live_on(decided_on) or decided_on >= POST_SENTENCE_SUPERVISION_ENDED:
            return
        name = f"{served.sentence_id}-Q1"
        need = chance.random() < 0.25
        self._record_plan(served, 4, asked_on, "included", need)
        request = ContactSuspensionRequested(
            request_id=name, sentence_id=served.sentence_id, requested_on=asked_on
        )
        self._recorder.record(request, asked_on)
        approved = chance.random() < 0.8
        decision = ManagerDecisionRecorded(
            decision_id=f"{name}-M",
            about="contact_suspension",
            sentence_id=served.sentence_id,
            approved=approved,
            decided_on=decided_on,
        )
        self._recorder.record(decision, decided_on)
        if approved and not need and self.risk.rosh_on(decided_on) == "low":
            served.suspended_on = decided_on

    def move(self, served: Served) -> None:
        """Transfer some people to another unit, which sometimes never answers."""
        chance, person = self._chance, self._person
        asked_on = working_days_after(served.starts_on + timedelta(days=chance.randint(30, 150)), 0)
        accepted_on = working_days_after(asked_on, chance.randint(4, 15))
        if chance.random() > TRANSFERRED or not served.live_on(asked_on):
            return
        to = chance.choice([unit for unit in UNITS if unit != person.unit])
        name = f"{person.crn}-T1"
        request = TransferRequested(
            transfer_id=name, to_region=to.region, to_pdu=to.name, requested_on=asked_on
        )
        self._recorder.record(request, asked_on)
        self._transferring = (asked_on, accepted_on)
        if chance.random() < 0.8:
            acceptance = TransferAccepted(
                transfer_id=name, to_region=to.region, to_pdu=to.name, accepted_on=accepted_on
            )
            self._recorder.record(acceptance, accepted_on)
