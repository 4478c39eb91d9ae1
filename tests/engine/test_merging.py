"""Two records of one person, whatever the order in which it comes out that they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from shared.engine.casefile import CaseFile
from tests.engine import toy
from tests.engine.conftest import EITHER_WAY
from tests.engine.library import (
    erased,
    joined,
    left,
    lent,
    moved,
    moved_back,
    planned,
    returned,
    stocked,
    visited,
    wanted,
)
from tests.engine.running import Office, Said, Told, again

JOINED = [joined(who="Ann"), joined("2026-02-10", "Bob"), joined("2026-02-20", "Cyd")]
LOANS = [
    lent("L1", "2026-03-01", "2026-03-10", "Ann"),
    returned("L1", "2026-03-14", "Bob"),
    lent("L2", "2026-03-01", "2026-03-12", "Bob"),
    planned("V1", "2026-03-15", "Ann"),
    planned("V2", "2026-03-16", "Cyd"),
    visited("V2", "2026-03-16", "Bob"),
]


async def standing_after(
    library: Office, told: Sequence[Told], first: int, *, at_once: bool = False
) -> Counter[Said]:
    """What stands when these facts came in that order, the first day after the first so many."""
    await library.empty()
    await library.take(*told[:first])
    await library.day("2026-03-20")
    if at_once:
        await library.take(*told[first:])
    else:
        for fact in told[first:]:
            await library.take(fact)
    await library.until("2026-03-22")
    return await library.standing()


async def same_in_every_order(library: Office, merges: list[Told]) -> Counter[Said]:
    facts = [*JOINED, *LOANS]
    expected = await standing_after(library, [*facts, *merges], len(facts))
    for order in permutations(merges):
        assert await standing_after(library, [*order, *facts], len(merges)) == expected
        assert await standing_after(library, [*order, *facts], 0, at_once=True) == expected
        mixed = [*facts[:4], *order[:1], *facts[4:], *order[1:]]
        assert await standing_after(library, mixed, 2) == expected
    return expected


def who(standing: Counter[Said]) -> set[str]:
    return {subject for subject, _, _ in standing}


@EITHER_WAY
async def test_a_chain_ends_with_the_last(library: Office) -> None:
    merges = [moved("Ann", "Bob", when="2026-03-01"), moved("Bob", "Cyd", when="2026-03-02")]
    standing = await same_in_every_order(library, merges)
    assert who(standing) == {"Cyd"}
    assert [n for said, n in standing.items() if said[1] == "FineDue"] == [1]
    assert [n for said, n in standing.items() if said[1] == "NoShow"] == [1]


@EITHER_WAY
async def test_the_merge_that_would_close_a_circle_changes_nothing(library: Office) -> None:
    """The last one by recordedtime and id, whichever came last."""
    merges = [
        moved("Ann", "Bob", when="2026-03-01"),
        moved("Bob", "Cyd", when="2026-03-02"),
        moved("Cyd", "Ann", when="2026-03-03"),
    ]
    assert who(await same_in_every_order(library, merges)) == {"Cyd"}


@EITHER_WAY
async def test_two_into_one_another(library: Office) -> None:
    merges = [moved("Ann", "Bob", when="2026-03-03"), moved("Bob", "Ann", when="2026-03-02")]
    assert who(await same_in_every_order(library, merges)) == {"Ann", "Cyd"}


@EITHER_WAY
async def test_one_record_that_went_into_two_makes_all_of_them_one(library: Office) -> None:
    merges = [moved("Ann", "Bob", when="2026-03-01"), moved("Ann", "Cyd", when="2026-03-02")]
    assert who(await same_in_every_order(library, merges)) == {"Cyd"}


@EITHER_WAY
async def test_an_unmerge_takes_them_apart_whenever_it_comes(library: Office) -> None:
    merges = [
        moved("Ann", "Bob", when="2026-03-01"),
        moved("Ann", "Bob", voided=True, when="2026-03-02"),
        moved("Bob", "Cyd", when="2026-03-03"),
    ]
    assert who(await same_in_every_order(library, merges)) == {"Ann", "Cyd"}


@EITHER_WAY
async def test_a_reactivated_record_gets_its_facts_back_whenever_that_comes(library: Office) -> None:
    merges = [
        moved("Ann", "Bob", when="2026-03-01"),
        moved_back("Bob", "Ann", when="2026-03-02"),
        moved("Bob", "Cyd", when="2026-03-03"),
    ]
    assert who(await same_in_every_order(library, merges)) == {"Ann", "Cyd"}


@EITHER_WAY
async def test_a_reactivated_record_may_be_merged_again(library: Office) -> None:
    merges = [
        moved("Ann", "Bob", when="2026-03-01"),
        moved_back("Bob", "Ann", when="2026-03-02"),
        moved("Ann", "Bob", when="2026-03-03"),
    ]
    assert who(await same_in_every_order(library, merges)) == {"Bob", "Cyd"}


@EITHER_WAY
async def test_an_undoing_that_never_happened_leaves_the_records_one(library: Office) -> None:
    merges = [
        moved("Ann", "Bob", when="2026-03-01"),
        moved_back("Bob", "Ann", when="2026-03-02"),
        moved_back("Bob", "Ann", voided=True, when="2026-03-03"),
    ]
    assert who(await same_in_every_order(library, merges)) == {"Bob", "Cyd"}


@EITHER_WAY
async def test_a_reactivated_record_is_erased_alone(library: Office) -> None:
    await library.take(*JOINED, *LOANS, moved("Ann", "Bob", when="2026-03-01"))
    await library.take(moved_back("Bob", "Ann", when="2026-03-02"), erased(who="Ann"))
    await library.day("2026-03-20")
    assert who(await library.standing()) & {"Ann", "Bob"} == {"Bob"}


async def test_a_correction_finds_what_the_other_record_said_in_another_month(library: Office) -> None:
    """Only touched months are opened: those in which the thing is known under any of the merged names.

    (Of a service that decides all months are opened, so this one does not.)
    """
    library.engine = again(library.engine, replace(toy.SERVICE, decide=None))
    await library.engine.start()
    await library.take(joined(), joined(who="Bob"), planned("V1", "2026-02-10", "Ann", when="2026-02-01"))
    await library.day("2026-03-20")
    await library.take(moved("Ann", "Bob"))
    await library.take(planned("V1", "2026-03-17", "Bob", when="2026-03-18"))
    assert [e["planned_on"] for e in (await library.history()).of("NoShow", "Bob")] == ["2026-03-17"]
    await library.take(planned("V1", "2026-01-17", "Ann", when="2026-03-19"))
    assert [e["planned_on"] for e in (await library.history()).of("NoShow", "Bob")] == ["2026-01-17"]
    assert await library.engine.quarantined() == []


@EITHER_WAY
async def test_nobody_wakes_a_merged_record(library: Office) -> None:
    await library.take(joined(), joined(who="Bob"), lent("L1", "2026-03-01", "2026-03-21"))
    await library.day("2026-03-20")
    await library.take(moved("Ann", "Bob"))
    before = len((await library.history()).told("Ann"))
    await library.until("2026-04-02")
    history = await library.history()
    assert len(history.told("Ann")) == before
    assert len(history.of("LoanOverdue", "Bob")) == 1


async def test_recheck_of_a_merged_record_joins_the_whole_group(library: Office) -> None:
    await library.take(*JOINED, *LOANS)
    await library.day("2026-03-20")
    await library.take(moved("Ann", "Bob", when="2026-03-01"), moved("Bob", "Cyd", when="2026-03-02"))
    before = await library.outbox()
    for subject in ("Ann", "Bob", "Cyd"):
        assert await library.engine.recheck(subject) is None
    assert await library.outbox() == before


async def test_a_fault_in_one_record_does_not_keep_its_merge_from_the_others(
    library: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group that cannot be joined is quarantined; the batch goes on."""
    await library.take(*JOINED)
    await library.day("2026-03-20")
    sound = CaseFile.join

    def broken(self: CaseFile, fact: object) -> None:
        if getattr(fact, "type", "") == "LoanMade":
            raise LookupError
        sound(self, fact)  # type: ignore[arg-type]

    with monkeypatch.context() as context:
        context.setattr(CaseFile, "join", broken)
        await library.take(
            lent("L1", "2026-03-01", "2026-03-10", "Ann"), moved("Ann", "Bob"), left("2026-03-15", "Cyd")
        )
        assert set(await library.engine.quarantined()) >= {"Bob"}
        assert await library.value("select status from cases where subject = 'Cyd'") == "gone"
    for subject in await library.engine.quarantined():
        assert await library.engine.recheck(subject) is None
    assert await library.engine.quarantined() == []
    assert len((await library.history()).of("LoanOverdue", "Bob")) == 1


