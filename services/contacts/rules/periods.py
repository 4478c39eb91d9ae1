"""The monthly periods of supervision and what must happen in each (CONT-2 to CONT-5, CONT-9 to CONT-11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

import msgspec

from schemas.contacts import ContactStandardMissed, VideoShareExceeded
from services.contacts.case import ContactsMonth
from services.contacts.facts import Appointment, Contact
from services.contacts.outcomes.recorded import counting
from services.contacts.suspensions.suspension import suspended_during
from services.contacts.view import ContactsView
from shared.calendar import period, period_index
from shared.engine.assessment import Finding, once_a_month
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.custody import CustodyPeriod
from shared.probation.delivery import DeliveryGap
from shared.probation.supervision import Stage, SupervisionPeriod


class Period(msgspec.Struct, frozen=True):
    """A month of supervision that is over, with all that was recorded of it.

    `contacts` are the practitioner's national-standard contacts with an outcome; `appointments` those of
    which the person was told and nothing was recorded; `held` the times in custody that touch the period,
    `gaps` those in which the region offered no contact (SH-9); `values` the policy on its last day.
    """

    stage: Stage
    first: date
    last: date
    contacts: list[Contact]
    appointments: list[Appointment]
    held: list[CustodyPeriod]
    gaps: list[DeliveryGap]
    values: Values

    @property
    def key(self) -> str:
        """Sentence and first day: two periods of one sentence never start on the same day."""
        return f"{self.stage.sentence.sentence_id}/{self.first.isoformat()}"

    def attended(self, modes: tuple[str, ...]) -> list[Contact]:
        """The contacts attended in one of these forms."""
        outcomes = self.values.texts("attended_outcomes")
        return [c for c in self.contacts if c.outcome in outcomes and c.mode in modes]


@once_a_month
def closed_periods(view: ContactsView) -> list[Period]:
    """CONT-10: a period is a month anchored on the start of supervision; the last part-period is not tested.

    These are the periods that end in the later of the view's two months and for which there is a standard.
    Each sentence has its own; on a licence each release has. No standard is set for a period in
    post-sentence supervision (CONT-17), nor for one with a day on which contact was suspended (CONT-19,
    CONT-22) or the order was stand-alone unpaid work, nor for one in which the region offered no contact on
    any day (SH-9). One that ends on the day on which supervision was cut
    short is a part-period: that day was not over.

    A contact counts for the sentence that it names, and for all if it names none. Only a practitioner's
    contacts are looked at, of any kind, if the source says that they count for standards (CONT-12); a
    provider's sessions are not contacts with the responsible officer.
    """
    return [_period(view, stage, first, last) for stage, first, last in _tested(view)]


def _period(view: ContactsView, stage: Stage, first: date, last: date) -> Period:
    months = view.two_months.between(first, last)
    return Period(
        stage=stage,
        first=first,
        last=last,
        contacts=_contacts(view, months, stage, first, last),
        appointments=_appointments(view, months, stage, first, last),
        held=view.custody.during(first, last) if view.case.taken else [],
        gaps=view.not_delivered("contact", stage.sentence, first, last),
        values=view.values(last, stage.sentence),
    )


def _tested(view: ContactsView) -> Iterator[tuple[Stage, date, date]]:
    """The stages of supervision with the first and the last day of the period that is tested."""
    month_end, today = view.two_months.last, view.today
    for supervision, stage in view.stages():
        if stage.kind == "post_sentence_supervision":
            continue
        first, last = _ending_in(stage.first, month_end)
        if (
            _is_whole(supervision, stage, first, last)
            and today.after(last)
            and stage.supervised_throughout(first, last)
            and not _is_suspended(view, stage, first, last)
            and not _is_gap(view, stage, first, last)
        ):
            yield stage, first, last


def _is_whole(supervision: SupervisionPeriod, stage: Stage, first: date, last: date) -> bool:
    """Does the period lie within the stage, and was it over before supervision was?"""
    over_on = supervision.over_on
    return first >= stage.first and last <= stage.last and over_on is not None and last < over_on


def _is_suspended(view: ContactsView, stage: Stage, first: date, last: date) -> bool:
    """Is contact suspended on one of these days for another ground than custody, which only excuses?"""
    suspensions = suspended_during(view, stage.sentence.sentence_id, first, last)
    return any(suspension.ground != "custody" for suspension in suspensions)


def _is_gap(view: ContactsView, stage: Stage, first: date, last: date) -> bool:
    """SH-9: did the region offer no contact on any of these days?"""
    day = first
    for gap in view.not_delivered("contact", stage.sentence, first, last):
        if gap.first > day:
            return False
        day = max(day, gap.until or date.max)
    return day > last


def _contacts(
    view: ContactsView, months: tuple[ContactsMonth, ...], stage: Stage, first: date, last: date
) -> list[Contact]:
    """The practitioner's contacts of those days that count for the sentence, with an outcome that counts."""
    counted_for = (stage.sentence.sentence_id, None)
    found = [
        contact
        for month in months
        for contact in month.contacts.values()
        if first <= contact.occurred_on <= last
        and contact.sentence_id in counted_for
        and contact.national_standard
    ]
    return counting(view, found)


