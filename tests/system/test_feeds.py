"""From what a court and case management really send to what the services conclude, each program a process."""

import json
from datetime import date
from typing import Any

from tests.conftest import needs
from tests.feeds.hearings import defendant, hearing, order
from tests.feeds.notices import notice, offender
from tests.feeds.source import serving
from tests.feeds.world import CRN
from tests.system.harness import System
from tests.system.instance import until

COURT, CASE_MANAGEMENT = "feeds.common-platform", "feeds.hmpps"


async def messages(system: System) -> str:
    """What became of each message of the feeds, in order."""
    rows = await system.fetch("feeds", "select status from messages order by number")
    return " ".join(row["status"] for row in rows)


async def became(system: System, *statuses: str) -> None:
    """Wait until the messages of the feeds are this."""

    async def wrong() -> str | None:
        now = await messages(system)
        return None if now == " ".join(statuses) else f"they are {now or 'not taken yet'}"

    await until(wrong)


async def published(system: System, type: str) -> list[dict[str, Any]]:
    """What the allocation service has published of a type, as soon as it has published any."""
    found: list[dict[str, Any]] = []

    async def none() -> str | None:
        await system.quiet("allocation")
        events = [json.loads(record.value or b"") for record in await system.read("allocation")]
        found[:] = [event for event in events if event["type"] == type]
        return None if found else f"allocation has published {[event['type'] for event in events]}"

    await until(none)
    return found


async def test_a_hearing_is_to_be_allocated_once_case_management_knows_the_person(system: System) -> None:
    needs(system.kafka, "real_kafka")
    await system.start("allocation")
    await system.begin(date(2026, 3, 2))
    with serving() as source:
        source.answers = [(200, json.dumps(offender()).encode())]
        court = await system.start_feed("common-platform")
        # A person can only be known once there is somewhere to ask: until then the feed says what to set.
        unset = await system.start_feed("hmpps")
        await system.send(COURT, json.dumps(hearing(defendant(order()))).encode(), None)
        await became(system, "waiting")
        known = notice("probation-case.engagement.created") | {"detailUrl": f"{source.url}{CRN}"}
        await system.send(CASE_MANAGEMENT, json.dumps(known).encode(), None)
        await became(system, "waiting", "dead")
        [row] = await system.fetch("feeds", "select letters from messages where status = 'dead'")
        assert "set PROBATION_FEED_DETAIL_URLS" in json.loads(row["letters"])[0]["remedy"]
        assert await unset.stop() == 0
        await system.start_feed("hmpps", PROBATION_FEED_DETAIL_URLS=source.url)
        await became(system, "done", "done")
    [due] = await published(system, "AllocationDue")
    assert (due["subject"], due["data"]["pdu"]) == (CRN, "Camden")
    assert "Ada" not in court.log.read_text()
