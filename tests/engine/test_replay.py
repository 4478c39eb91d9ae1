"""A caseload played through the four services without a broker: what it gives, and again."""

from __future__ import annotations

import json
import multiprocessing
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import pytest

from shared.mistakes import Mistake
from tests.engine.running import History, Said
from tests.replaying import Replayed, in_memory, on_databases
from tools import players
from tools.services import SERVICES
from tools.simulate import caseload, history

Create = Callable[[], Awaitable[str]]

DECIDED = {"CaseAllocated", "PractitionerOverCapacity"}
"""What depends on who was free at the moment."""


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return caseload(seed=7, people=60, days=120)


async def on_postgres(create: Create, lines: Sequence[bytes]) -> Replayed:
    addresses = [await create() for _ in SERVICES]
    async with on_databases(lambda name: addresses.pop()) as run:
        return await run.run(lines)


def standing(outcome: Replayed) -> Counter[Said]:
    """What stands of each service, checked as its history is read."""
    by_source: dict[str, list[bytes]] = {}
    for value in outcome.published:
        by_source.setdefault(json.loads(value)["source"], []).append(value)
    assert len(by_source) == len(SERVICES)
    found: Counter[Said] = Counter()
    for values in by_source.values():
        found += History(values).standing
    return Counter({what: n for what, n in found.items() if what[1] not in DECIDED})


async def test_memory_and_postgresql_give_the_same_bytes(
    create_database: Create, lines: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of people with two numbers, whose records are merged."""
    with monkeypatch.context() as patch:
        patch.setattr(history, "TWO_NUMBERS", 0.4)
        merged = caseload(seed=3, people=30, days=100)
    assert b'"PersonMerged"' in b"".join(merged)
    for told in (lines, merged):
        assert in_memory(told) == await on_postgres(create_database, told)


def test_any_number_of_jobs_gives_the_same_bytes(lines: list[bytes]) -> None:
    one = in_memory(lines)
    assert one.dead_letters == []
    assert one.lines == len(lines)
    kinds = Counter(json.loads(value)["type"] for value in one.published)
    assert len(kinds) > 15, kinds
    for jobs in (2, 8):
        assert in_memory(lines, jobs=jobs) == one


def test_a_replay_whose_process_was_killed_says_what_to_do() -> None:
    with players.players(players.NO_TRIAL, 2, players.reading_once()) as playing:
        for process in multiprocessing.active_children():
            process.kill()
        with pytest.raises(Mistake, match=r"ended from outside.*--jobs 1"):
            playing.remembered()


def test_another_cut_gives_the_same_standing_set(lines: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(players, "BATCH", 3)
    cut = in_memory(lines)
    monkeypatch.undo()
    assert standing(cut) == standing(in_memory(lines))


BROKEN = {
    b"this is no JSON": "unreadable",
    b"{}": "not_cloudevent",
    b"[1, 2]": "not_cloudevent",
    b"\xff\xfe": "unreadable",
}


async def test_broken_lines_are_dead_letters_and_the_rest_goes_on(
    create_database: Create, lines: list[bytes]
) -> None:
    few = lines[:400]
    sound = json.loads(next(line for line in few if b"SentenceImposed" in line))
    wrong = {
        json.dumps(sound | {"id": "b1", "data": sound["data"] | {"kind": "fine"}}).encode(): "wrong_data",
        json.dumps(sound | {"id": "b2", "subject": "not a number"}).encode(): "wrong_subject",
        json.dumps(sound | {"id": "b3", "dataschema": "https://x/SentenceImposed/9"}).encode(): (
            "unknown_version"
        ),
    }
    mixed = list(few)
    expected = {}
    for n, (line, reason) in enumerate({**BROKEN, **wrong}.items(), 1):
        mixed.insert(n * 40, line)
        expected[n * 40 + 1] = (reason, line)
    outcome = in_memory(mixed)
    assert outcome == await on_postgres(create_database, mixed)
    found = {letter.line: (letter.reason, letter.text) for letter in outcome.dead_letters}
    told = {n: (reason, line.decode(errors="backslashreplace")) for n, (reason, line) in expected.items()}
    assert found == told
    assert all(letter.explanation for letter in outcome.dead_letters)
    assert outcome.published == in_memory(few).published