def _appointments(
    view: ContactsView, months: tuple[ContactsMonth, ...], stage: Stage, first: date, last: date
) -> list[Appointment]:
    """The appointments of those days of which the person was told, and which have no outcome that counts."""
    counted_for = (stage.sentence.sentence_id, None)
    found = []
    for month in months:
        for contact_id, appointment in month.appointments.items():
            if (
                first <= appointment.scheduled_on <= last
                and appointment.sentence_id in counted_for
                and appointment.national_standard
                and appointment.notified
            ):
                outcome = month.outcome_of(contact_id)
                if outcome is None or not counting(view, [outcome]):
                    found.append(appointment)
    return found


def monthly_contact(view: ContactsView) -> Iterator[Finding]:
    """CONT-2, CONT-10: at least one face-to-face contact in every monthly period, whatever the risk.

    CONT-3: the telephone never replaces it. CONT-5: video counts. CONT-11: only attended contacts count, and
    the miss is labelled excused if all that was offered was missed for an acceptable reason. Offered means:
    in a form that could have met the standard, and not rescheduled or held back; an appointment without an
    outcome was offered. Custody on any day of the period excuses too, as do days on which the region offered
    no contact (SH-9).
    """
    for tested in closed_periods(view):
        modes = tested.values.texts("monthly_contact_modes")
        attended = tested.attended(modes)
        if len(attended) >= tested.values.integer("monthly_contacts"):
            continue
        not_offered = tested.values.texts("not_offered_outcomes")
        offered = in_order(c for c in tested.contacts if c.mode in modes and c.outcome not in not_offered)
        waiting = [appointment for appointment in tested.appointments if appointment.mode in modes]
        waiting.sort(key=lambda a: (a.scheduled_on, a.contact_id))
        meanings = tested.values.table("outcome_meanings")
        excused = bool(offered) and not waiting and all(meanings.get(c.outcome) == "excused" for c in offered)
        custody = [record for held in tested.held for record in held.because]
        suspended = [record for gap in tested.gaps for record in gap.because]
        because: list[Record] = [*tested.stage.because, *offered, *waiting, *custody, *suspended]
        yield Finding(
            event=ContactStandardMissed(
                sentence_id=tested.stage.sentence.sentence_id,
                period_start=tested.first,
                period_end=tested.last,
                attended=len(attended),
                excused=excused or bool(tested.held) or bool(tested.gaps),
            ),
            key=tested.key,
            rules=("CONT-2", "CONT-3", "CONT-5", "CONT-10", "CONT-11", *(("SH-9",) if suspended else ())),
            because=because,
            policy=tested.values.version,
        )


def video_share(view: ContactsView) -> Iterator[Finding]:
    """CONT-4, CONT-10: video is at most half of the contacts in a monthly period; exactly half is compliant.

    CONT-9: of all attended contacts with the responsible officer, face-to-face, video and telephone; a period
    without any gives no alert. SH-9: nor does one with a day on which the region offered no contact: video
    was then what could be done.
    """
    for tested in closed_periods(view):
        if tested.gaps:
            continue
        if not any(contact.mode == "video" for contact in tested.contacts):
            continue  # the common case
        attended = tested.attended(tested.values.texts("video_share_modes"))
        video = [contact for contact in attended if contact.mode == "video"]
        if len(video) <= tested.values.number("video_share_limit") * len(attended):
            continue
        yield Finding(
            event=VideoShareExceeded(
                sentence_id=tested.stage.sentence.sentence_id,
                period_start=tested.first,
                period_end=tested.last,
                video=len(video),
                total=len(attended),
            ),
            key=tested.key,
            rules=("CONT-4", "CONT-9", "CONT-10"),
            because=(*in_order(attended), *tested.stage.because),
            policy=tested.values.version,
        )


def in_order(contacts: Iterable[Contact]) -> list[Contact]:
    """The contacts as they happened."""
    return sorted(contacts, key=lambda contact: (contact.occurred_on, contact.contact_id))


@lru_cache(maxsize=65_536)  # asked of every month that is assessed
def _ending_in(anchor: date, month_end: date) -> tuple[date, date]:
    """The one period counted from `anchor` whose last day falls in the month that ends on `month_end`."""
    index = period_index(anchor, month_end)
    first, last = period(anchor, index)
    return (first, last) if last <= month_end else period(anchor, index - 1)
