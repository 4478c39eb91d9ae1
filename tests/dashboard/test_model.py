"""The read model: what it shows is what stands, whatever the order in which it was told."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from schemas.parsing import parse
from services.dashboard.model import generations, rows, taking
from services.dashboard.model.writing import Changed
from shared.answers.open_items import waiting
from shared.answers.responsible import responsible
from shared.answers.standing import Standing
from tests.dashboard.conftest import KEY, Caseload, Read, day, messages

TABLES = ("items", "responsible", "subjects", "practitioners", "open_items", "contributions", "units")
SUMS = ("open_counts", "teams", "held", "sums")


def erasure(crn: str) -> bytes:
    """`PersonErased` about a person."""
    erased = {
        "specversion": "1.0",
        "id": "erased-1",
        "source": "/feeds/practice",
        "type": "PersonErased",
        "subject": crn,
        "time": "2030-01-01T09:00:00Z",
        "data": {"erased_on": "2030-01-01"},
    }
    return json.dumps(erased).encode()


async def content(read: Read) -> dict[str, list[dict[str, Any]]]:
    """All rows and sums, without the numbers of the batches in which they came."""
    found = {}
    for table in (*TABLES, *SUMS):
        rows = await read.rows(f"select * from {table}")
        kept = [row for row in rows if row.get("number") != 0]
        found[table] = sorted(({k: v for k, v in row.items() if k != "version"} for row in kept), key=repr)
    return found


async def test_what_is_shown_as_open_is_what_stands(played: Caseload, read: Read) -> None:
    await read.take(played.messages)
    [state] = await read.rows("select * from state")
    expected = waiting(Standing(played.events), state["day"])
    assert len(expected) > 20
    shown = {row["event_id"]: row for row in await read.rows("select * from open_items")}
    assert shown.keys() == {item.event.id for item in expected}
    for item in expected:
        row = shown[item.event.id]
        assert (row["due_on"], row["title"], row["who"]) == (item.due_on, item.task.title, item.who)
    assert state["unreadable"] == 0


async def test_who_is_responsible_is_whom_the_allocations_name(played: Caseload, read: Read) -> None:
    await read.take(played.messages)
    shown = {
        (row["subject"], row["sentence_id"]): row["practitioner_id"]
        for row in await read.rows("select * from responsible")
    }
    assert shown == {
        (person, one.sentence_id): one.practitioner_id
        for person, theirs in responsible(Standing(played.events)).items()
        for one in theirs
    }


async def test_the_order_of_arrival_and_duplicates_do_not_matter(played: Caseload, read: Read) -> None:
    await read.take(played.messages)
    before = await content(read)
    other = await generations.build(read.connection)
    again = Read(read.connection, other, type(read.taker)(other.schema, KEY), read.dsn)
    shuffled = [*played.messages, *played.messages[::3]]
    random.Random(5).shuffle(shuffled)
    for start in range(0, len(shuffled), 500):
        await again.take(shuffled[start : start + 500])
    assert await content(again) == before
    assert await again.rows("select * from gaps") == []


async def test_the_sums_are_what_the_rows_add_up_to(played: Caseload, read: Read) -> None:
    shuffled = list(played.messages)
    random.Random(7).shuffle(shuffled)
    for start in range(0, len(shuffled), 100):
        await read.take(shuffled[start : start + 100])
    crn = (await read.rows("select subject from responsible order by subject limit 1"))[0]["subject"]
    await read.take(messages([erasure(crn)]))
    for date in ("2025-12-31", "2026-01-31"):
        await read.take(messages([day(date)]))
        kept = await content(read)
        [state] = await read.rows("select day from state")
        async with read.connection.transaction():
            await Changed().sum_up_all(read.connection, state["day"])
        assert await content(read) == kept
        assert sum(row["number"] for row in kept["open_counts"]) == len(kept["items"])
        assert max(row["people"] for row in kept["teams"]) > 1
        events = await read.rows("select source, count(*) as number from events group by source")
        assert sorted(events, key=repr) == kept["held"]


async def test_a_team_has_the_people_of_its_practitioners_under_whichever_name_of_their_unit(
    played: Caseload, read: Read
) -> None:
    await read.take(played.messages)
    [busiest] = await read.rows("select * from practitioners order by people desc limit 1")
    assert busiest["people"] > 1
    event = next(
        json.loads(line)
        for line in played.published
        if parse(line).type == "CaseAllocated"
        and parse(line).data.practitioner_id == busiest["practitioner_id"]
    )
    moved = event["data"] | {"pdu": "Renamed", "sentence_id": "X999001-1"}
    event |= {"id": "renamed", "subject": "X999001", "partitionkey": "X999001", "data": moved}
    await read.take(
        messages([json.dumps(event | {"sequence": "0000000001", "time": "2026-01-01T09:00:00Z"}).encode()])
    )
    [team] = await read.rows("select practitioners, people from teams where pdu = 'Renamed'")
    assert team == {"practitioners": 1, "people": busiest["people"] + 1}


async def test_a_missing_event_is_a_gap_until_it_is_read(played: Caseload, read: Read) -> None:
    published = played.published
    lost = next(line for line in published if parse(line).sequence == "0000000002")
    await read.take(messages(line for line in published if line is not lost))
    [gap] = await read.rows("select * from gaps")
    event = parse(lost)
    assert (gap["source"], gap["subject"], gap["missing"]) == (event.source, event.subject, 1)
    await read.take(messages([lost]))
    assert await read.rows("select * from gaps") == []


async def test_a_standing_event_of_the_compacted_topic_does_not_count_in_the_sequence(
    played: Caseload, read: Read
) -> None:
    subject = parse(played.published[0]).subject
    own = [line for line in played.published if parse(line).subject == subject]
    found = [message for message in messages(own) if message.topic == "allocation"]
    compacted = [type(m)(f"{m.topic}.standing", 0, m.offset, m.value, (), numbered=False) for m in found[-1:]]
    await read.take(compacted)
    assert await read.rows("select * from sequences") == []
    await read.take(found)
    assert await read.rows("select * from gaps") == []


async def test_nothing_is_kept_of_an_erased_person_and_late_facts_are_refused(
    played: Caseload, read: Read
) -> None:
    await read.take(played.messages)
    row = (await read.rows("select subject from responsible order by subject limit 1"))[0]
    crn = row["subject"]
    await read.take(messages([erasure(crn)]))
    await read.take([m for m in played.messages if parse(m.value or b"").subject == crn])
    for table in ("events", "items", "responsible", "subjects", "sequences", "contributions", "uncounted"):
        assert await read.rows(f"select * from {table} where subject = $1", crn) == [], table


async def test_a_message_that_cannot_be_read_is_counted_and_holds_up_no_other(
    played: Caseload, read: Read
) -> None:
    first, *rest = messages(played.published[:20])
    await read.take([type(first)(first.topic, 0, 0, b"not JSON", ()), *rest])
    [state] = await read.rows("select * from state")
    assert state["unreadable"] == 1
    assert len(await read.rows("select * from events")) == 19


async def test_a_restriction_limits_the_case_from_its_day_on(played: Caseload, read: Read) -> None:
    await read.take(played.messages)
    [row] = await read.rows("select subject from responsible order by subject limit 1")
    change = {
        "specversion": "1.0",
        "id": "access-1",
        "source": "/feeds/practice",
        "type": "CaseAccessChanged",
        "subject": row["subject"],
        "time": "2025-12-01T09:00:00Z",
        "data": {"access_id": "a1", "limited": True, "effective_on": "2026-01-01"},
    }
    limited = "select limited from subjects where subject = $1"
    await read.take(messages([json.dumps(change).encode(), day("2025-12-31")]))
    assert await read.rows(limited, row["subject"]) == [{"limited": False}]
    await read.take(messages([day("2026-01-01")]))
    assert await read.rows(limited, row["subject"]) == [{"limited": True}]


async def test_a_day_that_has_not_begun_in_london_is_not_reached(played: Caseload, read: Read) -> None:
    await read.take(messages([day("2025-12-31"), day("2199-01-01")]))
    [state] = await read.rows("select day from state")
    assert state["day"].isoformat() == "2025-12-31"


async def test_a_person_whose_rows_cannot_be_told_holds_up_nobody_else(
    played: Caseload, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = next(event.subject for event in played.events if event.type == "AllocationDue")

    def rows_of(subject: str, *rest: Any) -> rows.Rows:
        if subject == bad:
            raise ValueError(subject)
        return rows.rows_of(subject, *rest)

    monkeypatch.setattr(taking, "rows_of", rows_of)
    await read.take(played.messages)
    [row] = await read.rows("select subject, limited, fault from subjects where fault is not null")
    assert (row["subject"], row["limited"]) == (bad, True)
    assert row["fault"].startswith("ValueError in rows_of")
    assert bad not in row["fault"]
    assert len(await read.rows("select distinct subject from items")) > 5
