"""Work for one case is bounded: a case that takes too much is quarantined alone, and says why."""

from __future__ import annotations

import asyncio
import gc
import time
from datetime import date

import pytest

from shared.engine import budget
from tests import facts as f
from tests.engine.conftest import Open
from tests.engine.library import joined, lent, planned
from tests.engine.running import Office, Told, at
from tools.services import BY_NAME


@pytest.mark.parametrize("name", BY_NAME)
async def test_an_order_from_the_year_1_to_9999_is_refused(name: str, opened: Open) -> None:
    office = await opened(BY_NAME[name])
    message = office.message(Told(f.order("1990-01-01", "2199-12-31").data, "X1", "E1", at("2026-05-19")))
    assert message.value is not None
    message.value = message.value.replace(b"1990-01-01", b"0001-01-01").replace(b"2199-12-31", b"9999-12-31")
    await office.engine.handle([message])
    assert await office.value("select reason from dead_letters") == "wrong_data"
    assert await office.count("cases") == 0


@pytest.mark.parametrize("name", BY_NAME)
async def test_an_order_of_three_hundred_years_concerns_its_own_case_only(name: str, opened: Open) -> None:
    office = await opened(BY_NAME[name])
    await office.day("2026-05-20")
    order = f.order("1900-01-01", "2199-12-31", "unpaid_work, rar").data
    other = f.order("2026-03-01", "2026-12-31", "unpaid_work, rar").data
    more = (f.risk("2026-03-02").data, f.missed("2026-04-10").data)
    async with asyncio.timeout(60):
        await office.take(
            *(Told(data, "X1", f"E{n}", at("2026-05-19")) for n, data in enumerate((order, *more))),
            *(Told(data, "X2", f"F{n}", at("2026-05-19")) for n, data in enumerate((other, *more))),
        )
        await office.until("2026-05-22")
    history = await office.history()
    assert history.told("X2")
    assert len(history.told("X1")) <= budget.PUBLICATIONS
    assert set(await office.engine.quarantined()) <= {"X1"}


async def test_a_case_of_too_many_months_is_quarantined_and_says_why(library: Office) -> None:
    await library.day("2026-05-20")
    await library.take(
        joined("0001-01-01", who="Ann"), joined(who="Bob"), lent("L1", "2026-03-01", "2026-03-10", "Bob")
    )
    history = await library.history()
    assert history.told("Ann") == []
    assert history.told("Bob") != []
    why = (await library.engine.storage.quarantined())["Ann"]
    assert why.startswith("it has ")
    assert "look for an implausible date" in why


@pytest.mark.parametrize(
    ("limit", "what"),
    [
        ("SECTIONS", "sections to assess"),
        ("PUBLICATIONS", "events to publish"),
        ("EVENT_BYTES", "bytes in one event"),
        ("SECONDS", "seconds of work"),
    ],
)
async def test_each_limit_quarantines_until_the_case_is_rechecked(
    library: Office, monkeypatch: pytest.MonkeyPatch, limit: str, what: str
) -> None:
    await library.day("2026-05-20")
    with monkeypatch.context() as patch:
        patch.setattr(budget, limit, 0)
        await library.take(
            joined(who="Ann"),
            lent("L1", "2026-03-01", "2026-03-10", "Ann"),
            planned("V1", "2026-02-10", "Ann"),
        )
        assert what in (await library.engine.storage.quarantined())["Ann"]
    assert await library.engine.recheck("Ann") is None
    assert (await library.history()).told("Ann") != []


async def test_others_run_while_many_cases_are_assessed(
    library: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "BREATH_SECONDS", 0.0)
    ran = 0

    async def beat() -> None:
        nonlocal ran
        while True:
            await asyncio.sleep(0)
            ran += 1

    await library.day(date(2026, 5, 20))
    other = asyncio.create_task(beat())
    await library.take(*(joined(who=f"M{n}") for n in range(200)))
    other.cancel()
    assert ran >= 200


@pytest.mark.parametrize(
    "counts", [True, False], ids=["its own work counts", "the garbage collector's does not"]
)
def test_the_processor_time_of_a_case_is_what_its_own_work_took(
    monkeypatch: pytest.MonkeyPatch, *, counts: bool
) -> None:
    now = 0.0
    for clock in ("monotonic", "thread_time"):
        monkeypatch.setattr(time, clock, lambda: now)
    for read, value in (("_read_at", float("-inf")), ("_seconds", 0.0), ("_collected", 0.0)):
        monkeypatch.setattr(budget._worked, read, value)

    def work(phase: str = "start", *_: object) -> None:
        nonlocal now
        if phase == "start":
            now += budget.SECONDS + 1

    spent = budget.Budget()
    spent.begin(1)
    if counts:
        work()
        with pytest.raises(budget.OverBudget, match="seconds of work at once"):
            spent.check()
    else:
        gc.callbacks.append(work)
        gc.collect()
        gc.callbacks.remove(work)
        assert spent.check() == 0
