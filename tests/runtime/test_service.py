"""The toy service end to end, on a real broker and database."""

import asyncio
import json
import os
import signal
import sys
from datetime import date
from pathlib import Path

import pytest

from shared.runtime import service as services
from shared.settings import PREFIX
from tests.runtime import toy
from tests.runtime.environment import PATIENCE, Environment, until
from tools.embedded.process import free_port


async def test_a_service_goes_on_when_a_library_gives_up_what_it_waits_for(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "WATCH_SECONDS", 0.02)
    runtime = env.runtime()
    watched = 0

    async def watch(_: object) -> bool:
        nonlocal watched
        watched += 1
        raise asyncio.CancelledError

    monkeypatch.setattr(runtime.recovery, "watch", watch)
    await env.run(runtime)

    async def several_times() -> bool:
        return watched > 2

    await until(several_times)
    assert not env.running[runtime].done()


async def test_a_fact_comes_in_and_its_finding_goes_out(env: Environment) -> None:
    await env.run()
    await env.send(toy.day(date(2026, 1, 5)), topic="clock")
    await env.weigh("p1", 50)
    [record] = await env.read("porter", 1)
    assert json.loads(record.value or b"")["type"] == "ParcelHeavy"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_process_logs_its_settings_and_ends_gracefully_on_a_signal(
    env: Environment, number: signal.Signals
) -> None:
    given = {
        **env.settings.model_dump(exclude_none=True, exclude={"database_url"}),
        "database_url": env.database,
        "http_host": "127.0.0.1",
        "http_port": free_port(),
    }
    environment = {PREFIX + name.upper(): str(value) for name, value in given.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.runtime.serve_porter"),
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    await env.send(toy.day(date(2026, 1, 5)), topic="clock")
    await env.weigh("p1", 50)
    await env.read("porter", 1)
    process.send_signal(number)
    async with asyncio.timeout(PATIENCE):
        _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    lines = [json.loads(line) for line in errors.splitlines()]
    assert [line["event"] for line in lines if line["level"] in ("warning", "error")] == []
    assert lines[0]["event"] == "settings in force"
    assert lines[0]["topic_prefix"] == env.settings.topic_prefix
    assert lines[-1]["event"] == "stopped"
