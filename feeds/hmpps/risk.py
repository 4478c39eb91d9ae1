"""A person's risk, joined from assessments, scores and registers into one assessment for each day it changed.

Each source tells a part. The parts are kept as internal facts; whenever one changes, all assessments of the
person are worked out again, and the difference is published like everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from feeds.codes import table
from feeds.hmpps.envelope import Notice
from feeds.knowledge import RISK
from feeds.message import Node
from feeds.statement import About, Fact, Identifier, Internal, Statement, own_id

_COMPLETE = ("COMPLETE", "LOCKED_INCOMPLETE")
_LATEST = ("rosh", "rsr", "ogrs", "arp", "csrp", "arp_static", "csrp_static", "needs")


def assessment(notice: Notice) -> Iterator[Statement]:
    """A completed assessment: risk of serious harm, needs and scores."""
    for node in notice.message.answer().each("assessments"):
        if node.text("assessmentStatus") not in _COMPLETE:
            continue
        id = node.id("assessmentPk")
        on = node.day("dateCompleted")
        part: dict[str, Any] = {"on": on.isoformat(), "needs": _needs(node)}
        if node["offender"].optional("riskToOthers") not in (None, "N/A", "DK"):
            part["rosh"] = table("hmpps", "rosh").of(node["offender"], "riskToOthers").word
        ogrs = node["furtherInformation"].number("ogrs2Year")
        if ogrs is not None:
            part["ogrs"] = round(ogrs)
        yield _part(notice, f"assessment:{id}", part)


def _needs(node: Node) -> list[dict[str, str]]:
    san = node["indicators"].optional("sanIndicator") in ("Y", "true", "True") or (
        node["indicators"]["sanIndicator"].value is True
    )
    found = []
    for name, (row, *_) in sorted(table("hmpps", "needs").rows.items()):
        score = node["weightedScores"].number(name)
        if score is None:
            continue
        standard, severe = row.more["standard"], row.more["severe"]
        if san and "san" in row.more:
            standard, severe = row.more["san"]
        severity = "severe" if score >= severe else "standard" if score >= standard else "none"
        found.append({"need": row.word, "severity": severity})
    return found


def scores(notice: Notice) -> Iterator[Statement]:
    """Scores that were calculated alone. All fields are optional; numbers come as text."""
    info = notice.info
    on = info.optional_day("AssessmentDate") or notice.day
    part: dict[str, Any] = {"on": on.isoformat()}
    rsr, ogrs = info.number("RSRScore"), info.number("OGRS3Yr2")
    if rsr is not None:
        part["rsr"] = rsr
    if ogrs is not None:
        part["ogrs"] = round(ogrs)
    if len(part) > 1:
        yield _part(notice, f"scores:{on.isoformat()}", part)


def _part(notice: Notice, key: str, part: Mapping[str, Any]) -> Statement:
    people = notice.people()
    about = About(people, internal=(Internal(RISK, key, part),))
    name = people[0].value if people else "unknown"
    return Statement(f"risk/{name}/{key}", notice.recorded, (about,))


def joined(subject: str, parts: Sequence[Mapping[str, Any]], at: datetime) -> Statement:
    """All assessments of a person, from the parts that are known."""
    days = sorted({part["on"] for part in parts})
    facts = tuple(fact for day in days if (fact := _on(subject, day, parts)) is not None)
    about = About((Identifier("crn", subject),), facts)
    return Statement(f"joined-risk/{subject}", at, (about,))


def _on(subject: str, day: str, parts: Sequence[Mapping[str, Any]]) -> Fact | None:
    """The assessment that holds from a day; None while the risk of serious harm is not known."""
    known = sorted((p for p in parts if p["on"] <= day and "ends" not in p), key=lambda part: part["on"])
    over = {part["ends"] for part in parts if "ends" in part and part["on"] <= day}
    registers = [part for part in known if part.get("registration") not in (None, *over)]
    latest = [part for part in known if "registration" not in part]
    data: dict[str, Any] = {}
    for part in [*latest, *registers]:  # a register that is active goes before an assessment
        data |= {name: part[name] for name in (*_LATEST, "mappa") if name in part}
    if "rosh" not in data:
        return None
    data |= {
        "assessment_id": own_id("risk", subject, day),
        "assessed_on": day,
        "complexity_flags": _count(registers, "complexity"),
        "integrated_offender_management": _count(registers, "integrated_offender_management") > 0,
    }
    noon = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return Fact("RiskAssessed", data, noon)


def _count(parts: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(bool(part.get(name)) for part in parts)
