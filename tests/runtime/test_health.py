"""Health checks and metrics over HTTP, and logs."""

import asyncio
import json
import logging
import urllib.error
import urllib.request
from datetime import date

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.observe import Fingerprints, configure_logging
from tests.runtime import toy
from tests.runtime.environment import Environment, until
from tools.embedded.process import free_port


async def get(port: int, path: str) -> tuple[int, str]:
    """Status and body."""

    def ask() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        except urllib.error.URLError:
            return 0, ""

    return await asyncio.to_thread(ask)


async def test_readiness_liveness_and_metrics_are_served_over_http(env: Environment) -> None:
    port = free_port()
    runtime = env.runtime(http_host="127.0.0.1", http_port=port)
    await env.run(runtime)
    status, body = await get(port, "/readyz")
    assert (status, json.loads(body)) == (
        200,
        {
            "ok": True,
            "service": "ok",
            "database": "ok",
            "broker": "ok",
            "consumer": "ok",
            "relay": "ok",
            "clock": "ok",
        },
    )
    assert (await get(port, "/livez"))[0] == 200
    assert (await get(port, "/elsewhere"))[0] == 404
    await env.send(toy.day(date(2026, 1, 5)), topic="clock")
    await env.weigh("p1", 50)
    await env.send(b"{", key=b"p1")
    await env.read("porter", 1)
    await env.read("porter.dead-letter", 1)

    async def counted() -> bool:
        return (runtime.engine.tally.applied, runtime.engine.tally.dead) == (1, 1)

    await until(counted)
    await runtime.measure()
    status, body = await get(port, "/metrics")
    families = {family.name: family for family in text_string_to_metric_families(body)}
    values = {(s.name, *s.labels.values()): s.value for f in families.values() for s in f.samples}
    assert values["probation_outcomes_total", "applied"] == 1
    assert values["probation_outcomes_total", "dead"] == 1
    assert values["probation_dead_letters_open", "unreadable"] == 1
    assert values["probation_messages_consumed_total", "scale"] == 2
    assert values["probation_relay_leader",] == 1
    runtime.stop()
    await env.stop(runtime)
    assert (await get(port, "/readyz"))[0] == 0


async def test_a_superseded_service_gives_its_partitions_back_and_says_so(env: Environment) -> None:
    runtime = await env.run()
    await env.fetch("update clock set release = release + 1, digest = 'newer'")
    await env.weigh("p1", 5)

    async def superseded() -> bool:
        return "newer" in (await runtime.health.readiness()).get("consumer", "")

    async def gave_back() -> bool:
        return runtime.consumer.positions == {}

    await until(superseded)
    await until(gave_back)
    assert await env.known() == set()
    newer = await env.run()
    await env.knows("p1")
    await env.stop(newer)


def test_logs_contain_a_hash_instead_of_the_subject_and_no_local_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    try:
        configure_logging("porter", Fingerprints("a key"))
        log = logging.getLogger("shared.somewhere")
        log.error("quarantined", extra={"subject": "X123456", "fault": "KeyError in assess, line 7"})
        secret = "X" + "123456"
        try:
            [][len(secret)]
        except IndexError:
            log.exception("failed")
    finally:
        root.handlers = handlers
        root.setLevel(level)
    output = capsys.readouterr().err
    first, second = (json.loads(line) for line in output.splitlines())
    assert first["who"] == Fingerprints("a key")("X123456") != Fingerprints("another")("X123456")
    assert (first["service"], first["level"], first["fault"]) == (
        "porter",
        "error",
        "KeyError in assess, line 7",
    )
    assert second["exception"][0]["exc_type"] == "IndexError"
    assert "X123456" not in output
