"""A service moves to a second database, filled from its first, and goes on as if nothing had happened."""

from __future__ import annotations

import json

from tests.conftest import needs
from tests.system.harness import System
from tests.system.oracle import FROM_FEEDS, day_of
from tests.system.published import history
from tools.services import BY_NAME
from tools.simulate import caseload


async def test_a_service_reads_on_and_publishes_from_a_database_that_was_filled_from_the_first(
    system: System,
) -> None:
    needs(system.kafka, "real_kafka")
    lines = caseload(seed=41, people=30, days=45)
    last, half = max(map(day_of, lines)), len(lines) // 2

    on_blue = await system.start("allocation")  # it decides, and decisions are not to be made again
    await system.begin(last)
    await system.publish(lines[:half])
    await system.quiet()
    before = await history(system, "allocation")
    assert [event for event in before if event["type"] == "CaseAllocated"]
    assert await on_blue.stop() == 0
    await system.publish(lines[half : half + 100])  # it waits in Kafka meanwhile

    blue = await system.replace_database("allocation")
    green = await system.superusers_database("allocation")
    said = await system.run(
        *("db", "fill", "allocation", "--from", blue),
        PROBATION_DATABASE_URL=green,
        PROBATION_ERASURE_KEY="a key of the tests, the same for ever",
    )
    assert "would publish 0 events" in " ".join(said.split())
    said = await system.run("compare", "allocation", "--with", green, PROBATION_DATABASE_URL=blue)
    assert "the same in both" in said

    await system.start("allocation")
    await system.publish(lines[half + 100 :])
    await system.quiet("allocation")
    after = {event["id"]: event for event in await history(system, "allocation")}  # checks each sequence
    assert all(after[event["id"]] == event for event in before)
    assert len(after) > len(before)
    assert len(await system.read("allocation")) == len(after), "nothing was published twice"
    events = [json.loads(line) for line in lines]
    sent = {event["id"] for event in events if BY_NAME["allocation"].model_of(event["type"])}
    assert {row["id"] for row in await system.fetch("allocation", FROM_FEEDS)} == sent
