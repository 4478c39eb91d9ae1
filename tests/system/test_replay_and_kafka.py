"""The same input through Kafka and through `replay` gives the same standing events."""

import json
from datetime import date, timedelta
from typing import Any

from tests.system.harness import System
from tests.system.oracle import replayed
from tests.system.published import assert_same, history, standing
from tools.services import BY_NAME
from tools.simulate import FIRST_DAY, by_day, caseload

PEOPLE, DAYS = 40, 90
SERVICES = tuple(BY_NAME)


def one_practitioner_each() -> list[tuple[date, list[bytes]]]:
    """A caseload by day of arrival, in which each person has a separate delivery unit and practitioner.

    Which practitioner gets a case, and their workload, depends on the order of requests. Kafka does not
    define the order of two people's events in different partitions. Here nobody shares a practitioner.
    """
    days = []
    practitioner = None
    regions: dict[str, str] = {}
    for day, lines in by_day(caseload(seed=7, people=PEOPLE, days=DAYS)):
        events: list[dict[str, Any]] = [json.loads(line) for line in lines]
        for event in events:
            if event["type"] == "SentenceImposed":
                event["data"]["pdu"] = f"Unit of {event['subject']}"
                regions[event["subject"]] = event["data"]["region"]
            elif event["type"] == "PractitionerUpdated":
                practitioner = practitioner or event
        days.append((day, [e for e in events if e["type"] != "PractitionerUpdated"]))
    assert practitioner is not None
    staff = []
    for crn, region in regions.items():
        who = f"N-{crn}"
        data = {**practitioner["data"], "practitioner_id": who, "region": region, "pdu": f"Unit of {crn}"}
        staff.append(
            {**practitioner, "id": f"staff-{crn}", "subject": who, "partitionkey": who, "data": data}
        )
    days[0] = (days[0][0], staff + days[0][1])
    return [(day, [json.dumps(event).encode() for event in events]) for day, events in days]


async def test_kafka_and_replay_give_the_same_standing_events(system: System) -> None:
    days = one_practitioner_each()
    last = FIRST_DAY + timedelta(days=DAYS + 10)
    expected = await replayed(system.postgres, [line for _, lines in days for line in lines], last, *SERVICES)

    await system.start_all(*SERVICES)
    arriving = dict(days)
    day = days[0][0]
    while day <= last:
        # Decisions have the date on which they were made, so the service that makes them must keep up with
        # the days. The others may lag, and may see days and facts in any order.
        await system.begin(day)
        await system.reached("allocation", day)
        if day in arriving:
            await system.publish(arriving[day])
            await system.quiet("allocation")
        day += timedelta(days=1)
    await system.quiet()

    found = await history(system, *SERVICES)
    assert {event["type"] for event in found} >= {
        *("CaseAllocated", "TierCalculated", "ContactMissed", "EnforcementActionRequired"),
        *("UnpaidWorkCredited", "RarDayUsed", "ReferralMade", "Withdrawn"),
    }
    assert_same(standing(found), standing(expected.published))
