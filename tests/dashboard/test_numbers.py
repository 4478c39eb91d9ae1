"""The numbers that are kept as events come are those of what stands; tables by group never change."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from schemas.envelope import CloudEvent
from schemas.language import render
from schemas.parsing import parse
from services.dashboard.model import counting, generations
from services.dashboard.model.counting import WHOLE
from services.dashboard.model.publishing import Quarter, due, publish
from shared.answers.listed import MEASURES, NOW
from shared.answers.measures import contributions
from shared.answers.standing import Standing
from shared.probation.names import name_key
from tests import facts as f
from tests.answers.published import fact, said, withdrawn
from tests.dashboard.conftest import KEY, Caseload, Read, messages

Sums = dict[tuple[str, ...], tuple[int, int]]


def expected(lines: Iterable[bytes]) -> Sums:
    """What all measures count of what stands, by group, place, month and kind."""
    achieved: Counter[tuple[str, ...]] = Counter()
    total: Counter[tuple[str, ...]] = Counter()
    for one in contributions(Standing(map(parse, lines)), (*MEASURES, *NOW)):
        for group in ("", *one.groups):
            for unit in (name_key(one.place.pdu), WHOLE):
                kind = "" if group else one.kind
                key = group, one.place.region, unit, one.month, one.measure, kind
                achieved[key] += one.achieved
                total[key] += one.total
    return {key: (achieved[key], total[key]) for key in total}


async def sums(read: Read) -> Sums:
    return {
        tuple(row[name] for name in ("group", "region", "pdu_key", "month", "measure", "kind")): (
            row["achieved"],
            row["total"],
        )
        for row in await read.rows("select * from sums")
    }


async def test_the_numbers_that_are_shown_are_those_of_what_stands(played: Caseload, read: Read) -> None:
    for start in range(0, len(played.messages), 300):
        await read.take(played.messages[start : start + 300])
    found = await sums(read)
    assert found == expected(played.lines)
    assert {measure for _, _, _, _, measure, _ in found} >= {
        "sentences allocated on time",
        "oral reports to courts",
        "first appointments in time",
    }
    assert {group for group, *_ in found} >= {"", "women", "minority_ethnic"}


async def test_the_order_of_arrival_does_not_change_the_numbers(played: Caseload, read: Read) -> None:
    shuffled = [*played.messages, *played.messages[::5]]
    random.Random(7).shuffle(shuffled)
    for start in range(0, len(shuffled), 400):
        await read.take(shuffled[start : start + 400])
    assert await sums(read) == expected(played.lines)


async def test_a_model_that_is_being_built_counts_once_all_is_read(played: Caseload, read: Read) -> None:
    *most, last = [played.messages[start : start + 300] for start in range(0, len(played.messages), 300)]
    await read.taker.count_later(read.connection)
    for some in most:
        await read.take(some)
    assert await sums(read) == {}
    while await read.taker.count_waiting(read.connection):
        pass
    await read.take(last)
    assert await sums(read) == expected(played.lines)


async def test_the_numbers_of_an_erased_person_are_gone(played: Caseload, read: Read) -> None:
    await read.take(played.messages)
    [row] = await read.rows("select subject from contributions where groups <> '{}' order by 1 limit 1")
    gone = {
        "specversion": "1.0",
        "id": "erased-1",
        "source": "/feeds/practice",
        "type": "PersonErased",
        "subject": row["subject"],
        "time": "2030-01-01T09:00:00Z",
        "data": {"erased_on": "2030-01-01"},
    }
    found = Standing(map(parse, played.lines))
    others = [
        line for line in played.lines if found.person(parse(line).subject) != found.person(row["subject"])
    ]
    await read.take(messages([json.dumps(gone).encode()]))
    assert await read.rows("select * from contributions where subject = $1", row["subject"]) == []
    assert await sums(read) == expected(others)


def of(subject: str, *events: CloudEvent[Any]) -> list[bytes]:
    """These events about a person."""
    given = {event.id: {"subject": subject, "id": f"{event.id}@{subject}"} for event in events}
    return [render(event.model_copy(update=given[event.id])) for event in events]


async def answered(read: Read) -> list[tuple[int, int]]:
    rows = await read.rows(
        "select achieved, total from sums where measure = 'answered by letter in time' and pdu_key = '*'"
    )
    return [(row["achieved"], row["total"]) for row in rows]


async def test_two_numbers_of_one_person_count_as_one_until_they_are_taken_apart(read: Read) -> None:
    asked = said("EnforcementActionRequired", "2026-03-02", contact_id="C1", options=["warn"], failures=1)
    missed = said(
        "ContactMissed", "2026-03-02", contact_id="C1", missed_on="2026-03-02", outcome="unacceptable_absence"
    )
    resolved = withdrawn(asked, "resolved", "2026-03-09")
    told = resolved.model_copy(
        update={"data": resolved.data.model_copy(update={"withdraws": f"{asked.id}@X1"})}
    )
    await read.take(messages([*of("X1", asked, told), *of("X2", missed)]))
    assert await answered(read) == []
    merge = f.merged("2026-03-10", "X2", subject="X1")
    await read.take(messages([render(fact(merge))]))
    assert await answered(read) == [(1, 1)]
    await read.take(messages([render(fact(merge.voided().said("2026-03-11")))]))
    assert await answered(read) == []


async def test_a_person_whose_numbers_cannot_be_told_holds_up_nobody_else(
    played: Caseload, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = next(event.subject for event in played.events if event.type == "CaseAllocated")

    def rows_of(subject: str, events: Iterable[CloudEvent[Any]]) -> list[counting.Row]:
        known = list(events)
        if bad in {event.subject for event in known}:
            raise ValueError(subject)
        return real(subject, known)

    real = counting.rows_of
    monkeypatch.setattr(counting, "rows_of", rows_of)
    await read.take(played.messages)
    [row] = await read.rows("select fault from subjects where fault is not null")
    assert row["fault"].startswith("ValueError in rows_of")
    assert len(await read.rows("select distinct subject from contributions")) > 5


# -- tables by group -------------------------------------------------------------------------------------

OUTCOMES = "outcomes achieved"


def row(who: str, region: str, achieved: int, total: int, *groups: str) -> counting.Row:
    """So many outcomes of one person."""
    unit = f"{region} one"
    return who, OUTCOMES, region, name_key(unit), unit, "2025-02", "", achieved, total, ",".join(groups)


async def counted(read: Read, *rows: counting.Row) -> None:
    """Let these be the contributions of their subjects."""
    await read.rows("select 1")
    await counting.replace(read.connection, [one[0] for one in rows], rows)


async def on(read: Read, day: str) -> None:
    """A day on which all has been read, and the tables that are due are made."""
    await read.rows("update state set day = $1, up_to = now()", date.fromisoformat(day))
    await publish(read.connection, read.model.schema)


async def table(read: Read, group: str = "women") -> dict[tuple[str, str], tuple[int | None, ...]]:
    rows = await read.rows('select * from equalities where "group" = $1', group)
    cells = ("achieved", "total", "others_achieved", "others_total")
    return {(one["region"], one["pdu_key"]): tuple(one[name] for name in cells) for one in rows}


LONDON = (row("A", "london", 52, 80, "women"), row("B", "london", 101, 140))
WALES = (row("C", "wales", 33, 60, "women"), row("D", "wales", 81, 100))
EAST = (row("E", "north_east", 2, 9, "women"), row("F", "north_east", 47, 90))


def test_tables_are_due_some_time_after_the_end_of_a_quarter() -> None:
    assert due(date(2025, 4, 29))[0] == Quarter(2024, 4)
    assert due(date(2025, 4, 30))[0] == Quarter(2025, 1)
    assert str(due(date(2025, 4, 30))[1]) == "2024-Q4"
    assert Quarter(2025, 1).months == ["2025-01", "2025-02", "2025-03"]


async def test_tables_show_rounded_numbers_of_a_group_and_of_everybody_else(read: Read) -> None:
    await counted(read, *LONDON, *WALES)
    await on(read, "2025-04-29")
    assert await table(read) == {}
    await on(read, "2025-04-30")
    assert await table(read) == {
        ("", "*"): (85, 140, 180, 240),
        ("london", "*"): (50, 80, 100, 140),
        ("london", "london one"): (50, 80, 100, 140),
        ("wales", "*"): (35, 60, 80, 100),
        ("wales", "wales one"): (35, 60, 80, 100),
    }


async def test_a_small_number_is_not_in_the_tables_nor_is_one_from_which_it_follows(read: Read) -> None:
    await counted(read, *LONDON, *WALES, *EAST)
    await on(read, "2025-05-01")
    found = await table(read)
    hidden = {name for name, cells in found.items() if cells == (None,) * 4}
    assert hidden == {
        ("north_east", "*"),
        ("north_east", "north_east one"),
        ("wales", "*"),
        ("wales", "wales one"),
    }
    assert found["", "*"] == (85, 150, 230, 330)


async def test_a_table_does_not_change_whatever_is_corrected_or_built_anew(read: Read) -> None:
    await counted(read, *LONDON, *WALES)
    await on(read, "2025-05-01")
    before = await read.rows("select * from equalities order by 1, 2, 3, 4, 5")
    assert before
    await counted(read, row("A", "london", 53, 80, "women"), row("G", "wales", 1, 1, "women"))
    await on(read, "2025-05-02")
    other = await generations.build(read.connection)
    again = Read(read.connection, other, type(read.taker)(other.schema, KEY), read.dsn)
    await counted(again, *LONDON, *EAST)
    await on(again, "2025-05-03")
    assert await again.rows("select * from equalities order by 1, 2, 3, 4, 5") == before


async def test_no_table_is_made_from_a_model_that_is_behind(read: Read) -> None:
    await counted(read, *LONDON)
    await read.rows("update state set day = '2025-05-01', up_to = now() - interval '5 minutes'")
    await publish(read.connection, read.model.schema)
    assert await read.rows("select * from equality_tables") == []


async def test_outcomes_without_a_known_region_are_in_no_table(read: Read) -> None:
    await counted(read, *LONDON, *WALES, row("H", "", 30, 60, "women"))
    await on(read, "2025-05-01")
    assert (await table(read))["", "*"] == (85, 140, 180, 240)
