"""Visits by month, and the calls that follow them, some in the next month: where each is kept and awaited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest

from shared.engine.packing import form_of
from tests.engine import toy
from tests.engine import toy_language as says
from tests.engine.conftest import EITHER_WAY
from tests.engine.library import begin, joined, left, moved, planned, told, visited
from tests.engine.running import Office, Told, again, at, policy_with

MARCH = 2026 * 12 + 2


async def _told(library: Office) -> list[str]:
    """What was published of Ann, months without a visit and first visits aside."""
    events = (await library.history()).told("Ann")
    return [event for event in events if "NoVisit" not in event and "FirstVisit" not in event]


async def _calls(library: Office, who: str = "Ann") -> list[tuple[str, str]]:
    said = (await library.history()).of("CallDue", who)
    return sorted((event["visit_id"], event["call_on"]) for event in said)


async def _shown(library: Office) -> dict[int, dict[str, int]]:
    """What is shown of each month, by its distance from March."""
    return {month - MARCH: shown for month, shown in (await library.months_shown()).items()}


async def _waits_until(library: Office) -> str:
    return str(await library.wakes_on("Ann"))


@EITHER_WAY
async def test_a_call_is_made_on_its_day_in_the_next_month_though_nothing_is_told(library: Office) -> None:
    await begin(library, "2026-03-26")
    await library.take(visited("V1", "2026-03-25"))
    await library.until("2026-04-13")
    assert await _calls(library) == []
    assert await _waits_until(library) == "2026-04-14"
    await library.day("2026-04-14")
    assert await _calls(library) == [("V1", "2026-04-14")]
    assert await _shown(library) == {0: {"visits": 1}, 1: {"calls": 1}}


@EITHER_WAY
async def test_nobody_waits_for_the_call_of_a_visit_that_never_was(library: Office) -> None:
    await begin(library, "2026-04-02")
    await library.take(visited("V1", "2026-03-25"), visited("V2", "2026-04-02"))
    assert await _waits_until(library) == "2026-04-14"
    await library.take(visited("V1", "2026-03-25", voided=True, when="2026-03-28"))
    assert await _waits_until(library) == "2026-04-22"
    # Taken to another month, it is waited for there.
    await library.take(visited("V2", "2026-03-20", when="2026-04-02"))
    assert await _waits_until(library) == "2026-04-09"
    await library.until("2026-04-30")
    assert await _calls(library) == [("V2", "2026-04-09")]


@EITHER_WAY
async def test_of_one_who_never_joined_no_month_is_waited_for(library: Office) -> None:
    await begin(library, "2026-04-02")
    assert await _waits_until(library) == "2026-05-01"
    never = says.MemberJoined(joined_on=date(2026, 1, 5), voided=True)
    await library.take(told(never, when="2026-03-02"))
    assert await _waits_until(library) == "None"


async def test_a_visit_goes_over_the_end_of_a_month_and_back_in_one_batch_or_several(
    opened: Callable[..., Awaitable[Office]],
) -> None:
    days = ["2026-03-20", "2026-04-20", "2026-02-02", "2026-04-20", "2026-03-20"]
    facts = [visited("V1", on, when=at("2026-05-01", n)) for n, on in enumerate(days)]
    cuts: list[list[Sequence[Told]]] = [[facts], [facts[:2], facts[2:]], [[fact] for fact in facts]]
    histories = []
    for batches in cuts:
        library = await opened()
        await begin(library, "2026-05-20")
        for batch in batches:
            await library.take(*batch)
        histories.append([(e["id"], e["sequence"]) for e in (await library.history()).events])
        assert await _calls(library) == [("V1", "2026-04-09")]
        assert await _shown(library) == {0: {"visits": 1}, 1: {"calls": 1}}
    assert histories[0] == histories[1] == histories[2]


@EITHER_WAY
async def test_a_visit_voided_in_one_month_and_told_again_in_another_is_one_visit(library: Office) -> None:
    await begin(library, "2026-05-20")
    await library.take(visited("V1", "2026-02-20"))
    await library.take(visited("V1", "2026-02-20", voided=True, when="2026-05-02"))
    # An older version of it says nothing, in whichever month it is.
    await library.take(visited("V1", "2026-04-21", when="2026-05-01"))
    assert await _calls(library) == []
    assert await _shown(library) == {}
    await library.take(visited("V1", "2026-04-20", when="2026-05-03"))
    assert await _calls(library) == [("V1", "2026-05-10")]
    assert await _shown(library) == {1: {"visits": 1}, 2: {"calls": 1}}


async def test_a_plan_and_its_visit_in_another_month_are_kept_together_and_part_again(
    library: Office,
) -> None:
    await begin(library, "2026-05-20")
    await library.take(planned("V1", "2026-02-20"), visited("V1", "2026-04-20"))
    assert await _told(library) == ["Invited", "NoShow", "-NoShow corrected", "CallDue"]
    await library.take(visited("V1", "2026-04-20", voided=True, when="2026-05-02"))
    assert sorted((await _told(library))[-2:]) == ["-CallDue corrected", "NoShow"]
    assert await _shown(library) == {}
    await library.take(visited("V1", "2026-03-10", when="2026-05-03"))
    assert await _calls(library) == [("V1", "2026-03-30")]
    assert (await library.history()).of("NoShow") == []


async def test_between_two_facts_of_a_batch_the_case_itself_may_change(
    opened: Callable[..., Awaitable[Office]],
) -> None:
    """What was worked out from it is worked out anew then, the months to look at too."""
    library = await opened(replace(toy.SERVICE, entities=(), decide=None))
    await library.day("2026-05-20")
    await library.take(visited("V1", "2026-03-02"))
    await library.take(
        visited("V2", "2026-03-25"),
        left("2026-04-18"),
        joined("2026-03-10"),
        visited("V3", "2026-03-28"),
        visited("V4", "2026-03-30"),
    )
    assert await _calls(library) == [("V2", "2026-04-14"), ("V3", "2026-04-17")]
    assert await _shown(library) == {0: {"visits": 4}, 1: {"calls": 2}}


async def test_under_another_policy_calls_move_to_other_months(library: Office, tmp_path: Path) -> None:
    await begin(library, "2026-05-20")
    await library.take(visited("V1", "2026-03-05"), visited("V2", "2026-03-25"))
    engine = again(library.engine, policy=policy_with(toy.SERVICE, tmp_path, "value = 20", "value = 30"))
    await engine.start()
    await engine.sweep()
    assert await _calls(library) == [("V1", "2026-04-04"), ("V2", "2026-04-24")]
    assert (await _told(library))[2:] == ["-CallDue superseded", "CallDue"] * 2
    assert await _shown(library) == {0: {"visits": 2}, 1: {"calls": 2}}


async def test_the_calls_of_a_merged_record_are_the_others_in_all_months(library: Office) -> None:
    await begin(library, "2026-05-20", joined(who="Bob"))
    await library.take(visited("V1", "2026-03-25", "Bob"), visited("V2", "2026-04-02", "Bob"))
    assert len(await _calls(library, "Bob")) == 2
    await library.take(moved("Bob", into="Ann"))
    assert await _calls(library, "Bob") == []
    assert await _calls(library) == [("V1", "2026-04-14"), ("V2", "2026-04-22")]
    assert await library.value("select count(*) from months where subject = 'Bob'") == 0
    await library.take(visited("V1", "2026-04-20", "Bob", when="2026-05-02"))
    assert await _calls(library) == [("V1", "2026-05-10"), ("V2", "2026-04-22")]


@pytest.mark.parametrize("layout", ["one place", "one place and a day", "two places"])
async def test_a_state_of_an_older_release_publishes_nothing_anew(library: Office, layout: str) -> None:
    await begin(library, "2026-05-20")
    await library.take(visited("V1", "2026-03-25"), visited("V2", "2026-04-02"), planned("V3", "2026-04-20"))
    before = await library.outbox()
    await _as_an_older_release_kept_it(library, layout)
    await library.take(visited("V1", "2026-03-25", when="2026-04-01", id="again"))
    assert await library.outbox() == before
    assert await _shown(library) == {0: {"visits": 1}, 1: {"visits": 1, "calls": 2}}
    await library.take(visited("V1", "2026-03-25", voided=True, when="2026-04-02"))
    assert await _calls(library) == [("V2", "2026-04-22")]


async def _as_an_older_release_kept_it(library: Office, layout: str) -> None:
    """Keep all states in a form of the past: the findings of a month together, or those of periods apart."""
    form, encode = form_of(toy.SERVICE.person), msgspec.msgpack.encode
    for row in await library.rows("select subject, month, state from months"):
        month = form.month(row["state"])
        facts, periods = month.of_facts.published, month.of_periods.published
        state = {
            "one place": [month.part, facts | periods, month.shown],
            "one place and a day": [month.part, facts | periods, month.shown, 739_000],
            "two places": [month.part, facts, b"", periods, month.shown],
        }[layout]
        change = "update months set state = $3 where subject = $1 and month = $2"
        await library.value(change, row["subject"], row["month"], b"an older" + encode(state))
    await library.value("update cases set state = 'an older'::bytea || substr(state, 9)")
