"""A hearing of the Common Platform: whom it is about and what it decided.

Each share of a hearing's day states all results of that day again. What it no longer has is voided, for each
defendant alone. A hearing that was deleted states nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from feeds import identity
from feeds.codes import table
from feeds.common_platform.applications import Application, applications, facts
from feeds.common_platform.orders import Convicted, court, orders
from feeds.common_platform.results import Line, lines_of
from feeds.message import Letter, Message, Node, Untranslatable
from feeds.statement import About, Fact, Identifier, Statement, own_id

_DELETED = ("Deleted", "commonplatform.case.deleted", "COMMON_PLATFORM_HEARING_DELETED")
_LIBRA = "LIBRA_COURT_CASE"
_FETCH_LARGE = "fetch the hearing from the bucket that it names, and feed that"


@dataclass
class _Defendant:
    """One person in all cases of the hearing."""

    id: str
    node: Node
    person: Node
    identifiers: set[Identifier] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    offences: list[str] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)


class CommonPlatform:
    """The adapter of the courts' hearings."""

    name = "common-platform"

    def detail(self, message: Message) -> str | None:  # noqa: ARG002 - nothing is fetched
        """A hearing comes whole."""
        return None

    def read(self, message: Message) -> list[Statement]:
        """What a share of a hearing states."""
        if message.attribute("messageType") == _LIBRA:
            return []  # it has no results, and identifies people only by name
        root = message.root()
        if isinstance(root.value, list):
            raise root.wrong("is a large hearing, kept elsewhere", _FETCH_LARGE)
        hearing = root["hearing"] if root["hearing"] else root
        shared = root["sharedTime"] if root["sharedTime"] else root["publishedAt"]
        recorded = root.instant(str(shared.path[-1])) if shared else message.received
        id = hearing.id("id")
        if _is_deleted(message):
            return [Statement(f"hearing/{id}", recorded, (), part=None)]
        return [_hearing(id, hearing, root.optional_day("hearingDay"), recorded)]


def _is_deleted(message: Message) -> bool:
    names = ("hearingEventType", "eventType", "messageType")
    return any(message.attribute(name) in _DELETED for name in names)


def _hearing(id: str, hearing: Node, shared_day: date | None, recorded: datetime) -> Statement:
    sitting = [day.optional_day("sittingDay") for day in hearing.each("hearingDays")]
    known = sorted(day for day in sitting if day is not None)
    day = shared_day or (known[-1] if known else None)
    people = _people(hearing)
    if any(one.lines or one.applications for one in people) and day is None:
        raise hearing["hearingDays"].wrong("names no day on which the court sat")
    part = shared_day.isoformat() if shared_day else ""
    about = tuple(_about(one, id, hearing, day, recorded) for one in people)
    return Statement(f"hearing/{id}", recorded, about, part)


def _people(hearing: Node) -> list[_Defendant]:
    found: dict[str, _Defendant] = {}
    for case in hearing.each("prosecutionCases"):
        for node in case.each("defendants"):
            if not node["legalEntityDefendant"]:
                _add(found, node)
    for node in hearing.each("defendantJudicialResults"):
        one = found.get(node.optional("masterDefendantId") or "")
        if one is not None:
            _read_lines(one, [node["judicialResult"]], ())
    every = [line for one in found.values() for line in one.lines]
    for made in applications(hearing, every):
        defendant, letter = made if isinstance(made, tuple) else (made.defendant, None)
        one = found.get(defendant) or _applicant(found, hearing, defendant)
        if letter is not None:
            one.letters.append(letter)
        elif isinstance(made, Application):
            one.applications.append(made)
    return list(found.values())


def _add(found: dict[str, _Defendant], node: Node) -> None:
    id = node.id("id")
    master = node.optional_id("masterDefendantId") or id
    person = node["personDefendant"]["personDetails"]
    one = found.setdefault(master, _Defendant(master, node, person))
    one.identifiers |= {Identifier("defendant", id), *_identifiers(node, master)}
    for offence in node.each("offences"):
        code = offence.optional("offenceCode")
        one.offences += [code] if code else []
        _read_lines(one, [offence], (code,))


def _read_lines(one: _Defendant, holders: Iterable[Node], codes: Iterable[str | None]) -> None:
    for holder in holders:
        try:
            one.lines += lines_of(holder, next(iter(codes), None))
        except Untranslatable as fault:
            one.letters.append(fault.letter)


def _applicant(found: dict[str, _Defendant], hearing: Node, master: str) -> _Defendant:
    """The person of an application, who is a defendant in no case of this hearing."""
    for node in hearing.each("courtApplications"):
        subject = node["subject"]["masterDefendant"]
        if subject.optional("masterDefendantId") == master or not master:
            person = subject["personDefendant"]["personDetails"]
            one = _Defendant(master, subject, person, set(_identifiers(subject, master) if master else ()))
            return found.setdefault(master, one)
    raise AssertionError("an application was read that the hearing does not have")


def _identifiers(node: Node, master: str) -> Iterator[Identifier]:
    yield Identifier("master_defendant", master)
    for found in (
        identity.pnc(node.optional("pncId")),
        identity.cro(node.optional("croNumber")),
        identity.crn(node.optional("crn")),
    ):
        if found is not None:
            yield found


def _about(one: _Defendant, hearing: str, node: Node, day: date | None, at: datetime) -> About:
    facts: list[Fact] = []
    letters = list(one.letters)
    for fact in _facts(one, hearing, node, day, at):
        if isinstance(fact, Fact):
            facts.append(fact)
        else:
            letters.append(fact.letter)
    return About(tuple(sorted(one.identifiers)), tuple(facts), tuple(letters), one.id)


def _facts(
    one: _Defendant, hearing: str, node: Node, day: date | None, at: datetime
) -> Iterator[Fact | Untranslatable]:
    if day is None:
        return
    yield from (line.unknown() for line in one.lines if line.row is None)
    for made in one.applications:
        yield from facts(made, hearing, day, at)
    words = {line.word for line in one.lines}
    if words & {"order", "report"}:
        try:
            person = _person(one)
            if "order" in words:
                convicted = Convicted(person, court(node), tuple(one.offences), one.id, hearing, at, day)
                yield from orders(one.lines, convicted)
            if "report" in words:
                yield _report(one, person, hearing, day, at)
        except Untranslatable as fault:
            yield fault


def _person(one: _Defendant) -> dict[str, Any]:
    sex = one.person.optional("gender")
    word = table("common_platform", "sexes").of(one.person, "gender").word if sex else "unknown"
    return {"born_on": one.person.day("dateOfBirth"), "sex": word}


def _report(one: _Defendant, person: dict[str, Any], hearing: str, day: date, at: datetime) -> Fact:
    line = next(line for line in one.lines if line.word == "report")
    data = {
        "report_id": own_id("report", hearing, one.id, line.type_id or ""),
        "requested_on": line.ordered_on or day,
        "person": person,
        "partner_violence": False,
        "sexual_offence": False,
        "extremism_offence": False,
    }
    return Fact("PreSentenceReportRequested", data, at, place=True)
