"""Failures that turned out to be none.

They were accepted afterwards, recorded by mistake, or of another sentence; or the person was held that day,
or it was the service's doing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from schemas.contacts import FailureTakenBack
from services.contacts.case import ContactsMonth
from services.contacts.facts import Contact
from services.contacts.outcomes.hand_over import unannounced
from services.contacts.outcomes.meaning import enforceable_contacts, is_failure, no_failure_because
from services.contacts.outcomes.recorded import recorded_on
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding
from shared.engine.case import Record


def failure_taken_back(view: ContactsView) -> Iterator[Finding]:
    """ENF-18: what was recorded as a failure turned out to be none. This is a record.

    So did one of a day on which the person was held (ENF-35), and one that was the service's doing (CONT-30,
    SH-9). It says when that was recorded, so that what followed from the failure (a warning, a breach) can be
    taken back, whichever of the two records arrives first.
    """
    found = dict(_corrected(view)) if view.has_month else {}
    for item in enforceable_contacts(view):
        because = no_failure_because(view, item) if item.meaning == "missed" else None
        if because is not None:
            found[item.contact.contact_id] = item.contact, because
    for contact_id, (failure, because) in sorted(found.items()):
        sentence = view.sentence_of(failure)
        assert sentence is not None  # or it would be no failure
        yield Finding(
            event=FailureTakenBack(
                contact_id=contact_id,
                sentence_id=sentence.sentence_id,
                missed_on=failure.occurred_on,
                taken_back_on=max(recorded_on(because), recorded_on(failure)),
            ),
            key=contact_id,
            rules=("ENF-18",),
            because=[because, failure, sentence],
            policy=view.values(failure.occurred_on, sentence).version,
        )


def _corrected(view: ContactsView) -> Iterator[tuple[str, tuple[Contact, Record]]]:
    """By contact of the month: the failure that it was, and the version that says that it was none.

    Not of one missed after a hand-over: whether that is a failure is for the case to say.
    """
    month = view.month.this
    said_twice = {*month.former_contacts, *month.former_sessions, *(month.sessions.keys() & month.contacts)}
    if not said_twice:
        return  # the common case: this is asked with every contact of the month
    said_twice.difference_update(one.history[-1].contact_id for one in unannounced(view, month))
    for contact_id in said_twice:
        taken_back = _taken_back(view, _versions(month, contact_id))
        if taken_back is not None:
            yield contact_id, taken_back


def _taken_back(view: ContactsView, versions: Sequence[Record]) -> tuple[Contact, Record] | None:
    """The last version that was a failure of a sentence and is none of it any more, and the one after it."""
    found = None
    for version, following in pairwise(versions):
        if _fails(view, version) is not None and _fails(view, version) != _fails(view, following):
            found = version, following
    if found is None or _fails(view, found[0]) == _fails(view, versions[-1]):
        return None
    assert isinstance(found[0], Contact)
    return found[0], found[1]


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
