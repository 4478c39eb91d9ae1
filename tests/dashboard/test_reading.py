"""The dashboard as a subscriber: it restarts, is rebuilt while it serves, and heals gaps."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from asyncio import to_thread

import asyncpg

from services.dashboard import app
from tests.dashboard.conftest import Caseload
from tests.dashboard.running import Running, different, publish, running
from tools.embedded import choose


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        text: str = answer.read().decode()
        return text


async def _ready(kafka: choose.Kafka, database: str, topic_prefix: str, played: Caseload) -> Running:
    found = await running(kafka, database, topic_prefix)
    await publish(found, played.lines)
    return found


async def test_it_reads_what_was_published_and_goes_on_where_it_stopped(
    kafka: choose.Kafka, database: str, topic_prefix: str, played: Caseload
) -> None:
    half = len(played.published) // 2
    on = await running(kafka, database, topic_prefix)
    await publish(on, [*played.facts, *played.published[:half]])
    async with on.dashboard():
        await on.until_it_holds(different([*played.facts, *played.published[:half]]))
    await publish(on, played.published[half:])
    async with on.dashboard():
        await on.until_it_holds(different(played.lines))
        assert "What needs doing today" in await to_thread(_get, on.site)
        assert '"ok": true' in await to_thread(_get, f"{on.site}/readyz")
    assert await on.rows("select * from {model}.gaps") == []
    assert await on.rows("select sum(next_offset)::int as n from {model}.offsets") == [
        {"n": len(played.lines)}
    ]


async def test_it_falls_behind_says_so_and_catches_up_with_what_came_twice(
    kafka: choose.Kafka, database: str, topic_prefix: str, played: Caseload
) -> None:
    half = len(played.published) // 2
    first, later = [*played.facts, *played.published[:half]], played.published[half:]
    on = await running(kafka, database, topic_prefix)
    await publish(on, first)
    async with on.dashboard():
        await on.until_it_holds(different(first))
    another = await asyncpg.connect(on.dsn)  # an instance that has the lock, and reads nothing
    await another.fetchval("select pg_advisory_lock($1)", app.LOCK)
    await publish(on, [*later, *later])
    await on.execute("update {model}.state set up_to = now() - interval '5 minutes'")
    async with on.dashboard():

        async def says(words: str) -> bool:
            try:
                return words in await to_thread(_get, on.site)
            except urllib.error.URLError:
                return False  # it does not listen yet

        await on.until(lambda: says("Not current:"))
        await another.close()
        await on.until_it_holds(different(played.lines))
        await on.until(lambda: says("Facts up to"))
    assert await on.rows("select * from {model}.gaps") == []
    [sums] = await on.rows(
        "select sum(number)::int as kept, (select count(*)::int from {model}.items) "
        "as items from {model}.open_counts"
    )
    assert sums["kept"] == sums["items"]


async def test_it_is_rebuilt_while_the_old_model_serves(
    kafka: choose.Kafka, database: str, topic_prefix: str, played: Caseload
) -> None:
    on = await _ready(kafka, database, topic_prefix, played)
    async with on.dashboard():
        await on.until_it_holds(different(played.lines))
        [before] = await on.rows("select id from models")
        command = [sys.executable, "-m", "tools.cli", "db", "rebuild"]
        environment = {**os.environ, "PROBATION_DATABASE_URL": on.dsn}
        await to_thread(subprocess.run, command, env=environment, check=True, capture_output=True)

        async def replaced() -> bool:
            assert "What needs doing today" in await to_thread(_get, on.site)
            models = await on.rows("select id from models")
            return len(models) == 1 and models != [before]

        await on.until(replaced)
        connection = await asyncpg.connect(on.dsn)
        await on.until_it_holds(different(played.lines))
        gone = "select to_regnamespace($1) is null"
        assert await connection.fetchval(gone, f"model_{before['id']}")
        await connection.close()


async def test_a_gap_is_healed_by_reading_again(
    kafka: choose.Kafka, database: str, topic_prefix: str, played: Caseload
) -> None:
    on = await _ready(kafka, database, topic_prefix, played)
    async with on.dashboard():
        await on.until_it_holds(different(played.lines))
    [lost] = await on.rows(
        "select id, source, subject from {model}.events where sequence = 2 order by id limit 1"
    )
    await on.execute(f"delete from {{model}}.events where id = '{lost['id']}' and sequence = 2")
    await on.execute(
        "update {model}.sequences set held = held - 1 "
        f"where source = '{lost['source']}' and subject = '{lost['subject']}'"
    )
    assert len(await on.rows("select * from {model}.gaps")) == 1
    async with on.dashboard():
        await on.until_it_holds(different(played.lines))
        assert await on.rows("select * from {model}.gaps") == []
