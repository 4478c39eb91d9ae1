"""`doctor`: what is said of a system in which something is left to do."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from feeds.postgres import DATABASE as FEEDS
from services.dashboard.model.generations import build, serve
from services.dashboard.settings import DATABASE as DASHBOARD
from shared.calendar import LONDON
from shared.database import migrate
from tests.schemas import golden
from tests.tools.conftest import Said, System, is_one_line, reached
from tools.clock import day_started
from tools.doctor.examining import examine
from tools.doctor.expected import Line, read
from tools.doctor.part import Part
from tools.doctor.services import service

Call = Callable[..., Said]
ACall = Callable[..., Awaitable[Said]]
NOON = datetime(2026, 6, 19, 12, tzinfo=LONDON)
"""On the day that the services have reached."""


async def parts(now: datetime = NOON, *lines: Line) -> dict[str, Part]:
    return {part.name: part for part in await examine(None, now, lines)}


@pytest.fixture
async def contacts(
    create_database: Callable[[], Awaitable[str]], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[System]:
    """The contacts service alone."""
    async with reached(["contacts"], create_database, monkeypatch) as made:
        yield made


def event(type: str, id: str, **attributes: Any) -> dict[str, Any]:
    return golden(type) | {"id": id} | attributes


async def test_the_day_the_release_and_the_policy_in_force_are_told(contacts: System) -> None:
    part = await service("contacts", NOON)
    assert "day 2026-06-19" in part.lines
    assert part.data["policy"] == "contacts@2026-05-11"
    assert part.data["same_release_as_this_command"] is True
    assert part.troubles == ["no instance is connected to its database: start `probation serve contacts`"]


async def test_other_rules_at_work_than_the_command_has_are_told(contacts: System) -> None:
    await contacts.execute("contacts", "update clock set digest = 'another'")
    part = await service("contacts", NOON)
    assert any("other rules or another policy are at work" in trouble for trouble in part.troubles)
    assert part.data["policy"] is None


@pytest.mark.parametrize(
    ("later", "missed"), [({"days": 2}, ["2026-06-20", "2026-06-21"]), ({"hours": 13}, [])]
)
async def test_missed_days_are_told_once_they_should_have_begun(
    contacts: System, later: dict[str, int], missed: list[str]
) -> None:
    part = await service("contacts", NOON + timedelta(**later))
    assert part.data["days_missed"] == missed
    told = [trouble for trouble in part.troubles if "missed" in trouble]
    assert bool(told) == bool(missed)
    if told:
        assert "--repeat-from 2026-06-20" in told[0]


async def test_an_announced_day_that_waits_for_another_is_not_missed(contacts: System) -> None:
    for day in (21, 22):
        await contacts.hears("clock", day_started(date(2026, 6, day)))
    data = (await service("contacts", NOON + timedelta(days=2))).data
    assert data["days_missed"] == ["2026-06-20"]


async def test_dead_letters_are_counted_by_reason(contacts: System) -> None:
    for id in ("1", "2"):
        await contacts.hears_event(event("SentenceImposed", id, subject="X999999", partitionkey="X1"))
    part = await service("contacts", NOON)
    assert part.data["dead_letters"] == {"wrong_subject": 2}
    assert any("2 dead letters (wrong_subject) since 2026-06-20" in trouble for trouble in part.troubles)


async def test_a_case_that_could_not_be_assessed_is_told(contacts: System) -> None:
    await contacts.hears_event(golden("SentenceImposed"))
    await contacts.execute("contacts", "update cases set quarantined = 'a fault' where kind = 'person'")
    assert "1 case could not be assessed: run `probation recheck contacts`" in (
        (await service("contacts", NOON)).troubles
    )


async def test_a_service_that_cannot_be_reached_is_said_and_the_others_are_looked_at(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = "postgresql://contacts@127.0.0.1:1/contacts"
    addresses = system.addresses | {"contacts": away}
    monkeypatch.setattr("tools.cli.databases.database_of", addresses.__getitem__)
    found = await parts()
    assert found["contacts"].troubles == [
        "database contacts at 127.0.0.1:1 does not answer: start it, or correct PROBATION_DATABASE_URL"
    ]
    assert "day 2026-06-19" in found["referrals"].lines
    assert found["topics"].troubles == [
        "no Kafka is known: start `probation up`, or set PROBATION_KAFKA_BOOTSTRAP_SERVERS"
    ]


async def test_gaps_in_the_numbers_of_a_feed_are_told_over_all_services(system: System) -> None:
    imposed = event("SentenceImposed", "1", sequence="0000000001")
    rated = event("RiskAssessed", "2", sequence="0000000005")
    for one in (imposed, event("PersonDied", "3", sequence="0000000002", source="/feeds/practice/b"), rated):
        await system.hears_event(one | ({"source": "/feeds/court"} if one is imposed else {}))
    await system.hears_event(event("RegistrationChanged", "4", sequence="0000000002"))
    found = (await parts())["sequences of the feeds"]
    assert found.data["gaps"]["/feeds/practice"] == [(3, 4)]
    assert found.data["gaps"]["/feeds/court"] == []
    assert "2 numbers missing in its sequence, the first 3 to 4" in found.troubles[0]


async def test_what_upstream_sent_is_compared_by_type_and_day_and_by_id(system: System) -> None:
    await system.hears_event(golden("SentenceImposed"))
    sentence = golden("SentenceImposed")
    day = datetime.fromisoformat(sentence.get("recordedtime") or sentence["time"]).astimezone(LONDON).date()
    lines = [
        Line(sentence["id"], "SentenceImposed", day),
        Line("lost", "SentenceImposed", day),
        Line("lost", "SentenceImposed", day),
        Line("P1", "PractitionerUpdated", day),
    ]
    data = (await parts(NOON, *lines))["expected"].data
    assert data["counts"] == [
        {"type": "PractitionerUpdated", "day": str(day), "expected": 1, "allocation": 0},
        {
            **{"type": "SentenceImposed", "day": str(day), "expected": 2},
            **dict.fromkeys(("allocation", "contacts", "enforcement", "referrals"), 1),
        },
    ]
    lost = {"id": "lost", "type": "SentenceImposed", "day": str(day)}
    assert data["missing"]["contacts"] == [lost]
    assert {one["id"] for one in data["missing"]["allocation"]} == {"lost", "P1"}
    assert data["unexpected"] == []


async def test_what_nobody_expects_is_told_for_the_types_and_days_of_the_list(system: System) -> None:
    await system.hears_event(
        event("SentenceImposed", "one", time="2026-06-01T09:00:00Z", recordedtime="2026-06-01T09:00:00Z")
    )
    await system.hears_event(
        event("SentenceImposed", "two", time="2026-06-02T09:00:00Z", recordedtime="2026-06-02T09:00:00Z")
    )
    lines = [Line("other", "SentenceImposed", date(2026, 6, 1))]
    expected = (await parts(NOON, *lines))["expected"]
    assert expected.data["unexpected"] == [{"id": "one", "type": "SentenceImposed", "day": "2026-06-01"}]
    assert any("nobody expects 1 event (one)" in trouble for trouble in expected.troubles)


async def test_what_is_all_there_leaves_nothing_to_do(system: System) -> None:
    await system.hears_event(golden("SentenceImposed"))
    lines = [Line(golden("SentenceImposed")["id"], "SentenceImposed", None)]
    assert (await parts(NOON, *lines))["expected"].troubles == []


async def test_what_waits_in_the_feeds_is_told(
    acall: ACall, database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await migrate(database, FEEDS)
    monkeypatch.setattr("tools.doctor.others.database_of", lambda _: database)
    assert (await parts())["feeds"].lines == ["nothing waits"]
    connection = await asyncpg.connect(database)
    waits = [{"key": "identity:defendant:D2", "why": "w", "candidates": []}]
    for number, (status, told) in enumerate((("waiting", waits), ("dead", []), ("done", []))):
        await connection.execute(
            "insert into messages (feed, digest, origin, received, attributes, body, status, waits, alarmed) "
            "values ('hmpps', $1, 'o', now(), '{}', '', $2, $3, $2 = 'waiting')",
            str(number).encode(),
            status,
            json.dumps(told),
        )
    await connection.close()
    feeds = (await parts())["feeds"]
    assert feeds.data["messages"] == {"hmpps": {"waiting": 1, "dead": 1}}
    assert feeds.data["waiting_for"] == {"hmpps": {"identity": 1}}
    assert "hmpps: 1 message not translated: run `probation feeds list hmpps`" in feeds.troubles
    assert "1 message waited for too long: a person must decide" in feeds.troubles


async def test_gaps_in_what_the_services_published_are_told_by_the_dashboard(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database, DASHBOARD)
    monkeypatch.setattr("tools.doctor.others.dashboard_database", lambda: database)
    name = "sequences of the services"
    assert (await parts())[name].lines == ["not known yet: the dashboard is still reading"]
    connection = await asyncpg.connect(database)
    model = await build(connection)
    await serve(connection, model)
    assert (await parts())[name].lines == ["no gap"]
    await connection.execute(
        f"insert into {model.schema}.sequences (source, subject, partition, first, last, held) "
        "values ('/services/contacts', 'X123456', 0, 1, 5, 4)"
    )
    await connection.close()
    assert (await parts())[name].troubles == [
        "numbers are missing for 1 subject: see /system of the dashboard"
    ]


async def test_the_command_ends_with_1_while_something_is_left_to_do(acall: ACall, system: System) -> None:
    said = await acall("doctor")
    assert said.code == 1
    assert "  ! no instance is connected to its database: start `probation serve allocation`" in said.out
    assert said.err.endswith("to do, marked with ! above\n")
    as_json = await acall("doctor", "--json")
    answer = json.loads(as_json.out)
    assert (as_json.code, as_json.err, answer["ok"]) == (1, "", False)
    assert answer["contacts"]["day"] == "2026-06-19"


@pytest.mark.parametrize(
    "raw",
    [
        b"id,type,day\n4711,PersonDied,2026-06-01\n\n4712,PersonDied\n",
        b"\xef\xbb\xbf4711\tPersonDied\t2026-06-01\r\n4712\tPersonDied\r\n",
        gzip.compress(b"4711, PersonDied, 2026-06-01\n4712,PersonDied,\n", mtime=0),
    ],
)
def test_the_list_is_read_in_common_forms(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "sent").write_bytes(raw)
    lines = read(tmp_path / "sent")
    assert lines == [Line("4711", "PersonDied", date(2026, 6, 1)), Line("4712", "PersonDied", None)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("4711", "line 1: nothing is no type that a feed sends"),
        ("4711,PersonDyed", "PersonDied was probably meant"),
        ("4711,CaseAllocated", "CaseAllocated is no type that a feed sends"),
        ("4711,PersonDied,1 June", "1 June is not a date like 2026-01-31"),
        ("", "has no line"),
    ],
)
def test_a_mistake_in_the_list_is_told_in_one_line(call: Call, tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "sent").write_text(line + "\n")
    is_one_line(call("doctor", "--expected", "sent"), says, code=2)
