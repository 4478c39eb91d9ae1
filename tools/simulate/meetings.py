"""The appointments of a person's sentences, one after the other, and what came of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Literal

from schemas.practice import ContactOutcomeRecorded, ContactScheduled
from schemas.providers import SessionRecorded
from schemas.words import AcceptableReason, ContactKind, Mode, Outcome, Rosh
from tools.simulate.answers import Answers, Served
from tools.simulate.diary import Diary, working_days_after
from tools.simulate.people import Person

Activity = Literal["session", "unpaid_work", "employment_training_education"]

EVERY: dict[Rosh, int] = {"low": 28, "medium": 14, "high": 7, "very_high": 7}
"""Days between two appointments with the practitioner."""
FAILURES: tuple[Outcome, ...] = ("unacceptable_absence", "failed_to_comply", "sent_home_behaviour")
RECORDED_LATE = 0.06
CORRECTED = 0.08
"""The share of failures for which a good reason turns out weeks later."""
WRONG_PERSON = 0.004
"""The share of contacts with which somebody else's failure is recorded here, and voided later."""
NEVER_RECORDED = 0.01


@dataclass(frozen=True, order=True, slots=True)
class Appointment:
    """A contact with the practitioner (`kind`), or a session with a provider (`activity`)."""

    on: date
    id: str
    served: Served = field(compare=False)
    kind: ContactKind | None = field(compare=False, default=None)
    activity: Activity | None = field(compare=False, default=None)
    requirement_id: str | None = field(compare=False, default=None)
    minutes: int = field(compare=False, default=0)
    arranged_on: date | None = field(compare=False, default=None)


