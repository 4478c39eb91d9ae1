"""The monthly periods of supervision and what must happen in each (CONT-2 to CONT-5, CONT-9 to CONT-11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

import msgspec

from schemas.contacts import ContactStandardMissed, VideoShareExceeded
from services.contacts.facts import Appointment, Contact
from services.contacts.recorded import counting, counting_of, outcome_of
from services.contacts.supervision import Stay, Supervision
from services.contacts.suspension import suspended_during
from services.contacts.view import ContactsView
from shared.calendar import period, period_index
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record
from shared.policy import Values


class Period(msgspec.Struct, frozen=True):
    """A month of supervision that is over, with all that was recorded of it.

    `contacts` are the practitioner's national-standard contacts with an outcome; `appointments` those of
    which the person was told and nothing was recorded; `held` the stays in custody that touch the period;
    `values` the policy on its last day.
    """

    supervision: Supervision
    first: date
    last: date
    contacts: list[Contact]
    appointments: list[Appointment]
    held: list[Stay]
    values: Values

    @property
    def key(self) -> str:
        """Sentence and first day: two periods of one sentence never start on the same day."""
        return f"{self.supervision.sentence.sentence_id}/{self.first.isoformat()}"

    def attended(self, modes: tuple[str, ...]) -> list[Contact]:
        """The contacts attended in one of these forms."""
        outcomes = self.values.texts("attended_outcomes")
        return [c for c in self.contacts if c.outcome in outcomes and c.mode in modes]


@once_a_day
def closed_periods(case: ContactsView) -> list[Period]:
    """CONT-10: a period is a month anchored on the start of supervision; the last part-period is not tested.

    Each sentence has its own periods; on a licence those of each release. No standard is set for a period in
    post-sentence supervision (CONT-17), nor for one with a day on which contact was suspended (CONT-19,
    CONT-22) or the order was stand-alone unpaid work. One that ends on the day on which supervision was cut
    short is a part-period: that day was not over.

    A contact counts for the sentence that it names, and for all if it names none. Only a practitioner's
    contacts are looked at, of any kind, if the source says of them that they count for standards (CONT-12); a
    provider's sessions are not contacts with the responsible officer.
    """
    return list(_closed_periods(case))


def _closed_periods(case: ContactsView) -> Iterator[Period]:
    window, today, policy = case.month, case.today, case.policy
    for sentence_id, course in case.courses.items():
        for stretch in course.stretches:
            if stretch.stage == "post_sentence_supervision":
                continue
            first, last = _ending_in(stretch.first, window.last)
            if (
                first < stretch.first
                or last > stretch.last
                or course.over_on is None
                or last >= course.over_on
            ):
                continue
            if not today.after(last) or not stretch.supervised_throughout(first, last):
                continue
            if any(span.ground != "custody" for span in suspended_during(case, sentence_id, first, last)):
                continue
            for_it = (sentence_id, None)
            contacts = [
                contact
                for part in (window.previous, window.this)
                for contact in part.contacts.values()
                if first <= contact.occurred_on <= last
                and contact.sentence_id in for_it
                and contact.national_standard
            ]
            appointments = [
                appointment
                for part in (window.previous, window.this)
                for contact_id, appointment in part.appointments.items()
                if first <= appointment.scheduled_on <= last
                and appointment.sentence_id in for_it
                and appointment.national_standard
                and appointment.notified
                and not counting(case, outcome_of(part, contact_id), policy)
            ]
            yield Period(
                supervision=stretch,
                first=first,
                last=last,
                contacts=counting_of(case, contacts, policy),
                appointments=appointments,
                held=case.custody.during(first, last) if case.case.taken else [],
                values=policy.on(last, stretch.sentence.region),
            )


def monthly_contact(of: Period) -> Iterator[Finding]:
    """CONT-2: at least one face-to-face contact every month, whatever the risk.

    CONT-3: the telephone never replaces it; CONT-5: video counts; CONT-11: only attended contacts count, and
    the miss is labelled excused if all that was offered was missed for an acceptable reason. Offered means:
    in a form that could have met the standard, and not rescheduled or held back; an appointment without an
    outcome was offered. Custody on any day of the period, or on all, excuses too.
    """
    modes = of.values.texts("monthly_contact_modes")
    attended = of.attended(modes)
    if len(attended) >= of.values.integer("monthly_contacts"):
        return
    not_offered = of.values.texts("not_offered_outcomes")
    offered = in_order(c for c in of.contacts if c.mode in modes and c.outcome not in not_offered)
    waiting = sorted(
        (a for a in of.appointments if a.mode in modes), key=lambda a: (a.scheduled_on, a.contact_id)
    )
    meanings = of.values.table("outcome_meanings")
    excused = bool(offered) and not waiting and all(meanings.get(c.outcome) == "excused" for c in offered)
    custody = [record for stay in of.held for record in stay.because]
    because: list[Record] = [*of.supervision.because, *offered, *waiting, *custody]
    yield Finding(
        event=ContactStandardMissed(
            sentence_id=of.supervision.sentence.sentence_id,
            period_start=of.first,
            period_end=of.last,
            attended=len(attended),
            excused=excused or bool(of.held),
        ),
        key=of.key,
        rules=("CONT-2", "CONT-3", "CONT-5", "CONT-10", "CONT-11"),
        because=because,
        policy=of.values.version,
    )


def video_share(of: Period) -> Iterator[Finding]:
    """CONT-4: video is at most half of the contacts in the period; exactly half is compliant.

    CONT-9: of all attended contacts with the responsible officer, face-to-face, video and telephone; a period
    without any gives no alert.
    """
    if not [contact for contact in of.contacts if contact.mode == "video"]:
        return  # by far the most
    attended = of.attended(of.values.texts("video_share_modes"))
    video = [contact for contact in attended if contact.mode == "video"]
    if len(video) <= of.values.number("video_share_limit") * len(attended):
        return
    yield Finding(
        event=VideoShareExceeded(
            sentence_id=of.supervision.sentence.sentence_id,
            period_start=of.first,
            period_end=of.last,
            video=len(video),
            total=len(attended),
        ),
        key=of.key,
        rules=("CONT-4", "CONT-9", "CONT-10"),
        because=(*in_order(attended), *of.supervision.because),
        policy=of.values.version,
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
