"""Failures that turned out to be none.

They were accepted afterwards, recorded by mistake, or of another sentence; or the person was held that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from operator import attrgetter

from schemas.contacts import FailureTakenBack
from services.contacts.case import ContactsMonth
from services.contacts.facts import Contact
from services.contacts.outcomes.meaning import is_failure
from services.contacts.outcomes.recorded import recorded_on
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding
from shared.engine.case import Record
from shared.probation.facts import TakenIntoCustody


def failure_taken_back(view: ContactsView) -> Iterator[Finding]:
    """ENF-18, ENF-35: what was recorded as a failure turned out to be none, or was of a day on which the
    person was held. This is a record.

    It says when that was recorded, so that what followed from the failure (a warning, a breach) can be taken
    back, whichever of the two records arrives first.
    """
    month = view.month.this
    said_twice = {*month.former_contacts, *month.former_sessions, *(month.sessions.keys() & month.contacts)}
    in_question = said_twice.union(_while_held(view))
    for contact_id in sorted(in_question):  # hardly ever any, and asked with every contact of the month
        taken_back = _taken_back(view, _versions(month, contact_id))
        if taken_back is None:
            continue
        failure, correction = taken_back
        sentence = view.sentence_of(failure)
        assert sentence is not None  # or it would be no failure
        yield Finding(
            event=FailureTakenBack(
                contact_id=contact_id,
                sentence_id=sentence.sentence_id,
                missed_on=failure.occurred_on,
                taken_back_on=max(recorded_on(correction), recorded_on(failure)),
            ),
            key=contact_id,
            rules=("ENF-18", *(("ENF-35",) if isinstance(correction, TakenIntoCustody) else ())),
            because=[correction, failure, sentence],
            policy=view.values(failure.occurred_on, sentence).version,
        )


def _taken_back(view: ContactsView, versions: Sequence[Record]) -> tuple[Contact, Record] | None:
    """The last version that was a failure of a sentence and is none of it, and the record that says so.

    That is the version after it, or one of custody.
    """
    last = versions[-1]
    if isinstance(last, Contact) and _fails(view, last) is not None:
        custody = _taken_by(view, last.occurred_on)
        if custody is not None:
            return last, custody
    found = None
    for version, following in pairwise(versions):
        if _fails(view, version) is not None and _fails(view, version) != _fails(view, following):
            found = version, following
    if found is None or _fails(view, found[0]) == _fails(view, last):
        return None
    assert isinstance(found[0], Contact)
    return found[0], found[1]


def _while_held(view: ContactsView) -> Iterator[str]:
    """The contacts of the month, by id, on days on which the person was held."""
    if view.custody.periods:
        for contact in view.month.this.outcomes():
            if view.custody.held_on(contact.occurred_on):
                yield contact.contact_id


def _taken_by(view: ContactsView, day: date) -> Record | None:
    """The record by which the person was held that day; of several the last. None if they were not."""
    held = view.custody.on(day)
    taken = [one for one in held.begun_by if isinstance(one, TakenIntoCustody)] if held else []
    return max((one for one in taken if one.taken_on <= day), key=attrgetter("stamp"), default=None)


def _fails(view: ContactsView, version: Record) -> str | None:
    """The sentence of which a version of a contact was a failure; None if it was none or never was."""
    if not isinstance(version, Contact) or not is_failure(view, version):
        return None
    sentence = view.sentence_of(version)
    return sentence.sentence_id if sentence else None


def _versions(month: ContactsMonth, contact_id: str) -> list[Record]:
    """All that was said of a contact, as it came to count: the last one stands, be it that it never was.

    A provider's record counts until the practitioner makes one, and again if that is voided.
    """
    own = _said(month, "contacts", month.contacts, month.former_contacts, contact_id)
    provided = _said(month, "sessions", month.sessions, month.former_sessions, contact_id)
    versions = [said for said in provided if not own or said.stamp < own[0].stamp] + own
    again = month.sessions.get(contact_id)
    if own and again is not None and contact_id not in month.contacts:
        versions.append(again)
    return versions


def _said(
    month: ContactsMonth,
    register: str,
    standing: dict[str, Contact],
    former: dict[str, list[Contact]],
    contact_id: str,
) -> list[Record]:
    said: list[Record] = [*former.get(contact_id, ())]
    if contact_id in standing:
        said.append(standing[contact_id])
    tomb = month.voided.get(f"{register}/{contact_id}")
    if tomb is not None:
        recorded, event_id, source = tomb
        said.append(Record(recorded=recorded, event_id=event_id, source=source))
    return said
