"""What the command line says of a case to which access is limited, and of a person who was erased."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import pytest

from schemas import language
from shared.engine.engine import Engine
from shared.engine.intake import Message
from shared.engine.postgres import Postgres
from shared.settings import DEVELOPMENT_ERASURE_KEY
from tests import facts as f
from tests.casebook import event_of
from tests.replaying import on_databases
from tests.tools.conftest import Said, is_one_line
from tools.cli.addresses import announced
from tools.services import BY_NAME, SERVICES

ACall = Callable[..., Awaitable[Said]]
CRN, OTHER, GONE = "X700001", "X700002", "X700003"
FACTS = [
    f.practitioner("2026-03-01"),
    *(
        fact
        for crn in (CRN, OTHER, GONE)
        for fact in (f.order("2026-03-01", subject=crn, event=f"order-{crn}"),)
    ),
    *(f.risk("2026-03-02", subject=crn, event=f"risk-{crn}") for crn in (CRN, OTHER, GONE)),
    f.limited("2026-03-03", subject=CRN),
    f.erased("2026-03-04", subject=GONE),
    f.risk("2026-03-05", "high", subject=CRN),
]
IN_IT = ("SentenceImposed", "CaseAllocated", "P1", "S1", "community", "ALLOC")
"""Words of which each would say something of what is in a case."""


@pytest.fixture
async def databases(create_database: Callable[[], Awaitable[str]]) -> dict[str, str]:
    """The services' databases: one person is limited, one erased, and one neither."""
    addresses = {service.name: await create_database() for service in SERVICES}
    async with on_databases(addresses.__getitem__) as replay:
        outcome = await replay.run([language.render(event_of(fact)) for fact in FACTS])
    assert outcome.dead_letters == []
    return addresses


@pytest.fixture
def here(databases: dict[str, str]) -> Iterator[dict[str, str]]:
    """The same, known to the commands."""
    with announced(databases, {}):
        yield databases


async def refuse(dsn: str, *values: bytes) -> None:
    """Let contacts refuse these messages."""
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(asyncpg.create_pool(dsn, min_size=1, max_size=2))
        storage = Postgres(pool, erasure_key=DEVELOPMENT_ERASURE_KEY)
        engine = Engine(BY_NAME["contacts"], language, storage, latest_day=lambda: date(2026, 4, 1))
        now = datetime(2026, 4, 1, tzinfo=UTC)
        await engine.start()
        await engine.handle(
            [Message("practice", 0, 100 + n, None, value, (), now, "one") for n, value in enumerate(values)]
        )


def broken(crn: str) -> bytes:
    return json.dumps(
        {"specversion": "1.0", "id": f"bad-{crn}", "type": "PersonDied", "subject": crn}
    ).encode()


async def test_explain_says_only_that_a_limited_case_exists(acall: ACall, here: dict[str, str]) -> None:
    said = await acall("explain", CRN)
    is_one_line(said, f"{CRN} has a case, and access to it is limited", "--access-reason", code=1)
    assert not [word for word in IN_IT if word in said.err]
    is_one_line(await acall("explain", CRN, "--json"), "access to it is limited", code=1)


