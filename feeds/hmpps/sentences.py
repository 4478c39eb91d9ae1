"""Which sentence and which requirement of ours the names of case management belong to."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.codes import SKIP, table
from feeds.hmpps.envelope import Notice, event_reference
from feeds.message import Node
from feeds.statement import Link, Reference, Statement


def sentence(notice: Notice) -> Iterator[Statement]:
    """A sentence in case management: the one that a court passed on that day."""
    detail = notice.message.answer()
    number = detail.optional_id("index") or notice.info.id("eventNumber")
    held = detail["sentence"]
    if not held:
        return  # an event that has no sentence yet
    group = _group(held)
    if group == SKIP:
        return
    by_number = Reference("event", number, group, held.day("startDate"))
    links = [Link(by_number)]
    if (id := detail.optional_id("convictionId")) is not None:
        links.append(Link(Reference("conviction", id), alias_of=by_number))
    yield notice.statement(_record(notice, number), links=tuple(links))


def _group(held: Node) -> str:
    """The kind of the sentence: exactly, if the disposal is given by its code, or else order or custody."""
    if held["disposalType"]:
        return table("practice", "disposals").of(held["disposalType"], "code", held.day("startDate")).word
    return table("hmpps", "sentence_types").of(held["sentenceType"], "code").word


def sentence_deleted(notice: Notice) -> Iterator[Statement]:
    """The name belongs to nothing any more."""
    yield notice.statement(_record(notice, notice.info.id("eventNumber")))


def _record(notice: Notice, number: str) -> str:
    people = notice.people()
    return f"event/{people[0].value if people else 'unknown'}/{number}"


def requirement(notice: Notice) -> Iterator[Statement]:
    """A requirement in case management: the only one of that kind in its sentence, or a person decides."""
    id = _requirement_id(notice)
    by_code = table("practice", "requirements").row(notice.info.text("requirementMainType"))
    row = by_code or table("hmpps", "requirements").of(notice.info, "requirementMainType")
    kind = row.word
    reference = Reference("requirement", id, kind)
    link = Link(reference, within=event_reference(notice.info.id("eventNumber")))
    yield notice.statement(f"requirement/{id}", links=(link,))


def requirement_deleted(notice: Notice) -> Iterator[Statement]:
    """The name belongs to nothing any more."""
    yield notice.statement(f"requirement/{_requirement_id(notice)}")


def _requirement_id(notice: Notice) -> str:
    return notice.info.optional_id("requirementID") or notice.info.id("requirementId")
