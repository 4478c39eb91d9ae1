"""The number of SQL statements of a transaction does not depend on how many facts are in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import pytest

from schemas import language
from shared.engine.engine import TRANSACTION_SIZE
from tests import facts as f
from tests.engine import toy
from tests.engine.library import joined, lent, planned, stocked, wanted
from tests.engine.running import Office, Told, at
from tools.services import BY_NAME

DAY = date(2026, 5, 20)
ORDER = f.order("2026-03-01", "2026-12-31", "unpaid_work, rar")


def said(*facts: f.Fact) -> Callable[[int], list[Told]]:
    """The same facts about the n-th person."""
    return lambda n: [
        Told(fact.data, f"X{n:06d}", f"{n}-{kind}", at("2026-05-19")) for kind, fact in enumerate(facts)
    ]


OF_A_PERSON: dict[str, Callable[[int], list[Told]]] = {
    "allocation": said(ORDER, f.risk("2026-03-02")),
    "contacts": said(ORDER, f.contact("2026-04-10", "unacceptable_absence")),
    "enforcement": said(ORDER, f.missed("2026-04-10")),
    "referrals": said(ORDER, f.work("2026-04-10")),
    "library": lambda n: [
        joined(who=f"M{n}"),
        lent("L1", "2026-03-01", "2026-03-10", f"M{n}"),
        planned("V1", "2026-02-10", f"M{n}"),
        wanted("W1", f"M{n}"),
    ],
}
SHARED: dict[str, list[Told]] = {
    "allocation": [
        Told(f.practitioner(id=id).data, id, id, at("2026-01-01")) for id in (f"P{n}" for n in range(100))
    ],
    "library": [stocked("A", 10_000)],
}


class Most(NamedTuple):
    """The most statements, with BEGIN, COMMIT and the resets of connections: lower them if they fall."""

    of_new: int
    """For facts about people of whom nothing is known yet."""
    of_known: int


MOST = {
    "allocation": Most(26, 11),
    "contacts": Most(13, 12),
    "enforcement": Most(11, 10),
    "referrals": Most(11, 10),
    "library": Most(26, 12),
}
WAKING_DAY = 19
"""For a day on which cases of one kind are due."""
IDLE_DAY = 8
"""For a day on which no case is due: four, BEGIN, COMMIT, and two resets, which the services do without."""


@pytest.mark.parametrize("name", OF_A_PERSON)
async def test_a_transaction_of_many_takes_as_many_statements_as_one_of_few(
    name: str, opened: Callable[..., Awaitable[Office]]
) -> None:
    service = BY_NAME.get(name, toy.SERVICE)
    # One connection, that has learnt the types of all parameters before the first count.
    office = await opened(service, size=1)
    await office.take(*SHARED.get(name, []))
    await office.day(DAY)
    counts = []
    most = TRANSACTION_SIZE // len(OF_A_PERSON[name](0))
    for people in (range(3), range(10, 15), range(1_000, 1_000 + most)):
        told = [fact for n in people for fact in OF_A_PERSON[name](n)]
        if service is not toy.SERVICE:
            assert all(len(language.topics_of(type(fact.data).__name__)) == 1 for fact in told)
        before = await office.count("outbox")
        office.statements.clear()
        await office.take(*told)
        counts.append(len(office.statements))
        assert await office.count("journal") >= len(told)
        assert await office.count("outbox") > before
    assert counts[1] == counts[2] <= MOST[name].of_new
    # What is told of cases that are there needs none to be added.
    known = [replace(fact, id=f"again-{fact.id}") for fact in OF_A_PERSON[name](1_001)]
    office.statements.clear()
    await office.take(*known)
    assert len(office.statements) <= MOST[name].of_known


@pytest.mark.parametrize("name", OF_A_PERSON)
async def test_a_day_takes_few_statements_whatever_wakes(
    name: str, opened: Callable[..., Awaitable[Office]]
) -> None:
    """A day on which no case is due takes the least; one on which many are takes no more than if few were."""
    office = await opened(BY_NAME.get(name, toy.SERVICE), size=1)
    await office.take(*SHARED.get(name, []))
    await office.day(DAY)
    await office.take(*(fact for n in range(50) for fact in OF_A_PERSON[name](n)))
    counts = []
    for n in range(1, 61):
        office.statements.clear()
        await office.day(DAY + timedelta(days=n))
        counts.append(len(office.statements))
    assert min(counts) <= IDLE_DAY
    assert max(counts) <= WAKING_DAY
