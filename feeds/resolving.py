"""From what a source says to what we say: whose it is, which sentence, and whether it is a valid event.

Pure: the same statement and the same knowledge always give the same outcome.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import to_json

from feeds.identity import RANKS, Unresolved, whose
from feeds.knowledge import HOLDER, IDENTITY, LINK, OF_SENTENCES, OF_STAYS, OWN, PLACE, Knowledge, link_key
from feeds.message import Letter
from feeds.statement import BREACH_OR_RECALL, About, Fact, Link, Reference, Statement, own_id
from schemas.catalogue import CATALOGUE, correction_key
from schemas.reasons import message as words

_REMEDY = "ask the source to correct it, or mend the feed's translation"


class Stated(NamedTuple):
    """A fact with everything filled in: an event to be, or an internal fact."""

    group: str
    subject: str
    type: str
    key: str
    data: str
    """JSON."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """What a statement waits for, with the exact candidates among whom a person must choose, if any."""

    key: str
    why: str
    candidates: tuple[str, ...] = ()


@dataclass(slots=True)
class Resolved:
    """The outcome for one statement."""

    stated: list[Stated] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    incomplete: set[str] = field(default_factory=set)
    """The groups of whom something is missing: nothing of theirs is voided."""
    depends: set[str] = field(default_factory=set)
    """The keys of what was looked up: when it changes, the message is read again."""


class _Missing(Exception):
    def __init__(self, wait: Wait) -> None:
        self.wait = wait


def people_of(statement: Statement, knowledge: Knowledge) -> set[str]:
    """The people whom a statement is about, as far as they are known."""
    found = {whose(about.person, knowledge.people, knowledge.decided) for about in statement.about}
    moved = {link.moved_from[0] for about in statement.about for link in about.links if link.moved_from}
    return {one for one in found if isinstance(one, str)} | moved


def resolve(statement: Statement, knowledge: Knowledge) -> Resolved:
    """Fill in what only we know."""
    out = Resolved()
    for about in statement.about:
        out.letters += about.letters
        if about.letters:
            out.incomplete.add(about.group)
        out.depends |= {f"{IDENTITY}:{one.key}" for one in about.person if one.kind in RANKS}
        subject = whose(about.person, knowledge.people, knowledge.decided)
        if isinstance(subject, Unresolved):
            if about.facts or about.links or about.place:
                out.incomplete.add(about.group)
                out.waits.append(_nobody(about, subject))
            continue
        _Person(out, about, subject, statement, knowledge).resolve()
    _check_agree(out)
    return out


def _check_agree(out: Resolved) -> None:
    """Refuse what a statement says in two ways: nobody could tell which of them holds."""
    seen: dict[tuple[str, str, str], Stated] = {}
    for one in out.stated:
        other = seen.setdefault((one.subject, one.type, one.key), one)
        if other.data != one.data:
            out.letters.append(Letter(one.type, "the message says two different things of it", _REMEDY))
            out.incomplete.add(one.group)
    out.stated = list(seen.values())


def _nobody(about: About, found: Unresolved) -> Wait:
    known = [one for one in about.person if one.kind in RANKS]
    if not known:
        return Wait(f"{IDENTITY}:", "the message names no person by any identifier")
    several = f"{len(found.candidates)} people have these identifiers: a person must decide"
    return Wait(
        f"{IDENTITY}:{min(known, key=lambda one: RANKS.index(one.kind)).key}",
        several if found.candidates else "nobody is known by these identifiers yet",
        found.candidates,
    )


class _Person:
    """Resolves what a statement says about one person."""

    def __init__(
        self, out: Resolved, about: About, subject: str, statement: Statement, knowledge: Knowledge
    ) -> None:
        self.out = out
        self.about = about
        self.subject = subject
        self.statement = statement
        self.knowledge = knowledge

    def resolve(self) -> None:
        for identifier in self.about.known_as:
            self._internal(IDENTITY, identifier.key, {})
        if self.about.place is not None:
            self._internal(PLACE, "", self.about.place._asdict())
        for one in self.about.internal:
            self._internal(one.type, one.key, one.data)
        for link in self.about.links:
            self._try(self._link(link))
        for fact in self.about.facts:
            self._try(self._fact(fact))

    def _try(self, steps: Iterator[Stated]) -> None:
        try:
            self.out.stated += list(steps)
        except _Missing as missing:
            self.out.incomplete.add(self.about.group)
            if missing.wait not in self.out.waits:
                self.out.waits.append(missing.wait)

    def _internal(self, type: str, key: str, data: Mapping[str, Any]) -> None:
        self.out.stated.append(self._internal_fact(self.subject, type, key, data))

    def _internal_fact(self, subject: str, type: str, key: str, data: Mapping[str, Any]) -> Stated:
        body = json.dumps(data, sort_keys=True)
        return Stated(self.about.group, subject, type, key, body, self.statement.recorded)

    def _link(self, link: Link) -> Iterator[Stated]:
        reference = link.reference
        if link.moved_from is not None:
            old, there = link.moved_from
            sentence = self._sentence(there, old)
            yield self._internal_fact(self.subject, HOLDER, sentence, {})
            id = sentence
        elif link.within is not None:
            id = self._requirement(self._sentence(link.within), reference)
        else:
            id = self._sentence(link.alias_of or reference)
        yield self._internal_fact(self.subject, LINK, link_key(reference), {"id": id})

    def _sentence(self, reference: Reference, subject: str | None = None) -> str:
        subject = subject or self.subject
        if reference.kind == OWN:
            return reference.value
        key = f"{LINK}:{subject}/{link_key(reference)}"
        self.out.depends |= {key, f"sentences:{subject}"}
        found = self.knowledge.sentence(subject, reference)
        if isinstance(found, Unresolved):
            raise _Missing(_unlinked(key, "sentence", found))
        return found

    def _requirement(self, sentence: str, reference: Reference) -> str:
        if reference.kind == OWN:
            return reference.value
        key = f"{LINK}:{self.subject}/{link_key(reference)}"
        self.out.depends |= {key, f"sentence:{sentence}"}
        found = self.knowledge.requirement(self.subject, sentence, reference)
        if isinstance(found, Unresolved):
            raise _Missing(_unlinked(key, "requirement", found))
        return found

    def _fact(self, fact: Fact) -> Iterator[Stated]:
        data = dict(fact.data)
        subject = self.subject
        if fact.sentence is not None:
            sentence = self._sentence(fact.sentence)
            data["sentence_id"] = sentence
            if fact.requirement is not None:
                data["requirement_id"] = self._requirement(sentence, fact.requirement)
        if (about := data.get("sentence_id")) is not None:
            self.out.depends.add(f"{HOLDER}:{about}")
            subject = self.knowledge.holders.get(about, subject)
        if data.get("action") == BREACH_OR_RECALL:
            data["action"] = self._breach_or_recall(data["sentence_id"])
        if fact.place:
            data |= self._place(fact.type)
        if fact.adds:
            data |= self._terms(data)
        if fact.type == "PersonLeftCustody" and "custody_id" not in data:
            data["custody_id"] = self._stay(data["left_on"])
        yield from self._event(subject, fact, data)

    def _breach_or_recall(self, sentence: str) -> str:
        """An order is breached; from a licence a person is recalled."""
        key = f"sentence:{sentence}"
        self.out.depends.add(key)
        terms = self.knowledge.imposed(sentence)
        if terms is None:
            raise _Missing(Wait(key, "whether the sentence is an order or custody is not known"))
        return "recall_recommended" if terms["kind"] == "custodial" else "breach_initiated"

    def _place(self, type: str) -> dict[str, str]:
        self.out.depends.add(f"{PLACE}:{self.subject}")
        place = self.knowledge.place(self.subject)
        if place is None:
            why = "case management has not said which region and delivery unit supervise the person"
            raise _Missing(Wait(f"{PLACE}:{self.subject}", why))
        fields = CATALOGUE[type].model.model_fields
        return {name: value for name, value in place._asdict().items() if name in fields}

    def _terms(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What a variation leaves: the terms before it, with its own end and requirements."""
        key = f"sentence:{data['sentence_id']}"
        self.out.depends.add(key)
        varied_on: date = data["varied_on"]
        terms = self.knowledge.terms(data["sentence_id"], varied_on.isoformat())
        if terms is None:
            raise _Missing(Wait(key, "the sentence that was varied is not known"))
        added = data["requirements"]
        replaced = {one["requirement_id"] for one in added}
        kept = [one for one in terms.get("requirements", ()) if one["requirement_id"] not in replaced]
        return {"ends_on": data["ends_on"] or terms["ends_on"], "requirements": [*kept, *added]}

    def _stay(self, left_on: date) -> str:
        """The stay that a release ends; one of its own if no reception is known, so that nothing is lost."""
        self.out.depends.add(f"stays:{self.subject}")
        return self.knowledge.open_stay(self.subject, left_on.isoformat()) or own_id(
            "stay", self.subject, left_on.isoformat()
        )

    def _event(self, subject: str, fact: Fact, data: Mapping[str, Any]) -> Iterator[Stated]:
        entry = CATALOGUE[fact.type]
        try:
            model = entry.model.model_validate_json(
                to_json(data), by_alias=True, by_name=False, extra="forbid"
            )
        except ValidationError as error:
            problem = words(error.errors(include_url=False), 0)
            self.out.letters.append(Letter(fact.type, problem, _REMEDY))
            self.out.incomplete.add(self.about.group)
            return
        body = model.model_dump_json()
        key = correction_key(fact.type, model)
        yield Stated(self.about.group, subject, fact.type, key, body, fact.at)


def _unlinked(key: str, what: str, found: Unresolved) -> Wait:
    if found.candidates:
        return Wait(key, f"{len(found.candidates)} {what}s fit: a person must decide", found.candidates)
    return Wait(key, f"no {what} of ours is linked to this name yet")


def keys_of(type: str, subject: str, key: str) -> Iterator[str]:
    """The keys under which others look a fact up."""
    if type in (IDENTITY, HOLDER):
        yield f"{type}:{key}"
    elif type == PLACE:
        yield f"{type}:{subject}"
    elif type == LINK:
        yield f"{type}:{subject}/{key}"
        yield f"sentences:{subject}"
    elif type in OF_SENTENCES:
        yield f"sentences:{subject}"
        yield f"sentence:{key.split('/')[0]}"
    elif type in OF_STAYS:
        yield f"stays:{subject}"