class Meetings:
    """A person on the way through all appointments of all sentences."""

    def __init__(
        self, person: Person, diary: Diary, chance: Random, other_crn: tuple[str, date] | None
    ) -> None:
        self._person = person
        self._diary = diary
        self._chance = chance
        self._other_crn = other_crn
        self._remote = chance.random() < 0.12
        self._left: dict[str, int] = {}

    def attend(self, sentences: list[Served]) -> None:
        """Go to the appointments in their order, as long as there are any."""
        answers = {s.sentence_id: Answers(s, self._diary, self._chance) for s in sentences}
        for served in sentences:
            for requirement in served.requirements:
                hours = 60 if requirement.kind == "unpaid_work" else 1
                self._left[requirement.requirement_id] = (requirement.amount or 0) * hours
        for appointment in sorted(a for s in sentences for a in self._appointments(s)):
            done = self._left.get(appointment.requirement_id or "", 1) <= 0
            if appointment.served.live_on(appointment.on) and not done:
                self._meet(appointment, answers[appointment.served.sentence_id])

    # -- what is arranged ------------------------------------------------------------------------

    def _appointments(self, served: Served) -> Iterator[Appointment]:
        yield from self._contacts(served)
        for requirement in served.requirements:
            if requirement.kind == "unpaid_work":
                begins_in = self._chance.choices((12, 20, 45), (60, 30, 10))[0]
                yield from self._sessions(served, requirement.requirement_id, begins_in, 7, "unpaid_work")
            elif requirement.kind == "rar":
                yield from self._sessions(served, requirement.requirement_id, 35, 14, "session")
            elif requirement.kind == "accredited_programme":
                yield from self._sessions(served, requirement.requirement_id, 70, 7, "session")

    def _contacts(self, served: Served) -> Iterator[Appointment]:
        name, n = served.sentence_id, 1
        on = working_days_after(served.starts_on, self._chance.choices((2, 4, 5, 8), (40, 30, 20, 10))[0])
        if self._person.work_only:
            yield Appointment(on, f"{name}-C001", served, "initial", arranged_on=served.starts_on)
            return
        if self._person.partner_violence:
            visit = working_days_after(served.starts_on, self._chance.randint(8, 24))
            yield Appointment(visit, f"{name}-V001", served, "home_visit", arranged_on=served.starts_on)
        arranged_on = served.starts_on
        while on <= min(served.ends_on, self._diary.last):
            kind: ContactKind = "initial" if n == 1 else "planned"
            yield Appointment(on, f"{name}-C{n:03d}", served, kind, arranged_on=arranged_on)
            n, arranged_on = n + 1, on
            on = working_days_after(on + timedelta(days=EVERY[self._person.rosh]), 0)

    def _sessions(
        self, served: Served, requirement_id: str, begins_in: int, every: int, activity: Activity
    ) -> Iterator[Appointment]:
        on, n = working_days_after(served.starts_on + timedelta(days=begins_in), 0), 1
        while on <= min(served.ends_on, self._diary.last):
            learns = activity == "unpaid_work" and n % 6 == 0
            does: Activity = "employment_training_education" if learns else activity
            minutes = 180 if learns else 420 if activity == "unpaid_work" else 90
            yield Appointment(
                on, f"{requirement_id}-S{n:02d}", served, None, does, requirement_id, minutes=minutes
            )
            on, n = on + timedelta(days=every), n + 1

    # -- what came of it -------------------------------------------------------------------------

    def _meet(self, appointment: Appointment, answers: Answers) -> None:
        chance, on = self._chance, appointment.on
        mode = self._mode(appointment)
        if appointment.kind is not None:
            self._arrange(appointment, appointment.kind, mode)
            if chance.random() < NEVER_RECORDED:
                return
            if chance.random() < WRONG_PERSON:
                self._mistake(appointment, mode)
        late = chance.random() < RECORDED_LATE
        known_on = working_days_after(on, chance.randint(1, 8)) if late else on
        outcome, reason = self._outcome(appointment)
        self._record(appointment, mode, outcome, reason, known_on)
        if outcome == "failed_to_attend":
            known_on = working_days_after(max(on, known_on), chance.choice((1, 2, 3, 4, 5, 5, 8)))
            outcome, reason = self._decision()
            self._record(appointment, mode, outcome, reason, known_on)
        if outcome in FAILURES:
            answers.fail(appointment.id, on, known_on)
            if chance.random() < CORRECTED:
                told_on = working_days_after(known_on, chance.randint(6, 20))
                self._record(appointment, mode, "acceptable_absence", "medical", told_on)
        elif outcome == "complied" and appointment.requirement_id is not None:
            unit = appointment.minutes if appointment.activity != "session" else 1
            self._left[appointment.requirement_id] -= unit

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
        """What is decided of an absence when the person has been heard."""
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

    # -- what is told of it ----------------------------------------------------------------------

    def _arrange(self, appointment: Appointment, kind: ContactKind, mode: Mode) -> None:
        scheduled = ContactScheduled(
            contact_id=appointment.id,
            sentence_id=appointment.served.sentence_id,
            scheduled_on=appointment.on,
            kind=kind,
            mode=mode,
            national_standard=True,
            notified=True,
        )
        self._diary.tell(scheduled, appointment.arranged_on or appointment.on)

    def _mistake(self, appointment: Appointment, mode: Mode) -> None:
        """Somebody else's missed contact, recorded here and voided some days later."""
        found_on = working_days_after(appointment.on, self._chance.randint(2, 6))
        for recorded_on, voided in ((appointment.on, False), (found_on, True)):
            wrong = ContactOutcomeRecorded(
                contact_id=f"{appointment.id}-X",
                sentence_id=appointment.served.sentence_id,
                occurred_on=appointment.on,
                kind="planned",
                mode=mode,
                national_standard=True,
                outcome="unacceptable_absence",
                voided=voided,
            )
            self._diary.tell(wrong, appointment.on, recorded_on)

    def _record(
        self,
        appointment: Appointment,
        mode: Mode,
        outcome: Outcome,
        reason: AcceptableReason | None,
        recorded_on: date,
    ) -> None:
        subject = self._number_used(recorded_on)
        if appointment.kind is not None:
            contact = ContactOutcomeRecorded(
                contact_id=appointment.id,
                sentence_id=appointment.served.sentence_id,
                occurred_on=appointment.on,
                kind=appointment.kind,
                mode=mode,
                national_standard=True,
                outcome=outcome,
                acceptable_reason=reason,
            )
            self._diary.tell(contact, appointment.on, recorded_on, subject=subject)
            return
        assert appointment.activity is not None
        session = SessionRecorded(
            session_id=appointment.id,
            sentence_id=appointment.served.sentence_id,
            requirement_id=appointment.requirement_id,
            held_on=appointment.on,
            activity=appointment.activity,
            minutes=appointment.minutes if outcome == "complied" else 0,
            outcome=outcome,
            acceptable_reason=reason,
            national_standard=True,
        )
        self._diary.tell(session, appointment.on, recorded_on, subject=subject)

    def _number_used(self, day: date) -> str | None:
        """The person's other number, which some use until the two records are merged."""
        if self._other_crn is None or day >= self._other_crn[1] or self._chance.random() < 0.5:
            return None
        return self._other_crn[0]
