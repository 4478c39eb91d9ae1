"""The commands for dead letters and quarantine, on a service's database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from rich.console import Console

from schemas import language
from schemas.parsing import parse
from shared.database import migrate
from shared.engine.engine import Engine
from shared.engine.intake import Message
from shared.engine.postgres import Postgres
from tests.engine.running import pool_of
from tests.tools.conftest import Said
from tools.cli import letters as commands
from tools.clock import day_started
from tools.services import BY_NAME
from tools.simulate import caseload

ACall = Callable[..., Awaitable[Said]]
CONTACTS = BY_NAME["contacts"]
BROKEN = (
    b'{"specversion":"1.0","id":"x","source":"/feeds/practice","type":"PersonDied","subject":"X100001",'
    b'"time":"2025-02-01T10:00:00Z","data":{"died_on":"Tuesday, Mr Smith"}}'
)
NOT_JSON = b"rubbish"


def message(offset: int, value: bytes, topic: str = "practice") -> Message:
    received = datetime(2026, 1, 5, tzinfo=UTC)
    return Message(topic, 0, offset, None, value, [("trace", b"1")], received, "incarnation-1")


SENTENCE = next(line for line in caseload(people=1, days=90) if parse(line).type == "SentenceImposed")


@pytest.fixture
async def engine(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engine]:
    """The contacts service's engine, which has refused two broken messages."""
    await migrate(database, CONTACTS)
    monkeypatch.setenv("PROBATION_DATABASE_URL", database)
    async with asyncpg.create_pool(database, min_size=1, max_size=2) as pool:
        engine = Engine(CONTACTS, language, Postgres(pool), latest_day=lambda: date(2026, 1, 5))
        await engine.start()
        await engine.handle([message(7, BROKEN), message(8, NOT_JSON)])
        yield engine


async def _letters(engine: Engine) -> list[tuple[Any, ...]]:
    rows = await pool_of(engine).fetch(
        "select status, reason, closed_because from dead_letters order by number"
    )
    return [tuple(row) for row in rows]


async def test_list_shows_origin_and_reason_but_no_data(acall: ACall, engine: Engine) -> None:
    said = await acall("dead-letters", "list", "contacts")
    assert said.code == 0
    assert "practice/0/7" in said.out
    assert "unreadable" in said.out
    assert "Smith" not in said.out
    assert "unreadable" not in (await acall("dead-letters", "list", "contacts", "--reason", "wrong_data")).out
    none = await acall("dead-letters", "list", "contacts", "--reason", "wrong_topic")
    assert none.out == "contacts has no open dead letters with the reason wrong_topic\n"


