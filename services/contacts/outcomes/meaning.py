"""What an outcome means: missed, excused or undecided (CONT-12 to CONT-15, CONT-28 to CONT-30, SH-9).

What an outcome means is policy. One that means none of the three (complied, sent home or rescheduled by the
service or by the person, suspended, warrant outstanding) publishes nothing: it is no failure, and nobody
needs to act on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import get_args

import msgspec

from schemas.words import Outcome
from services.contacts.facts import Contact
from services.contacts.outcomes.hand_over import (
    HandOver,
    awaits_first_contact,
    hand_over_before,
    hand_over_on,
    told_on,
)
from services.contacts.outcomes.recorded import counts, recorded_on
from services.contacts.view import ContactsView
from shared.engine.assessment import once_a_day, once_a_month
from shared.engine.case import Record
from shared.policy import Policy, Scalar, Values
from shared.probation.facts import Sentence, TakenIntoCustody

RESCHEDULED = ("rescheduled_by_service", "rescheduled_by_person")


class EnforceableContact(msgspec.Struct, frozen=True):
    """An enforceable contact that the person did not simply keep, on a sentence supervised that day.

    `meaning` is "missed", "excused" or "undecided", by the policy of the day of the contact. `decision` is
    the version that left the reason open last and the one that decided it; empty if it is still open or never
    was. `by_the_service` says that it was the service's doing: a hand-over, during which the person did not
    come without notice, or that the region did no such work that day. None if it was not.
    """

    contact: Contact
    sentence: Sentence
    meaning: Scalar
    decision: list[Contact]
    by_the_service: Record | None
    policy: str

    @property
    def decided_on(self) -> date | None:
        """ENF-11, ENF-12: the day on which the decision on an awaited absence was recorded."""
        return recorded_on(self.decision[-1]) if self.decision else None

    @property
    def because(self) -> tuple[Record, ...]:
        """The records that it rests on."""
        return (self.contact, self.sentence, *self.decision)


class Outcomes(msgspec.Struct):
    """The outcomes of a month that matter here.

    `enforceable` in the order in which the contacts happened; `rescheduled` the contacts that were.
    """

    enforceable: list[EnforceableContact] = []
    rescheduled: list[Contact] = []


@once_a_month
def outcomes(view: ContactsView) -> Outcomes:
    """CONT-12: only national-standard contacts are enforceable, on the sentence they are linked to (ENF-32).

    Practitioners' contacts and providers' sessions alike, whatever their kind and activity, on a licence also
    in post-sentence supervision (ENF-33). A contact is not enforceable if it is dated before supervision
    started or after it ended, if its sentence is not known (yet), if its day is still to come, if its outcome
    does not count (CONT-13), or if the person could not be required to attend (CONT-28).
    """
    month, policy = view.month.this, view.policy
    found = Outcomes()
    meaningless = _meaningless(policy)
    for contact in month.outcomes():
        if contact.outcome in meaningless or not contact.national_standard:
            continue
        sentence = view.sentence_of(contact)
        if sentence is None:
            continue
        on = contact.occurred_on
        values = policy.on(on, sentence.region)
        if contact.outcome not in values.table("outcome_meanings"):
            if contact.outcome in RESCHEDULED:
                found.rescheduled.append(contact)
            continue
        of_provider = contact.contact_id in month.sessions
        handed_over = None
        if not of_provider and contact.outcome in values.texts("absent_outcomes"):
            told = told_on(month, contact.contact_id)
            if awaits_first_contact(view, sentence, on, told):
                continue  # see `_after_hand_over`
            handed_over = hand_over_on(view, sentence, on) if told is None else None
        if _is_enforceable(view, contact, sentence, values, of_provider=of_provider):
            history = month.history(contact.contact_id)
            found.enforceable.append(_enforceable(view, history, sentence, values, handed_over))
    found.enforceable.sort(key=lambda item: (item.contact.occurred_on, item.contact.contact_id))
    return found


def enforceable_contacts(view: ContactsView) -> list[EnforceableContact]:
    """CONT-12: the enforceable contacts of the month in view, or those that are for the case to judge."""
    return outcomes(view).enforceable if view.has_month else _after_hand_over(view)


@once_a_day
def _after_hand_over(view: ContactsView) -> list[EnforceableContact]:
    """CONT-30: the enforceable contacts of all months that were missed after a hand-over, without notice.

    Whether they are the service's doing depends on contacts of other months.
    """
    found = []
    for summary in view.case.month_summaries.values():
        for missed in summary.unannounced:
            contact, told = missed.history[-1], missed.told_on
            sentence = view.sentence_of(contact)
            if sentence is None:
                continue
            on = contact.occurred_on
            values = view.policy.on(on, sentence.region)
            if contact.outcome in values.table("outcome_meanings") and _is_enforceable(
                view, contact, sentence, values, of_provider=False
            ):
                handed_over = hand_over_before(view, sentence, on, told)
                if handed_over is None and told is None:
                    handed_over = hand_over_on(view, sentence, on)
                found.append(_enforceable(view, missed.history, sentence, values, handed_over))
    return sorted(found, key=lambda item: (item.contact.occurred_on, item.contact.contact_id))


def _is_enforceable(
    view: ContactsView, contact: Contact, sentence: Sentence, values: Values, *, of_provider: bool
) -> bool:
    """Had it come to its day, under supervision, while the person could be required to attend?"""
    on = contact.occurred_on
    for_supervision = contact.requirement_id is None and not of_provider
    return (
        (contact.sentence_id is None or view.supervised_on(contact.sentence_id, on))
        and counts(contact, values)
        and not (for_supervision and view.power_has_ended(sentence, on))
        and view.today.reached(on)
    )


def no_failure_because(view: ContactsView, item: EnforceableContact) -> Record | None:
    """Why a contact that was missed is no failure of the person; None if it is one.

    ENF-35: they were held that day (the record of custody; of several the last). CONT-30, SH-9: it was the
    service's doing.
    """
    day = item.contact.occurred_on
    held = view.custody.on(day)
    if held is None:
        return item.by_the_service
    begun = [record for record in held.begun_by if isinstance(record, TakenIntoCustody)]
    return max((taken for taken in begun if taken.taken_on <= day), key=attrgetter("stamp"))


def is_failure(view: ContactsView, version: Contact) -> bool:
    """Was that version of a contact recorded as a failure, under supervision (CONT-12, CONT-14)?"""
    sentence = view.sentence_of(version)
    if sentence is None or not version.national_standard:
        return False
    values = view.policy.on(version.occurred_on, sentence.region)
    return (values.table("outcome_meanings").get(version.outcome) == "missed") and _is_enforceable(
        view, version, sentence, values, of_provider=version.contact_id in view.month.this.sessions
    )


def _enforceable(
    view: ContactsView,
    history: Sequence[Contact],
    sentence: Sentence,
    values: Values,
    handed_over: HandOver | None,
) -> EnforceableContact:
    contact = history[-1]
    gap = view.gap_on(contact, sentence)
    by_the_service = handed_over.because if handed_over else gap.because[0] if gap else None
    return EnforceableContact(
        contact,
        sentence,
        values.table("outcome_meanings")[contact.outcome],
        _decision(history, sentence.region, view.policy),
        by_the_service,
        values.version,
    )


@lru_cache(maxsize=4)
def _meaningless(policy: Policy) -> frozenset[str]:
    """The outcomes that never mean anything here, whatever the day: most contacts have one of these."""
    meant = {outcome for table in policy.tables("outcome_meanings") for outcome in table}
    return frozenset(get_args(Outcome)) - meant - {*RESCHEDULED}


def _decision(history: Sequence[Contact], region: str, policy: Policy) -> list[Contact]:
    """The version that left the reason open last, and the one that decided it; empty if none did."""
    if len(history) == 1:
        return []
    awaited = [_is_awaited(version, region, policy) for version in history]
    if True not in awaited[:-1] or awaited[-1]:
        return []
    last = len(awaited) - 1 - awaited[::-1].index(True)
    return [*history[last : last + 2]]


def _is_awaited(version: Contact, region: str, policy: Policy) -> bool:
    values = policy.on(version.occurred_on, region)
    awaited = values.table("outcome_meanings").get(version.outcome) == "undecided"
    return awaited and version.national_standard and counts(version, values)
