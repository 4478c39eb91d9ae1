"""`what-if`: what another policy would change, on the terminal and on the dashboard."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from schemas.language import render
from schemas.parsing import parse
from services.dashboard.settings import DATABASE as DASHBOARD
from shared.database import migrate
from tests import facts as f
from tests.answers.published import fact
from tests.tools.conftest import Said, is_one_line
from tools.embedded import choose
from tools.services import BY_NAME

Call = Callable[..., Said]
ACall = Callable[..., Awaitable[Said]]


@pytest.fixture
def some(elsewhere: Path, postgres: choose.Postgres, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An order and a failure that is not answered by a letter."""
    monkeypatch.setenv("DATABASE_URL", postgres.dsn())
    told = [
        f.order("2026-03-02"),
        f.risk("2026-03-02"),
        f.contact("2026-03-10", "unacceptable_absence", id="C1", recorded="2026-03-10"),
    ]
    path = elsewhere / "in.jsonl"
    path.write_bytes(b"".join(render(fact(one)) + b"\n" for one in told))
    return path


async def test_what_if_says_what_changes_by_rule_region_and_month(
    acall: ACall, some: Path, elsewhere: Path
) -> None:
    value = "enforcement.warning_letter_days=1"
    words = ("what-if", "in.jsonl", "--set", value, "--until", "2026-03-12", "--out", "tried.jsonl")
    said = await acall(*words)
    assert said.code == 0, said.err
    assert "enforcement.warning_letter_days = 1 instead of 2 business days, at all times" in said.out
    assert "1 finding appears; 1 person is concerned." in said.out
    for row in (r"WarningLetterOverdue", r"ENF-10 Warning letter within 2 BD.*", "london", "2026-03"):
        assert re.search(rf"^ +{row} +1 +- +-$", said.out, re.MULTILINE), row
    assert "X123456: WarningLetterOverdue appears: london, camden, contact C1, due on 2026-03-11" in said.out
    tried = [parse(line).data.why.policy for line in (elsewhere / "tried.jsonl").read_bytes().splitlines()]
    assert tried
    assert all(re.fullmatch(r"[a-z]+@what-if-[0-9a-f]{8}-\d{4}-\d\d-\d\d", name) for name in tried)


async def test_what_if_with_a_folder_that_changes_nothing_says_so(
    acall: ACall, some: Path, elsewhere: Path
) -> None:
    (elsewhere / "policy").mkdir()
    own = BY_NAME["enforcement"].policy.read_text("utf-8")
    (elsewhere / "policy" / "enforcement.toml").write_text(own, encoding="utf-8")
    said = await acall("what-if", "in.jsonl", "--policy", "policy", "--until", "2026-03-12")
    assert said.code == 0, said.err
    assert "Nothing changes" in said.out


async def test_what_if_shows_its_result_on_the_dashboard(
    acall: ACall, some: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database, DASHBOARD)
    monkeypatch.setenv("PROBATION_DATABASE_URL", database)
    words = ("--set", "enforcement.warning_letter_days=1", "--until", "2026-03-12", "--to-dashboard")
    said = await acall("what-if", "in.jsonl", *words)
    assert said.code == 0, said.err
    connection = await asyncpg.connect(database)
    [result] = await connection.fetch("select * from what_ifs")
    [finding] = await connection.fetch("select * from what_if_findings")
    await connection.close()
    assert f"On the dashboard: /what-if/{result['id']}" in said.out
    assert re.fullmatch(r"what-if-[0-9a-f]{8}", result["policy"])
    assert result["tried"] == ["enforcement.warning_letter_days = 1 instead of 2 business days, at all times"]
    assert (finding["kind"], finding["type"], finding["subject"]) == (
        "appears",
        "WarningLetterOverdue",
        "X123456",
    )


async def test_what_if_says_which_values_of_a_folder_differ(
    acall: ACall, some: Path, elsewhere: Path
) -> None:
    (elsewhere / "policy").mkdir()
    own = BY_NAME["enforcement"].policy.read_text("utf-8")
    changed = own.replace(
        'name = "warning_letter_days"\nvalue = 2', 'name = "warning_letter_days"\nvalue = 1'
    )
    (elsewhere / "policy" / "enforcement.toml").write_text(changed, encoding="utf-8")
    said = await acall("what-if", "in.jsonl", "--policy", "policy", "--until", "2026-03-12")
    assert (
        "enforcement.warning_letter_days = 1 business days, at all times "
        "instead of 2 business days, at all times" in said.out
    )


def test_what_if_needs_a_dashboard_to_show_its_result_on(call: Call, some: Path) -> None:
    said = call("what-if", "in.jsonl", "--set", "enforcement.warning_letter_days=1", "--to-dashboard")
    is_one_line(said, "no database is known for the dashboard", "probation up", code=1)
