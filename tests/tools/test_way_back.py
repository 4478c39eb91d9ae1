"""Every refusal has a way back, and every warning a meaning, which the runbook documents."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import asyncpg
import pytest

from schemas import language
from schemas.envelope import Reason, WarningKind
from services.contacts.app import SERVICE as CONTACTS
from shared.database import migrate
from shared.engine.engine import Engine
from shared.engine.intake import Message
from shared.engine.postgres import Postgres
from tests.schemas import encode, golden
from tests.tools.test_letters import ACall

RUNBOOK = Path(__file__).parents[2] / "docs/operations.md"
RECEIVED = datetime(2026, 6, 20, tzinfo=UTC)
RIGHT = golden("PersonDied")

# reason: what is wrong, and with which key; the right event is RIGHT.
REFUSED: dict[str, tuple[Any, bytes | None]] = {
    "unreadable": (b"{", None),
    "not_cloudevent": ({"eventType": "person.died"}, None),
    "unknown_type": (RIGHT | {"type": "PersonDead"}, None),
    "unknown_version": (RIGHT | {"dataschema": "https://schemas.probation.example/PersonDied/9"}, None),
    "wrong_data": (RIGHT | {"data": {"died_on": "Tuesday"}}, None),
    "wrong_subject": (RIGHT, b"X999999"),
    "wrong_source": (RIGHT | {"source": "/feeds/prison"}, None),
    "wrong_topic": (golden("SentenceImposed"), None),
    "from_the_future": (RIGHT | {"recordedtime": "2026-07-01T00:00:00Z"}, None),
}


@pytest.fixture
async def engine(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engine]:
    await migrate(database, CONTACTS)
    monkeypatch.setenv("PROBATION_DATABASE_URL", database)
    async with asyncpg.create_pool(database, min_size=1, max_size=2) as pool:
        engine = Engine(CONTACTS, language, Postgres(pool), latest_day=lambda: date(2026, 6, 20))
        await engine.start()
        yield engine


@pytest.mark.parametrize("reason", REFUSED)
async def test_the_right_event_is_taken_after_one_that_was_refused(
    acall: ACall, engine: Engine, reason: str
) -> None:
    wrong, key = REFUSED[reason]
    value = wrong if isinstance(wrong, bytes) else encode(wrong)
    await engine.handle([Message("practice", 0, 1, key, value, (), RECEIVED, "one")])
    assert f"  {reason}\n" in (await acall("dead-letters", "list", "contacts")).out
    await engine.handle([Message("practice", 0, 2, b"X123456", encode(RIGHT), (), RECEIVED, "one")])
    assert engine.tally.applied == 1
    closed = await acall("dead-letters", "discard", "contacts", "1", "--because", "sent again")
    assert closed.out == "1 discarded\n"


async def test_what_was_too_early_is_taken_when_its_time_has_come(acall: ACall, engine: Engine) -> None:
    early = encode(RIGHT | {"recordedtime": "2026-07-01T00:00:00Z"})
    await engine.handle([Message("practice", 0, 1, None, early, (), RECEIVED, "one")])
    said = await acall("dead-letters", "redrive", "contacts", "--reason", "from_the_future")
    assert "1 redriven, 0 left open" in said.out


def rows(heading: str) -> str:
    """The first cells of the table below a heading of the runbook."""
    text = RUNBOOK.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return " ".join(re.findall(r"^\| ([^|]*) \|", text, re.MULTILINE))


@pytest.mark.parametrize("reason", get_args(Reason))
def test_the_runbook_says_what_to_do_about_every_refusal(reason: str) -> None:
    assert f"`{reason}`" in rows("A message was refused")


@pytest.mark.parametrize("kind", get_args(WarningKind))
def test_the_runbook_says_what_every_warning_means(kind: str) -> None:
    assert f"`{kind}`" in rows("A message was taken, but something in it is doubtful")