async def holders(library: Office) -> list[str]:
    """Under whose name the copy stands as lent."""
    events = (await library.history()).of
    return [who for who in ("Ann", "Bob", "Cyd") for _ in events("CopyLent", who)]


@EITHER_WAY
async def test_a_decision_goes_where_the_record_goes_and_comes_back_with_it(library: Office) -> None:
    await library.take(joined(), joined(who="Bob"), joined(who="Cyd"), stocked("shelf", 1))
    await library.day("2026-03-01")
    await library.take(wanted("W1"))
    assert await holders(library) == ["Ann"]
    await library.take(moved("Ann", "Bob", when="2026-03-02"))
    assert await holders(library) == ["Bob"]
    assert (await library.history()).told("Ann")[-1] == "-CopyLent merged"
    await library.take(moved("Bob", "Cyd", when="2026-03-03"))
    assert await holders(library) == ["Cyd"]
    await library.take(moved("Ann", "Bob", voided=True, when="2026-03-04"))
    assert await holders(library) == ["Ann"]
    await library.take(moved("Bob", "Cyd", voided=True, when="2026-03-05"))
    assert await holders(library) == ["Ann"]


@EITHER_WAY
async def test_a_decision_that_moved_is_not_taken_again_and_keeps_what_it_uses(library: Office) -> None:
    await library.take(joined(), joined(who="Bob"), stocked("shelf", 1))
    await library.day("2026-03-01")
    await library.take(wanted("W1"), wanted("W2", "Bob"))
    await library.take(moved("Ann", "Bob", when="2026-03-02"))
    await library.until("2026-03-10")
    assert [e["want_id"] for e in (await library.history()).of("CopyLent")] == ["W1"]
