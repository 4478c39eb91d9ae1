"""Orders that a court made in a hearing, with their requirements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from feeds.codes import table
from feeds.common_platform.results import Line
from feeds.message import Node, Untranslatable
from feeds.statement import Fact, own_id

_DAY = timedelta(days=1)
_A_PERSON = "a person must record it, or the court must correct the result"


@dataclass(frozen=True)
class Convicted:
    """The person and the court of an order, as our events tell them."""

    person: Mapping[str, Any]
    court: Mapping[str, Any]
    offences: tuple[str, ...]
    defendant: str
    hearing: str
    at: datetime
    day: date


def sentence_id(hearing: str, type_id: str, defendant: str) -> str:
    """Our id of an order: by the hearing that made it, its type and the person."""
    return own_id("sentence", hearing, type_id, defendant)


def orders(lines: Sequence[Line], convicted: Convicted) -> Iterator[Fact | Untranslatable]:
    """One fact for each order among the results, and an error for each that cannot be told.

    An order repeats on each offence, with another id. Two of one type with different terms cannot be told
    apart later, because what refers to them names only hearing, type and person.
    """
    made: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.word == "order":
            made.setdefault((line.ordered_hearing or convicted.hearing, _type(line)), []).append(line)
    alone = len(made) == 1
    for (hearing, type_id), group in made.items():
        if hearing != convicted.hearing:
            continue  # repeated from the hearing that made it, which has its own message
        try:
            yield _order(group, type_id, lines, convicted, alone=alone)
        except Untranslatable as fault:
            yield fault


def _type(line: Line) -> str:
    return line.type_id or f"cjs-{line.cjs}"


def _order(
    group: Sequence[Line], type_id: str, lines: Sequence[Line], convicted: Convicted, *, alone: bool
) -> Fact:
    line = _only(group)
    assert line.row is not None
    kind = line.row.more["kind"]
    imposed_on = line.ordered_on or convicted.day
    id = sentence_id(convicted.hearing, type_id, convicted.defendant)
    data: dict[str, Any] = {
        "sentence_id": id,
        "kind": kind,
        "imposed_on": imposed_on,
        "court": convicted.court,
        "requirements": requirements(id, _beneath(group, lines, alone=alone)),
        "person": convicted.person,
        **_offences(convicted.offences),
    }
    data |= _custody(line, imposed_on) if kind == "custodial" else {"ends_on": _end(line, kind, imposed_on)}
    return Fact("SentenceImposed", data, convicted.at, place=True)


def _only(group: Sequence[Line]) -> Line:
    """The one order that all lines of a type repeat; of custody the line that gives the total."""
    totals = [line for line in group if line.prompt("totalcustodialperiod", "totalcustodialperiodislife")]
    candidates = totals or group
    if len({line.terms for line in candidates}) > 1:
        what = "several orders of one type with different terms in one hearing"
        raise group[0].node.wrong(what, _A_PERSON)
    return candidates[0]


def _end(line: Line, kind: str, imposed_on: date) -> date:
    if kind == "suspended_sentence_order":
        after = line.after(imposed_on, "suspendedperiod")
        if after is None:
            raise line.wrong("suspendedPeriod", "is missing")
        return after - _DAY
    end = line.day("enddate", "endsdate", "newenddate")
    if end is None:
        raise line.wrong("endDate", "is missing")
    return end


def _custody(line: Line, imposed_on: date) -> dict[str, Any]:
    if (line.prompt("totalcustodialperiodislife") or "").lower() in ("true", "yes", "y"):
        return {"custody_type": "life", "custodial_days": None}
    after = line.after(imposed_on, "totalcustodialperiod", "imprisonmentperiod")
    if after is None:
        raise line.wrong("imprisonmentPeriod", "is missing")
    return {"custodial_days": (after - imposed_on).days}


def _offences(codes: Iterable[str]) -> dict[str, bool]:
    """What the codes of the offences tell of them. Partner violence they never tell."""
    known = table("common_platform", "offences")
    words = {row.word for code in codes if (row := known.row(code[:4]))}
    return {
        "partner_violence": False,
        "sexual_offence": "sexual_offence" in words,
        "extremism_offence": "extremism_offence" in words,
    }


def _beneath(group: Sequence[Line], lines: Sequence[Line], *, alone: bool) -> list[Line]:
    """The results that lie beneath an order. Raises for one that has no known meaning, or no known order."""
    ids = {line.id for line in group}
    found = []
    for line in lines:
        if line.root in ids and line.id not in ids:
            if line.row is None:
                raise line.unknown()
            if line.word == "requirement":
                found.append(line)
        elif line.word == "requirement" and line.root is None:
            if not alone:
                problem = "is missing, and the hearing made several orders"
                raise line.node["rootJudicialResultId"].wrong(problem, _A_PERSON)
            found.append(line)
    return found


def requirements(sentence: str, lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The requirements of an order, each once although it repeats on each offence.

    A requirement has the same id in every share of the hearing, even if its amount is corrected: it is told
    by its kind, and by its place among those of that kind.
    """
    found: dict[tuple[str, tuple[tuple[str, str], ...]], dict[str, Any]] = {}
    numbers: dict[str, int] = {}
    for line in lines:
        assert line.row is not None
        if (_type(line), line.terms) in found:
            continue
        number = numbers[_type(line)] = numbers.get(_type(line), 0) + 1
        prompts = line.row.more.get("amount", ())
        amount = line.number(*prompts) if prompts else None
        if prompts and amount is None:
            raise line.wrong(prompts[0], "is missing")
        found[_type(line), line.terms] = {
            "requirement_id": own_id("requirement", sentence, _type(line), str(number)),
            "kind": line.row.more["kind"],
            "amount": amount,
        }
    return list(found.values())


def court(hearing: Node) -> dict[str, str]:
    """The court of a hearing."""
    name = hearing["courtCentre"].optional("name") or hearing["courtCentre"].text("code")
    return {"name": name, "level": table("common_platform", "courts").of(hearing, "jurisdictionType").word}
