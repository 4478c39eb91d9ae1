"""What a court decided about an order that exists: breach, variation, revocation, activation, appeal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from feeds.codes import Row, table
from feeds.common_platform.orders import requirements, sentence_id
from feeds.common_platform.results import Line, lines_of
from feeds.message import Letter, Node, Untranslatable
from feeds.statement import Fact, Reference

_BREACHES = ("breach", "new_offence")
_OUTCOMES = (
    "revoked_and_resentenced",
    "proven_varied",
    "proven_continued",
    "committed_to_crown",
    "withdrawn",
    "not_proven",
    "warrant_issued",
    "adjourned",
)
"""If a hearing has several results, the first of these is its outcome; the rest is how it came to it."""
_SANCTIONS = ("custody", "more_onerous", "fine", "none")
_LISTS = (
    "cancelledrequirements",
    "requirementscancelled",
    "continuingrequirements",
    "requirementscontinuing",
)
_A_PERSON = "a person must record it in case management"
_APPEAL_OUTCOMES = {"not_proven": "dismissed", "withdrawn": "abandoned"}


@dataclass(frozen=True)
class Application:
    """An application about one order, with its results."""

    node: Node
    id: str
    row: Row
    sentence: str
    defendant: str
    lines: Sequence[Line]


def applications(hearing: Node, cases: Sequence[Line]) -> Iterator[Application | tuple[str, Letter]]:
    """The applications of a hearing; for one that cannot be understood the person and why.

    The results lie on the application, on the offences of the court's order, or on those of the linked case
    (`cases`).
    """
    for node in hearing.each("courtApplications"):
        subject = node["subject"]["masterDefendant"]
        defendant = subject.optional_id("masterDefendantId") or ""
        try:
            found = _application(node, defendant, cases)
        except Untranslatable as fault:
            yield defendant, fault.letter
            continue
        if found is not None:
            yield found


def _application(node: Node, defendant: str, cases: Sequence[Line]) -> Application | None:
    if not defendant:
        raise node["subject"]["masterDefendant"]["masterDefendantId"].wrong("is missing")
    lines = list(lines_of(node))
    order = node["courtOrder"]
    for offence in order.each("courtOrderOffences"):
        lines += lines_of(offence)
        lines += lines_of(offence["offence"])
    row = table("common_platform", "applications").of(node["type"], "code")
    if row.word == "skip":
        return None
    sentence = sentence_id(order.id("orderingHearingId"), order.id("judicialResultTypeId"), defendant)
    return Application(node, node.id("id"), row, sentence, defendant, lines or cases)


def facts(found: Application, hearing: str, day: date, at: datetime) -> Iterator[Fact | Untranslatable]:
    """The facts of an application, and an error for each that cannot be told."""
    try:
        if found.row.word == "appeal":
            yield from _appeal(found, day, at)
            return
        if not found.lines:
            return
        if found.row.word in _BREACHES:
            yield _breach(found, hearing, day, at)
    except Untranslatable as fault:
        yield fault
    for word, tell in (("varied", _varied), ("revoked", _revoked), ("quashed", _quashed)):
        line = next((line for line in found.lines if line.word == word), None)
        if line is not None:
            try:
                yield tell(found, line, line.ordered_on or day, at)
            except Untranslatable as fault:
                yield fault


def _breach(found: Application, hearing: str, day: date, at: datetime) -> Fact:
    rows = [line.row for line in found.lines if line.row is not None]
    outcomes = {row.more.get("outcome") for row in rows} | {
        "adjourned" for row in rows if row.word == "adjourned"
    }
    outcome = next((one for one in _OUTCOMES if one in outcomes), None)
    if any(row.word == "requirement" for row in rows) and outcome in (None, "proven_continued"):
        outcome = "proven_varied"
    if outcome is None:
        raise found.node["judicialResults"].wrong("give no outcome of the breach", _A_PERSON)
    sanctions = {row.more.get("sanction") for row in rows}
    if any(row.more.get("kind") == "unpaid_work" for row in rows):
        sanction: str | None = "unpaid_work"
    else:
        sanction = next((one for one in _SANCTIONS if one in sanctions), None)
    if any(row.word == "order" and row.more["kind"] == "custodial" for row in rows):
        sanction = "custody"
    data: dict[str, Any] = {
        "hearing_id": hearing,
        "sentence_id": found.sentence,
        "heard_on": day,
        "outcome": outcome,
        "sanction": sanction if outcome.startswith(("proven", "revoked")) else None,
        "fine_pounds": _fine(found.lines) if sanction == "fine" and outcome.startswith("proven") else None,
    }
    return Fact("BreachHearingResulted", data, at)


def _fine(lines: Sequence[Line]) -> int | None:
    for line in lines:
        if line.row is not None and line.row.more.get("sanction") == "fine":
            return line.number("aof", "amountoffine")
    return None


def _varied(found: Application, line: Line, varied_on: date, at: datetime) -> Fact:
    """A variation: the order's terms with what it adds. What it cancels is free text, so a person decides."""
    if any(line.prompt(name) for name in _LISTS):
        problem = "the requirements that are cancelled or continue are free text"
        raise line.node["judicialResultPrompts"].wrong(problem, _A_PERSON)
    added = [one for one in found.lines if one.word == "requirement"]
    data = {
        "sentence_id": found.sentence,
        "varied_on": varied_on,
        "ends_on": line.day("newenddate", "enddate"),
        "requirements": requirements(f"{found.sentence}/{found.id}", added),
    }
    return Fact("SentenceVaried", data, at, Reference("own", found.sentence), adds=True)


def _revoked(found: Application, line: Line, revoked_on: date, at: datetime) -> Fact:
    resentenced = any(one.word == "order" for one in found.lines)
    if found.row.word == "resentence" or resentenced:
        reason = "resentenced"
    elif found.row.word in _BREACHES:
        reason = "breach"
    else:
        raise line.node.wrong("whether an order was revoked for good progress is not coded", _A_PERSON)
    data = {"sentence_id": found.sentence, "revoked_on": revoked_on, "reason": reason}
    return Fact("SentenceRevoked", data, at, Reference("own", found.sentence))


def _quashed(found: Application, line: Line, on: date, at: datetime) -> Fact:  # noqa: ARG001 - as the others
    data = {"sentence_id": found.sentence, "revoked_on": on, "reason": "quashed"}
    return Fact("SentenceRevoked", data, at, Reference("own", found.sentence))


def _appeal(found: Application, day: date, at: datetime) -> Iterator[Fact]:
    """Whether enforcement rests meanwhile is not told: it does not (an assumption of this feed)."""
    lodged = found.node.optional_day("applicationReceivedDate") or day
    own = Reference("own", found.sentence)
    ids = {"appeal_id": found.id, "sentence_id": found.sentence}
    yield Fact("AppealLodged", {**ids, "lodged_on": lodged, "stayed": False}, at, own)
    for line in found.lines:
        if line.row is None:
            continue
        word = "allowed_quashed" if line.word == "quashed" else None
        outcome = word or _APPEAL_OUTCOMES.get(line.row.more.get("outcome", ""))
        if outcome is not None:
            decided = {**ids, "decided_on": line.ordered_on or day, "outcome": outcome}
            yield Fact("AppealDecided", decided, at, own)
            return