async def test_explain_shows_a_limited_case_to_who_says_by_what_right_and_logs_it(
    acall: ACall, here: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await acall("explain", CRN, "--access-reason", "AUTH 2026/17")
    assert said.code == 0
    assert "access to this case is limited" in said.out
    assert "CaseAllocated" in said.out
    line = json.loads(said.err)
    assert (line["event"], line["command"]) == ("somebody looked into a limited case", "explain")
    assert line["reason"] == "AUTH 2026/17"
    assert line["user"]
    assert line["who"]
    assert CRN not in said.err
    monkeypatch.setenv("PROBATION_ACCESS_REASON", "AUTH 2026/18")
    assert "AUTH 2026/18" in (await acall("explain", CRN, "--json")).err


async def test_a_reason_is_a_reference(acall: ACall, here: dict[str, str]) -> None:
    said = await acall("explain", CRN, "--access-reason", "?")
    assert said.code == 2
    assert "give a reference of 3 to 64" in said.err


async def test_an_open_case_needs_no_reason_and_nothing_is_logged(acall: ACall, here: dict[str, str]) -> None:
    said = await acall("explain", OTHER)
    assert (said.code, said.err) == (0, "")
    assert "CaseAllocated" in said.out


async def test_a_dead_letter_about_a_limited_case_is_shown_only_with_a_reason(
    acall: ACall, here: dict[str, str], elsewhere: Path
) -> None:
    await refuse(here["contacts"], broken(CRN), broken(OTHER))
    said = await acall("dead-letters", "show", "contacts", "1", "--save", "letter.json")
    is_one_line(said, "access to it is limited", code=1)
    assert not (elsewhere / "letter.json").exists()
    said = await acall("dead-letters", "show", "contacts", "1", "--access-reason", "AUTH-17")
    assert said.code == 0
    assert json.loads(said.err)["command"] == "dead-letters show"
    said = await acall("dead-letters", "show", "contacts", "2")
    assert (said.code, said.err) == (0, "")
    listed = await acall("dead-letters", "list", "contacts")
    assert CRN not in listed.out


async def test_what_became_of_an_event_about_a_limited_case_is_told_only_with_a_reason(
    acall: ACall, here: dict[str, str]
) -> None:
    said = await acall("trace", f"order-{CRN}")
    is_one_line(said, "access to it is limited", code=1)
    assert not [word for word in IN_IT if word in said.err]
    said = await acall("trace", f"order-{CRN}", "--access-reason", "AUTH-17")
    assert said.code == 0
    assert json.loads(said.err)["command"] == "trace"
    said = await acall("trace", f"order-{OTHER}")
    assert (said.code, said.err) == (0, "")


async def test_warnings_about_a_limited_case_are_listed_only_with_a_reason(
    acall: ACall, here: dict[str, str]
) -> None:
    is_one_line(await acall("warnings", "--subject", CRN), "access to it is limited", code=1)
    said = await acall("warnings", "--subject", CRN, "--access-reason", "AUTH-17")
    assert said.code == 0
    assert json.loads(said.err.splitlines()[0])["command"] == "warnings"
    assert (await acall("warnings", "--subject", OTHER)).err == ""


async def test_the_summary_of_a_replay_tells_nothing_of_what_is_in_a_case(
    acall: ACall,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    create_database: Callable[[], Awaitable[str]],
) -> None:
    monkeypatch.setenv("DATABASE_URL", await create_database())
    lines = [*(language.render(event_of(fact)) for fact in FACTS), broken(CRN)]
    (elsewhere / "in.jsonl").write_bytes(b"\n".join(lines))
    said = await acall("replay", "in.jsonl", "--out", "out.jsonl")
    assert not [word for word in (CRN, *IN_IT) if word in said.out + said.err]
    marked = [
        json.loads(line)
        for line in (elsewhere / "out.jsonl").read_bytes().splitlines()
        if CRN.encode() in line
    ]
    assert any(event["data"].get("limited") for event in marked)


async def test_explain_and_recheck_say_that_a_person_was_erased(
    acall: ACall, here: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await acall("explain", GONE)
    is_one_line(said, f"{GONE} was erased: allocation, contacts, enforcement, referrals hold nothing", code=1)
    said = await acall("recheck", "contacts", GONE)
    is_one_line(said, f"{GONE} was erased: contacts holds nothing", code=1)
    is_one_line(
        await acall("explain", "X799999"), "nothing is known about X799999: check the number;", code=1
    )


async def test_without_the_key_nobody_can_tell_who_was_erased(
    acall: ACall, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with announced(databases, {}), monkeypatch.context() as patch:
        patch.setenv("PROBATION_ERASURE_KEY", "another key than theirs")
        said = await acall("recheck", "contacts")
        is_one_line(said, "PROBATION_ERASURE_KEY is not the key that it was", code=1)
    monkeypatch.setenv("PROBATION_DATABASE_URL", databases["contacts"])
    is_one_line(await acall("recheck", "contacts"), "PROBATION_ERASURE_KEY is missing", code=1)


async def test_what_was_refused_about_an_erased_person_stays_refused(
    acall: ACall, here: dict[str, str]
) -> None:
    late = f.risk("2026-03-05", "high", subject=GONE)
    await refuse(here["contacts"], language.render(event_of(late)), broken(GONE))
    listed = await acall("dead-letters", "list", "contacts", "--reason", "person_erased")
    assert listed.out.count("practice/0/") == 2
    said = await acall("dead-letters", "redrive", "contacts")
    assert said.code == 1
    assert "1: its content was not kept: discard it" in said.out
    assert "stay open (2 person_erased)" in said.err
    assert (await acall("dead-letters", "show", "contacts", "1")).code == 0
    said = await acall(
        "dead-letters", "discard", "contacts", "--reason", "person_erased", "--because", "told them"
    )
    assert "2 discarded" in said.out
