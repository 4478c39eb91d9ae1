"""The adapter of case management's contacts: a thin notice, and the contact as it is now.

The legacy topic says only that a contact changed. Its detail is the contact (community-api `ContactSummary`),
with the event number and the requirement that it is for, the national-standards flag of its type and the
enforcement action taken; these four are assumed to be told as `eventNumber`, `requirementId`,
`type.nationalStandards` and `enforcement.enforcementAction.code`.
"""

from __future__ import annotations

from typing import Any

from feeds import identity
from feeds.codes import Row, table
from feeds.message import Message, Node
from feeds.statement import About, Fact, Reference, Statement, own_id
from shared.calendar import london_date


class Practice:
    """The adapter of case management's contacts."""

    name = "practice"

    def detail(self, message: Message) -> str | None:
        """The contact: where the notice says, or below the first address of the settings."""
        root = message.root()
        if _type(message, root).word != "contact":
            return None
        return root.optional("detailUrl") or f"contacts/{root.id('crn')}/{root.id('sourceId')}"

    def read(self, message: Message) -> list[Statement]:
        """What the contact states."""
        root = message.root()
        if _type(message, root).word == "skip":
            return []
        return [_contact(message, root, message.answer())]


def _type(message: Message, root: Node) -> Row:
    events = table("practice", "events")
    type = message.attribute("eventType") or root.text("eventType")
    row = events.row(type)
    if row is None:
        raise events.unknown(root["eventType"], type)
    return row


def _contact(message: Message, root: Node, contact: Node) -> Statement:
    id = contact.id("contactId")
    person = identity.some(identity.crn(root.optional("crn")))
    recorded = message.fetched or root.instant("eventDatetime")
    facts = () if contact.flag("softDeleted") else tuple(_facts(contact, id))
    return Statement(f"contact/{id}", recorded, (About(person, facts),))


def _facts(contact: Node, id: str) -> list[Fact]:
    at = contact.instant("contactStart")
    day = london_date(at)
    kind = table("practice", "contacts").of(contact["type"], "code", day)
    outcome = None
    if contact["outcome"] and contact["outcome"]["code"]:
        outcome = table("practice", "outcomes").of(contact["outcome"], "code", day)
    if kind.word == "skip" or (outcome is not None and outcome.word == "voided"):
        return []
    number = contact.optional_id("eventNumber")
    sentence = Reference("event", number) if number else None
    requirement = contact.optional_id("requirementId") if sentence else None
    named = Reference("requirement", requirement) if requirement else None
    common = {
        "contact_id": own_id("contact", id),
        "kind": kind.word,
        "mode": kind.more["mode"],
        "national_standard": contact["type"].flag("nationalStandards"),
    }
    # That the person was told of it case management does not say; it is assumed.
    planned = {**common, "scheduled_on": day, "notified": True}
    facts = [Fact("ContactScheduled", planned, at, sentence, named)]
    if outcome is not None:
        recorded = {**common, "occurred_on": day, **told_outcome(outcome)}
        facts.append(Fact("ContactOutcomeRecorded", recorded, at, sentence, named))
    return facts + _action(contact, id, sentence)


def told_outcome(row: Row) -> dict[str, Any]:
    """The outcome of a contact or session, in the words of our events."""
    return {"outcome": row.word, "acceptable_reason": row.more.get("reason")}


def _action(contact: Node, id: str, sentence: Reference | None) -> list[Fact]:
    """What was done about a failure."""
    taken = contact["enforcement"]
    action = taken["enforcementAction"]
    if not action:
        return []
    at = taken.instant("actionTakenDate") if taken["actionTakenDate"] else contact.instant("contactStart")
    row = table("practice", "actions").of(action, "code", london_date(at))
    if row.word == "skip":
        return []
    if sentence is None:
        raise contact["eventNumber"].wrong("is missing, and an enforcement action needs a sentence")
    data = {
        "action_id": own_id("action", id, row.code),
        "contact_id": own_id("contact", id),
        "taken_at": at,
        "action": row.word,
    }
    return [Fact("EnforcementActionTaken", data, at, sentence)]
