"""What is recorded about an appointment: that it was arranged, and its outcome."""

from __future__ import annotations

from datetime import date
from random import Random

from schemas.practice import ContactOutcomeRecorded, ContactScheduled
from schemas.providers import SessionRecorded
from schemas.words import AcceptableReason, ContactKind, Mode, Outcome
from tools.simulate.appointments import Appointment
from tools.simulate.recorder import EventRecorder, working_days_after
from tools.simulate.served import Served


class Records:
    """Records one person's appointments, under one of their case reference numbers."""

    def __init__(
        self,
        recorder: EventRecorder,
        sentences: list[Served],
        other_crn: tuple[str, date] | None,
        chance: Random,
    ) -> None:
        self._recorder = recorder
        self._sentences = sentences
        self._other_crn = other_crn
        self._chance = chance

    def arrange(self, appointment: Appointment, kind: ContactKind, mode: Mode, notified: bool) -> None:
        """Record that a contact with the practitioner was arranged."""
        scheduled = ContactScheduled(
            contact_id=appointment.id,
            sentence_id=self._sentence(appointment),
            scheduled_on=appointment.on,
            kind=kind,
            mode=mode,
            national_standard=True,
            notified=notified,
        )
        self._recorder.record(scheduled, appointment.arranged_on or appointment.on)

    def mistake(self, appointment: Appointment, mode: Mode) -> None:
        """Record somebody else's missed contact by mistake, and void it some days later."""
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
            self._recorder.record(wrong, appointment.on, recorded_on)

    def record(
        self,
        appointment: Appointment,
        mode: Mode,
        outcome: Outcome,
        reason: AcceptableReason | None,
        recorded_on: date,
    ) -> None:
        """Record the outcome on a given day."""
        subject = self._number_used(recorded_on)
        if appointment.kind is not None:
            # Enforcement is on one sentence.
            every = outcome == "complied"
            contact = ContactOutcomeRecorded(
                contact_id=appointment.id,
                sentence_id=self._sentence(appointment) if every else appointment.served.sentence_id,
                occurred_on=appointment.on,
                kind=appointment.kind,
                mode=mode,
                national_standard=True,
                outcome=outcome,
                acceptable_reason=reason,
            )
            self._recorder.record(contact, appointment.on, recorded_on, subject=subject)
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
        self._recorder.record(session, appointment.on, recorded_on, subject=subject)

    def _sentence(self, appointment: Appointment) -> str | None:
        """The sentence that it is for; None if it is for several."""
        live = [served for served in self._sentences if served.live_on(appointment.on)]
        return appointment.served.sentence_id if len(live) < 2 else None

    def _number_used(self, day: date) -> str | None:
        """The person's other number, if it is used. Some use it until the records are merged."""
        if self._other_crn is None or day >= self._other_crn[1] or self._chance.random() < 0.5:
            return None
        return self._other_crn[0]
