"""The toy service end to end, on a real broker and database."""

import json
from datetime import date

from tests.runtime import toy
from tests.runtime.house import House


async def test_a_fact_comes_in_and_its_finding_goes_out(house: House) -> None:
    await house.run()
    await house.send(toy.day(date(2026, 1, 5)), topic="clock")
    await house.weigh("p1", 50)
    [record] = await house.read("porter", 1)
    assert json.loads(record.value or b"")["type"] == "ParcelHeavy"
