"""`doctor` on a real broker: topics without a reader, who lags, and a service that runs."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from schemas.language import render
from shared.calendar import LONDON
from tests import facts as f
from tests.casebook import event_of
from tests.conftest import needs
from tests.system.harness import System
from tools.cli.errors import UserError
from tools.doctor.examining import examine
from tools.doctor.part import Part
from tools.services import BY_NAME

NOON = datetime(2026, 3, 2, 12, tzinfo=LONDON)
FACTS = [render(event_of(one)) for one in (f.order("2026-03-02"), f.risk("2026-03-02"))]


async def parts(system: System) -> dict[str, Part]:
    return {part.name: part for part in await examine(system.settings, NOON)}


@pytest.fixture(autouse=True)
def addresses(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find the databases that the test has made."""

    def database_of(service: str) -> str:
        if service not in system.databases:
            raise UserError(f"no database is known for {service}")
        return system.databases[service]

    monkeypatch.setattr("tools.cli.databases.database_of", database_of)
    monkeypatch.setattr("tools.doctor.others.database_of", database_of)


async def test_a_service_that_has_read_everything_has_nothing_to_do(system: System) -> None:
    await system.start("enforcement")
    await system.begin(date(2026, 3, 2))
    await system.publish(FACTS)
    await system.quiet("enforcement")
    found = await parts(system)
    assert found["enforcement"].troubles == []
    assert found["enforcement"].data["publishes"] is True
    assert "enforcement" not in found["lag"].data["behind"]
    # The feeds' topics, which bear no prefix of a test, may be missing.
    assert [trouble for trouble in found["topics"].troubles if system.prefix in trouble] == []


async def test_a_service_that_does_not_run_lags_and_its_topics_have_no_reader(system: System) -> None:
    needs(system.kafka, "real_kafka")  # the embedded broker tells wrong ends
    for name in BY_NAME:
        await system.database(name)
    await system.publish(FACTS)
    found = await parts(system)
    assert found["readers"].data["topics_without_reader"] == [
        system.prefix + "court",
        system.prefix + "practice",
    ]
    assert found["lag"].data["behind"]["enforcement"] == {"court": 1, "practice": 1}
    assert any(
        "enforcement has 1 message of court to read and has not caught up" in t for t in found["lag"].troubles
    )


async def test_a_reader_that_cannot_be_asked_is_not_said_to_be_missing(system: System) -> None:
    await system.database("enforcement")
    await system.publish(FACTS)
    readers = (await parts(system))["readers"]
    assert readers.troubles == []
    assert (
        readers.lines[0] == "not known of allocation, contacts, referrals: no database of theirs was reached"
    )


async def test_a_broker_that_does_not_answer_is_said_and_the_rest_is_looked_at(system: System) -> None:
    await system.database("enforcement")
    away = system.settings.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    found = {part.name: part for part in await examine(away, NOON)}
    assert found["topics"].troubles == [
        "no Kafka answers at 127.0.0.1:1: start it, or correct PROBATION_KAFKA_BOOTSTRAP_SERVERS"
    ]
    assert found["enforcement"].data["reached"] is True


async def test_a_topic_that_does_not_exist_is_said(system: System) -> None:
    other = system.settings.model_copy(update={"topic_prefix": f"{system.prefix}other-"})
    topics = {part.name: part for part in await examine(other, NOON)}["topics"]
    assert (
        f"topic {system.prefix}other-court: it does not exist: create it with `probation topics create`"
        in (topics.troubles)
    )
