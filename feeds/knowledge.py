"""What the feeds know when they resolve a statement: read from the facts that were stated before.

Identifiers, places and links are *internal facts*: they are kept, corrected and voided like events, but never
published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from feeds.identity import Unresolved
from feeds.statement import Identifier, Place, Reference

IDENTITY = "identity"
PLACE = "place"
LINK = "link"
HOLDER = "holder"
RISK = "risk"
INTERNAL = (IDENTITY, PLACE, LINK, HOLDER, RISK)
"""The types of internal facts: whose an identifier is, where a person is supervised, which sentence (or
requirement) a source's name belongs to, who holds a sentence that was moved, and the parts of a risk."""

OF_SENTENCES = ("SentenceImposed", "SentenceVaried", "SentenceRevoked")
OF_STAYS = ("PersonTakenIntoCustody", "PersonLeftCustody")
OWN = "own"
"""The kind of a reference that is our own id already."""

ORDER = "order"
"""The group of a sentence of which the source says only that it is none of custody."""

_CUSTODIAL = "custodial"


class Standing(NamedTuple):
    """A fact that stands: of whom, what, and its data (without the sentence's other facts)."""

    subject: str
    type: str
    key: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of the people whom a statement may be about."""

    people: Mapping[Identifier, Collection[str]] = field(default_factory=dict)
    decided: Mapping[Identifier, str] = field(default_factory=dict)
    facts: Mapping[str, Sequence[Standing]] = field(default_factory=dict)
    """Facts of each person: places, links, sentences and stays."""
    holders: Mapping[str, str] = field(default_factory=dict)
    """Who holds a sentence that was moved, by its id."""

    def of(self, subject: str, *types: str) -> Iterable[Standing]:
        """The facts of a person of these types."""
        return (fact for fact in self.facts.get(subject, ()) if fact.type in types)

    def place(self, subject: str) -> Place | None:
        """Where a person is supervised."""
        for fact in self.of(subject, PLACE):
            return Place(fact.data["region"], fact.data["pdu"])
        return None

    def linked(self, subject: str, reference: Reference) -> str | None:
        """What of ours a source's name was linked to."""
        if reference.kind == OWN:
            return reference.value
        key = link_key(reference)
        return next((fact.data["id"] for fact in self.of(subject, LINK) if fact.key == key), None)

    def sentence(self, subject: str, reference: Reference) -> str | Unresolved:
        """The sentence that a source names: as linked, or the only one of that kind and date."""
        if (linked := self.linked(subject, reference)) is not None:
            return linked
        if reference.group is None or reference.day is None:
            return Unresolved()
        taken = {
            fact.data["id"]
            for fact in self.of(subject, LINK)
            if fact.key.startswith(f"{reference.kind}:") and fact.key != link_key(reference)
        }
        found = {
            fact.data["sentence_id"]
            for fact in self.of(subject, "SentenceImposed")
            if _fits(fact.data, reference) and fact.data["sentence_id"] not in taken
        }
        return found.pop() if len(found) == 1 else Unresolved(tuple(sorted(found)))

    def requirement(self, subject: str, sentence_id: str, reference: Reference) -> str | Unresolved:
        """The requirement that a source names: as linked, or the only one of that kind in the sentence."""
        if (linked := self.linked(subject, reference)) is not None:
            return linked
        found = {
            one["requirement_id"]
            for one in (self.terms(sentence_id) or {}).get("requirements", ())
            if reference.group is not None and one["kind"] == reference.group
        }
        return found.pop() if len(found) == 1 else Unresolved(tuple(sorted(found)))

    def terms(self, sentence_id: str, before: str | None = None) -> Mapping[str, Any] | None:
        """The end and the requirements of a sentence as imposed or varied last (before a day).

        None if it is not known how it began.
        """
        versions = {
            fact.data.get("varied_on", ""): fact.data
            for subject in self.facts
            for fact in self.of(subject, "SentenceImposed", "SentenceVaried")
            if fact.data["sentence_id"] == sentence_id
            and (before is None or fact.data.get("varied_on", "") < before)
        }
        return versions[max(versions)] if "" in versions else None

    def imposed(self, sentence_id: str) -> Mapping[str, Any] | None:
        """A sentence as it was imposed."""
        for subject in self.facts:
            for fact in self.of(subject, "SentenceImposed"):
                if fact.data["sentence_id"] == sentence_id:
                    return fact.data
        return None

    def open_stay(self, subject: str, left_on: str) -> str | None:
        """The stay in custody that began last, up to a day, and has no other end."""
        ended = {f.data["custody_id"]: f.data["left_on"] for f in self.of(subject, "PersonLeftCustody")}
        stays = sorted(
            (fact.data["taken_on"], fact.data["custody_id"])
            for fact in self.of(subject, "PersonTakenIntoCustody")
            if fact.data["taken_on"] <= left_on and ended.get(fact.data["custody_id"], left_on) == left_on
        )
        return stays[-1][1] if stays else None


def link_key(reference: Reference) -> str:
    """The key of the link of a source's name."""
    return f"{reference.kind}:{reference.value}"


def _fits(sentence: Mapping[str, Any], reference: Reference) -> bool:
    kind, group = sentence["kind"], reference.group
    assert reference.day is not None
    days = abs((date.fromisoformat(sentence["imposed_on"]) - reference.day).days)
    alike = kind != _CUSTODIAL if group == ORDER else kind == group
    return alike and days <= reference.within
