"""The toy service end to end, on a real broker and database."""

import asyncio
import json
import os
import signal
import sys
from datetime import date
from pathlib import Path

import pytest

from shared.settings import PREFIX
from tests.runtime import toy
from tests.runtime.house import PATIENCE, House
from tools.embedded.process import free_port


async def test_a_fact_comes_in_and_its_finding_goes_out(house: House) -> None:
    await house.run()
    await house.send(toy.day(date(2026, 1, 5)), topic="clock")
    await house.weigh("p1", 50)
    [record] = await house.read("porter", 1)
    assert json.loads(record.value or b"")["type"] == "ParcelHeavy"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_process_logs_its_settings_and_ends_in_order_on_a_signal(
    house: House, number: signal.Signals
) -> None:
    given = {
        **house.settings.model_dump(exclude_none=True, exclude={"database_url"}),
        "database_url": house.database,
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
    await house.send(toy.day(date(2026, 1, 5)), topic="clock")
    await house.weigh("p1", 50)
    await house.read("porter", 1)
    process.send_signal(number)
    async with asyncio.timeout(PATIENCE):
        _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    lines = [json.loads(line) for line in errors.splitlines()]
    assert [line["event"] for line in lines if line["level"] in ("warning", "error")] == []
    assert lines[0]["event"] == "settings in force"
    assert lines[0]["topic_prefix"] == house.settings.topic_prefix
    assert lines[-1]["event"] == "stopped"
