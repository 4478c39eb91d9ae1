"""Compares what upstream says it sent with what the services have taken: by type and day, and by id."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any

from schemas.catalogue import CATALOGUE
from schemas.language import is_feed, nearest_type
from schemas.scalars import FIRST_INSTANT, LAST_INSTANT
from schemas.topics import SERVICES
from shared.calendar import LONDON, london_date
from shared.engine.days import ONE_DAY
from tools.cli.databases import connected
from tools.cli.errors import UserError
from tools.doctor.part import Part
from tools.services import BY_NAME
from tools.wording import counted

SHOWN = 5
"""How many ids are named on the page. The JSON object has all."""

_HAD = """
select id, type, recorded from journal
where type = any($1) and source like '/feeds/%' and recorded >= $2 and recorded < $3
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What upstream says it sent. `day` is that of recording, in London."""

    id: str
    type: str
    day: date | None


@dataclass
class Compared:
    """How one type of one day compares. The day is None where upstream gave none."""

    expected: int = 0
    had: dict[str, int] = field(default_factory=dict)
    """How many of the expected events each service has that reads the type."""


def read(path: Path) -> list[Line]:
    """The lines of a file: id, type and perhaps day, parted by a comma or a tab. Raises `UserError`."""
    found = []
    with _opened(path) as file:
        for number, row in enumerate(_rows(file), 1):
            if row and row[0] and not (number == 1 and row[0].lower() == "id"):
                found.append(_line(path, number, row))
    if not found:
        raise UserError(f"{path} has no line: give an id and a type on each, such as 4711,SentenceImposed", 2)
    return found


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    if packed:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _rows(file: IO[str]) -> Iterator[list[str]]:
    for line in file:
        delimiter = "\t" if "\t" in line else ","
        for row in csv.reader([line], delimiter=delimiter):
            yield [cell.strip() for cell in row]


def _line(path: Path, number: int, row: Sequence[str]) -> Line:
    id, type, day = (*row, "", "")[:3]
    where = f"{path}, line {number}"
    entry = CATALOGUE.get(type)
    if entry is None or not is_feed(entry.topics[0]):
        close = nearest_type(type) if type else None
        meant = f": {close} was probably meant" if close else ""
        raise UserError(f"{where}: {type or 'nothing'} is no type that a feed sends{meant}", 2)
    try:
        return Line(id, type, date.fromisoformat(day) if day else None)
    except ValueError:
        raise UserError(f"{where}: {day} is not a date like 2026-01-31", 2) from None


async def compare(lines: Sequence[Line]) -> Part:
    """Compare with the journals of all services that can be reached. Ids of erased people are in none."""
    part = Part("expected")
    wanted = {(line.id, line.type): line for line in lines}
    table = {(line.type, line.day): Compared() for line in wanted.values()}
    for line in wanted.values():
        table[line.type, line.day].expected += 1
    missing: dict[str, list[Line]] = {}
    unexpected: set[tuple[str, str, date]] = set()
    for name in SERVICES:
        mine = [line for line in wanted.values() if reads(name, line.type)]
        try:
            had, more = await _look(name, mine, wanted)
        except UserError as fault:
            part.troubles.append(str(fault))
            continue
        unexpected |= more
        lacking = [line for line in mine if (line.id, line.type) not in had]
        if lacking:
            missing[name] = lacking
        for line in mine:
            counts = table[line.type, line.day].had
            counts[name] = counts.get(name, 0) + ((line.id, line.type) in had)
    part.lines.append(f"{counted(len(wanted), 'event')} expected")
    if len(wanted) < len(lines):
        part.lines.append(f"{counted(len(lines) - len(wanted), 'line')} of the file named twice")
    _tell(part, table, missing, unexpected)
    return part


def reads(service: str, type: str) -> bool:
    """Has that service a use for events of that type?"""
    its = BY_NAME[service]
    return its.model_of(type) is not None and CATALOGUE[type].topics[0] in its.reads


async def _look(
    name: str, lines: Sequence[Line], wanted: Iterable[tuple[str, str]]
) -> tuple[set[tuple[str, str]], set[tuple[str, str, date]]]:
    """Which of these events a service has, and which of their types and days it has that nobody expects."""
    if not lines:
        return set(), set()
    types = sorted({line.type for line in lines})
    days = {(line.type, line.day) for line in lines}
    had, more, known = set(), set(), set(wanted)
    first, last = _span(lines)
    async with connected(name) as connection, connection.transaction():
        async for row in connection.cursor(_HAD, types, first, last, prefetch=10_000):
            event = row["id"], row["type"]
            if event in known:
                had.add(event)
                continue
            day = london_date(row["recorded"])
            if (row["type"], day) in days or (row["type"], None) in days:
                more.add((*event, day))
    return had, more


def _span(lines: Sequence[Line]) -> tuple[datetime, datetime]:
    """The time in which the events were recorded: any, if a line gives no day."""
    days = [line.day for line in lines if line.day is not None]
    if len(days) < len(lines):
        return FIRST_INSTANT, LAST_INSTANT
    return _begin(min(days)), _begin(max(days) + ONE_DAY)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


def _tell(
    part: Part,
    table: dict[tuple[str, date | None], Compared],
    missing: dict[str, list[Line]],
    unexpected: set[tuple[str, str, date]],
) -> None:
    rows = sorted(table.items(), key=lambda one: (one[0][0], one[0][1] or date.min))
    for (type, day), one in rows:
        had = ", ".join(f"{name} has {number:,}" for name, number in one.had.items()) or "nobody reads it"
        if set(one.had.values()) != {one.expected}:
            part.lines.append(f"{type}{f' of {day}' if day else ''}: {one.expected:,} expected, {had}")
    for name, lines in missing.items():
        part.troubles.append(
            f"{name} lacks {_counted([line.id for line in lines])}: see `probation trace ID` for dead "
            "letters, or have them sent again"
        )
    if unexpected:
        part.troubles.append(
            f"nobody expects {_counted([id for id, *_ in sorted(unexpected)])} of these types and days: is "
            "the list complete?"
        )
    part.data = {
        "counts": [
            {"type": type, "day": day.isoformat() if day else None, "expected": one.expected, **one.had}
            for (type, day), one in rows
        ],
        "missing": {
            name: [_object(line.id, line.type, line.day) for line in lines] for name, lines in missing.items()
        },
        "unexpected": [_object(*one) for one in sorted(unexpected)],
    }


def _counted(ids: Sequence[str]) -> str:
    """How many events, with the ids of the first."""
    more = f" and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else ""
    return f"{counted(len(ids), 'event')} ({', '.join(ids[:SHOWN])}{more})"


def _object(id: str, type: str, day: date | None) -> dict[str, Any]:
    return {"id": id, "type": type, "day": day.isoformat() if day else None}
