"""A database restored to an earlier point loses nothing, although Kafka's offsets say that all is read."""

import json
from collections import Counter

from tests.conftest import needs
from tests.system.harness import System
from tests.system.oracle import FROM_FEEDS, day_of, replayed
from tests.system.published import assert_same, history, standing
from tools.simulate import caseload


async def test_a_restored_database_continues_from_its_own_offsets(system: System) -> None:
    needs(system.kafka, "real_kafka")  # only it gives correct ends of topics with repeated events
    lines = caseload(seed=9, people=120, days=60)
    lines = [line for line in lines if b'"PractitionerUpdated"' not in line]
    last = max(map(day_of, lines))
    expected = await replayed(system.postgres, lines, last, "contacts")
    # All events after the copy are on one topic, so that each person's events have a fixed order. Otherwise
    # they could be read in another order the second time, and published with other sequences.
    half = len(lines) // 2
    later = [line for line in lines[half:] if b'"ContactOutcomeRecorded"' in line]
    earlier = [line for line in lines if line not in later]
    assert len(later) > 100

    before = await system.start("contacts")
    await system.begin(last)
    await system.reached("contacts", last)
    await system.publish(earlier)
    await system.quiet()
    assert await before.stop() == 0
    name = system.database_name("contacts")
    await system.hang_up()
    await system.manage(f"create database {name}_copy template {name}")

    lost = await system.start("contacts")
    await system.publish(later)
    await system.quiet()
    published = await history(system, "contacts")
    assert await lost.stop() == 0
    await system.hang_up()
    await system.manage(f"drop database {name}")
    await system.manage(f"alter database {name}_copy rename to {name}")
    known = {row["id"] for row in await system.fetch("contacts", FROM_FEEDS)}
    assert known < expected.facts["contacts"]

    await system.start("contacts")
    await system.quiet()
    assert {row["id"] for row in await system.fetch("contacts", FROM_FEEDS)} == expected.facts["contacts"]
    assert await history(system, "contacts") == published
    assert_same(standing(published), standing(expected.published))
    again = Counter(json.loads(record.value or b"")["id"] for record in await system.read("contacts"))
    assert set(again.values()) == {1, 2}