async def test_list_breaks_no_words_on_a_narrow_terminal(
    acall: ACall, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.cli.letters.console", Console(width=80))
    explanation = "data.occurred_on: Field required; data.national_standard: Field required; data.outcome: no"
    await pool_of(engine).execute("update dead_letters set explanation = $1", explanation)
    out = (await acall("dead-letters", "list", "contacts", "--all")).out
    assert out.split().count("data.national_standard:") == 2
    assert max(map(len, out.splitlines())) <= 80
    assert "(open)" in out


async def test_show_prints_one_letter_and_saves_it_for_the_owner_only(
    acall: ACall, engine: Engine, elsewhere: Path
) -> None:
    said = await acall("dead-letters", "show", "contacts", "1", "--save", "letter.json")
    assert said.code == 0
    assert "Smith" not in said.out
    assert f"{len(BROKEN)} bytes" in said.out
    assert "trace" in said.out
    assert (elsewhere / "letter.json").read_bytes() == BROKEN
    assert (elsewhere / "letter.json").stat().st_mode & 0o777 == 0o600
    missing = await acall("dead-letters", "show", "contacts", "99")
    assert missing.code == 1
    assert missing.err == (
        "probation: contacts has no dead letter 99: see `probation dead-letters list contacts --all`\n"
    )


async def test_redrive_processes_valid_letters_and_leaves_the_rest_open(acall: ACall, engine: Engine) -> None:
    await _make_valid(engine, 1)
    dry = await acall("dead-letters", "redrive", "contacts", "--dry-run")
    assert "1 would be redriven, 1 would be left open" in dry.out
    assert dry.code == 1
    assert "1 dead letters would stay open (1 unreadable): fix the cause" in dry.err
    assert await pool_of(engine).fetchval("select count(*) from journal") == 0
    assert [letter[0] for letter in await _letters(engine)] == ["open", "open"]

    said = await acall("dead-letters", "redrive", "contacts")
    assert "1 redriven, 1 left open" in said.out
    assert said.code == 1  # a script must notice what is left
    assert said.err == (
        "probation: 1 dead letters stay open (1 unreadable): fix the cause and redrive them again, or close "
        "them with `probation dead-letters discard`\n"
    )
    assert await pool_of(engine).fetchval("select type from journal") == "SentenceImposed"
    assert [letter[:2] for letter in await _letters(engine)] == [
        ("redriven", "wrong_data"),
        ("open", "unreadable"),
    ]


async def test_a_long_redrive_says_how_far_it_is_and_why_letters_stay_open(
    acall: ACall, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "EACH", 1)
    monkeypatch.setattr(commands, "PROGRESS_SECONDS", 0.0)
    await _make_valid(engine, 1)
    said = await acall("dead-letters", "redrive", "contacts")
    assert "1 of 2: 1 redriven, 0 left open" in said.err
    assert "1 redriven, 1 left open\n  1 unreadable, such as 2: still unreadable" in said.out


async def test_redrive_ends_with_0_if_nothing_is_left_open(acall: ACall, engine: Engine) -> None:
    await _make_valid(engine, 1)
    said = await acall("dead-letters", "redrive", "contacts", "1")
    assert (said.code, said.err) == (0, "")
    assert "1 redriven, 0 left open" in said.out


async def test_redrive_counts_open_letters_by_reason(acall: ACall, engine: Engine) -> None:
    await engine.handle([message(9, NOT_JSON)])
    said = await acall("dead-letters", "redrive", "contacts")
    assert said.code == 1
    assert "3 dead letters stay open (2 unreadable, 1 wrong_data)" in said.err


async def test_a_letter_that_the_database_refuses_stays_open_and_the_rest_are_redriven(
    acall: ACall, engine: Engine
) -> None:
    await _make_valid(engine, 1)
    await _make_valid(engine, 2)
    await pool_of(engine).execute("alter table journal add check (id <> 'refused')")
    refused = SENTENCE.replace(parse(SENTENCE).id.encode(), b"refused", 1)
    await pool_of(engine).execute("update dead_letters set value = $1 where number = 1", refused)
    said = await acall("dead-letters", "redrive", "contacts")
    assert said.code == 1
    assert "1 redriven, 1 left open" in said.out
    assert "(1 store_error)" in said.err


async def test_a_day_is_left_to_the_ticker(acall: ACall, engine: Engine) -> None:
    day = "update dead_letters set value = $1, topic = 'clock' where number = 1"
    await pool_of(engine).execute(day, day_started(date(2026, 1, 5)))
    said = await acall("dead-letters", "redrive", "contacts", "1")
    assert said.code == 1
    assert "only the ticker may announce a day" in said.out
    assert await pool_of(engine).fetchval("select day from clock") is None


async def _make_valid(engine: Engine, number: int) -> None:
    """As a new release might, make a refused message valid. (Here the message is changed instead.)"""
    change = "update dead_letters set value = $1, topic = 'court' where number = $2"
    await pool_of(engine).execute(change, SENTENCE, number)


async def test_redrive_keeps_the_new_reason(acall: ACall, engine: Engine) -> None:
    await pool_of(engine).execute("update dead_letters set value = $1 where number = 2", BROKEN)
    said = await acall("dead-letters", "redrive", "contacts", "2")
    assert "0 redriven, 1 left open" in said.out
    assert (await _letters(engine))[1][:2] == ("open", "wrong_data")


async def test_redriving_twice_has_the_same_effect_as_once(acall: ACall, engine: Engine) -> None:
    await _make_valid(engine, 1)
    await engine.handle([message(9, SENTENCE, "court")])
    before = await pool_of(engine).fetch("select * from offsets")
    assert "1 redriven" in (await acall("dead-letters", "redrive", "contacts", "1")).out
    assert await pool_of(engine).fetch("select * from offsets") == before  # the stored offset has not changed
    assert await pool_of(engine).fetchval("select count(*) from journal") == 1
    again = await acall("dead-letters", "redrive", "contacts", "1")
    assert again.code == 1
    assert "no open dead letter 1" in again.err


async def test_redrive_refuses_to_supersede_another_release(acall: ACall, engine: Engine) -> None:
    await pool_of(engine).execute("update clock set digest = 'another'")
    for words in (("dead-letters", "redrive", "contacts"), ("recheck", "contacts")):
        said = await acall(*words)
        assert said.code == 1
        assert "from the release that the service runs" in said.err
    assert await pool_of(engine).fetchval("select digest from clock") == "another"


async def test_discard_keeps_the_letter_and_the_reason_given(acall: ACall, engine: Engine) -> None:
    said = await acall("dead-letters", "discard", "contacts", "2", "--because", "sent again as 4711")
    assert said.out == "1 discarded\n"
    assert (await _letters(engine))[1] == ("discarded", "unreadable", "sent again as 4711")
    assert "4711" in (await acall("dead-letters", "show", "contacts", "2")).out
    assert "unreadable" not in (await acall("dead-letters", "list", "contacts")).out
    assert "discarded" in (await acall("dead-letters", "list", "contacts", "--all")).out


async def test_discard_by_reason(acall: ACall, engine: Engine) -> None:
    said = await acall("dead-letters", "discard", "contacts", "--reason", "unreadable", "--because", "noise")
    assert said.out == "1 discarded\n"
    assert [letter[0] for letter in await _letters(engine)] == ["open", "discarded"]


async def test_recheck_releases_a_case_from_quarantine(acall: ACall, engine: Engine) -> None:
    await engine.handle([message(9, SENTENCE, "court")])
    assert (await acall("recheck", "contacts")).out == "contacts has no case in quarantine\n"
    await pool_of(engine).execute("update cases set quarantined = 'KeyError'")
    assert (await acall("recheck", "contacts")).out == "X100001: assessed\n"
    assert await engine.quarantined() == []
    assert (await acall("recheck", "contacts", "X100001")).code == 0
    unknown = await acall("recheck", "contacts", "X999999")
    assert unknown.code == 1
    assert "has no case X999999" in unknown.err


async def test_recheck_says_how_many_cases_stay_in_quarantine(
    acall: ACall, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await engine.handle([message(9, SENTENCE, "court")])
    await pool_of(engine).execute("update cases set quarantined = 'KeyError'")

    async def still_fails(*_: object) -> str:
        return "KeyError"

    monkeypatch.setattr(Engine, "recheck", still_fails)
    said = await acall("recheck", "contacts")
    assert said.code == 1
    assert said.out == "X100001: still fails: KeyError\n"
    assert "1 of 1 cases stay in quarantine" in said.err
