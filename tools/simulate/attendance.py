"""A person's appointments one by one, and the outcome of each."""

from __future__ import annotations

from datetime import date
from heapq import heapify, heappop, heappush
from random import Random

from schemas.words import AcceptableReason, Mode, Outcome
from tools.simulate.answers import Answers
from tools.simulate.appointments import Appointment, Appointments
from tools.simulate.casework import Casework
from tools.simulate.people import Person
from tools.simulate.recorder import EventRecorder, working_days_after
from tools.simulate.records import Records
from tools.simulate.served import Served

FAILURES: tuple[Outcome, ...] = ("unacceptable_absence", "failed_to_comply", "sent_home_behaviour")
RECORDED_LATE = 0.06
CORRECTED = 0.08
"""The share of failures for which an acceptable reason is found weeks later."""
WRONG_PERSON = 0.004
"""The share of contacts with which somebody else's failure is recorded by mistake, and voided later."""
NEVER_RECORDED = 0.015
NOT_NOTIFIED = 0.5
"""The share of appointments during a transfer of which the person is not notified."""


class Attendance:
    """A person's attendance at all appointments on all sentences."""

    def __init__(
        self,
        person: Person,
        casework: Casework,
        sentences: list[Served],
        recorder: EventRecorder,
        chance: Random,
        other_crn: tuple[str, date] | None,
    ) -> None:
        self._person = person
        self._casework = casework
        self._sentences = sentences
        self._chance = chance
        self._appointments = Appointments(person, casework, sentences, recorder.last, chance)
        self._records = Records(recorder, sentences, other_crn, chance)
        self._answers = {served.sentence_id: Answers(served, recorder, chance) for served in sentences}
        self._remote = chance.random() < 0.12
        self._left: dict[str, int] = {}

    def attend(self) -> None:
        """Attend or miss the appointments in order, including those added on the way."""
        for served in self._sentences:
            for requirement in served.requirements:
                unit = 60 if requirement.kind == "unpaid_work" else 1
                self._left[requirement.requirement_id] = (requirement.amount or 0) * unit
        waiting = list(self._appointments.all())
        heapify(waiting)
        while waiting:
            appointment = heappop(waiting)
            served, done = appointment.served, self._left.get(appointment.requirement_id or "", 1) <= 0
            if done or not served.live_on(appointment.on):
                continue
            stays = len(served.away)
            complied = self._keep(appointment)
            if appointment.kind == "home_visit" and not complied:
                for again in self._appointments.visit_again(appointment):
                    heappush(waiting, again)
            if len(served.away) > stays:
                heappush(waiting, self._appointments.after_recall(served))

    def _keep(self, appointment: Appointment) -> bool:
        """Record one appointment. Returns whether the person complied, according to the records."""
        chance, on = self._chance, appointment.on
        mode, notified = self._mode(appointment), True
        if appointment.kind is not None:
            notified = not self._casework.transferring_on(on) or chance.random() > NOT_NOTIFIED
            self._records.arrange(appointment, appointment.kind, mode, notified)
            if chance.random() < NEVER_RECORDED:
                return False
            if chance.random() < WRONG_PERSON:
                self._records.mistake(appointment, mode)
        late = chance.random() < RECORDED_LATE
        known_on = working_days_after(on, chance.randint(1, 8)) if late else on
        outcome, reason = self._outcome(appointment) if notified else ("unacceptable_absence", None)
        self._records.record(appointment, mode, outcome, reason, known_on)
        if outcome == "failed_to_attend":
            known_on = working_days_after(max(on, known_on), chance.choice((1, 2, 3, 4, 5, 5, 8)))
            outcome, reason = self._decision()
            self._records.record(appointment, mode, outcome, reason, known_on)
        if outcome in FAILURES and notified:
            self._answers[appointment.served.sentence_id].fail(appointment.id, on, known_on)
            if chance.random() < CORRECTED:
                corrected_on = working_days_after(known_on, chance.randint(6, 20))
                self._records.record(appointment, mode, "acceptable_absence", "medical", corrected_on)
        elif outcome == "acceptable_absence":
            self._answers[appointment.served.sentence_id].excuse(reason, max(on, known_on))
        elif outcome == "complied" and appointment.requirement_id is not None:
            unit = appointment.minutes if appointment.activity != "session" else 1
            self._left[appointment.requirement_id] -= unit
        return outcome == "complied"

    def _outcome(self, appointment: Appointment) -> tuple[Outcome, AcceptableReason | None]:
        if self._chance.random() < self._person.reliable:
            return "complied", None
        if appointment.activity == "unpaid_work" and self._chance.random() < 0.25:
            return self._chance.choice((("acceptable_absence", "stood_down"), ("sent_home_service", None)))
        outcomes: tuple[Outcome, ...] = (
            "unacceptable_absence",
            "failed_to_attend",
            "acceptable_absence",
            "rescheduled_by_person",
            "failed_to_comply",
            "sent_home_behaviour",
        )
        outcome = self._chance.choices(outcomes, (30, 25, 28, 10, 5, 2))[0]
        return outcome, self._reason() if outcome == "acceptable_absence" else None

    def _decision(self) -> tuple[Outcome, AcceptableReason | None]:
        """The decision about an absence, once the person has given a reason."""
        if self._chance.random() < 0.55:
            return "acceptable_absence", self._reason()
        return "unacceptable_absence", None

    def _reason(self) -> AcceptableReason:
        reasons: tuple[AcceptableReason, ...] = ("medical", "employment", "family", "court", "other")
        return self._chance.choices(reasons, (45, 20, 20, 5, 10))[0]

    def _mode(self, appointment: Appointment) -> Mode:
        if appointment.kind in ("initial", "home_visit"):
            return "face_to_face"
        modes: tuple[Mode, ...] = ("face_to_face", "video", "telephone")
        return self._chance.choices(modes, (30, 55, 15) if self._remote else (82, 8, 10))[0]
