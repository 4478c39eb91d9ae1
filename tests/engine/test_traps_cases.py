"""Traps 10 to 19 of engine.md part 8, each with a test that fails when its rule is broken.

The first number of a test's text is the trap's. Those that need two connections are in `test_races.py`,
more of merges in `test_merging.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.envelope import CloudEvent
from shared.engine.assessment import Day
from shared.engine.casefile import CaseFile
from shared.engine.release import Superseded
from tests.engine import toy
from tests.engine.conftest import EITHER_WAY
from tests.engine.library import (
    begin,
    blocked,
    brought,
    day,
    joined,
    left,
    lent,
    moved,
    noted,
    returned,
    stocked,
    wanted,
    withdrawn,
)
from tests.engine.running import Office, again, policy_with


def test_every_answer_not_yet_is_waited_for() -> None:
    """10. The first day on which any answer changes is the day that the case waits for."""
    today = Day(day("2026-03-20"))
    assert today.reached(day("2026-03-20"))
    assert today.wake_on is None
    assert not today.reached(day("2026-04-05"))
    assert not today.after(day("2026-03-20"))
    assert not today.reached(day("2026-03-25"))
    assert today.wake_on == day("2026-03-21")


async def test_a_day_that_nothing_waits_for_assesses_nothing(library: Office) -> None:
    """10. And the day that something waits for does: a fact dated ahead counts from its day on."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-10", "2026-03-30"))
    assert await library.value("select wake_on from cases") == day("2026-03-27")
    swept = library.engine.tally.swept
    await library.until("2026-03-26")
    assert library.engine.tally.swept == swept
    await library.until("2026-03-31")
    assert (await library.history()).told("Ann")[-2:] == ["ReminderDue", "LoanOverdue"]


@EITHER_WAY
async def test_a_subscriber_keeps_a_withdrawal_that_comes_before_what_it_withdraws(library: Office) -> None:
    """12. Topics have no order among each other: the withdrawal is a tombstone by the event's id."""
    await begin(library, "2026-03-20")
    note, block = noted("a", "N1"), blocked("2026-03-10", "B1")
    await library.take(withdrawn(note, "corrected", "2026-03-15"), withdrawn(block, "resolved", "2026-03-15"))
    assert [e for e in (await library.history()).told("Ann") if e != "NoVisit"] == []
    await library.take(note, block, note)
    history = await library.history()
    assert history.of("NoteKept") == []
    # An open item that was resolved was so, and when it ended is known.
    assert [e["days"] for e in history.of("BlockedDays")] == [5]


@EITHER_WAY
async def test_a_merged_record_is_withdrawn_and_its_facts_count_for_the_other(library: Office) -> None:
    """14. Late facts of the merged person too; and an un-merge takes both apart again."""
    await begin(library, "2026-03-20")
    await library.take(joined(who="Bob"), lent("L1", "2026-03-01", "2026-03-10"))
    await library.take(moved("Ann", "Bob"))
    history = await library.history()
    assert not [1 for who, *_ in history.standing if who == "Ann"]
    assert history.told("Ann")[-1].endswith(" merged")
    assert len(history.of("LoanOverdue", "Bob")) == 1
    await library.take(returned("L1", "2026-03-12"))  # still told under the old name
    assert [e["pence"] for e in (await library.history()).of("FineDue", "Bob")] == [20]
    await library.take(moved("Ann", "Bob", voided=True, when="2026-03-19"))
    history = await library.history()
    assert [e["pence"] for e in history.of("FineDue", "Ann")] == [20]
    assert not history.of("LoanOverdue", "Bob")


async def test_a_wish_is_decided_once_and_the_decision_is_a_fact(library: Office) -> None:
    """15. Journaled under the service's own name, with an id of its own; a repair never decides again."""
    await begin(library, "2026-03-20")
    await library.take(stocked("A", 1), stocked("B", 3))
    await library.take(wanted("W1"))
    (lent_copy,) = (await library.history()).of("CopyLent")
    assert lent_copy["shelf_id"] == "B"
    row = (await library.rows("select id, source, type from journal order by number desc limit 1"))[0]
    assert (row["source"], row["type"]) == ("/services/library", "CopyLent")
    before = await library.outbox()
    await library.take(stocked("A", 9, when="2026-03-02"))
    assert await library.engine.recheck("Ann") is None
    assert await library.outbox() == before


@EITHER_WAY
async def test_a_decision_is_not_taken_back_by_the_difference(library: Office) -> None:
    """15. Whatever becomes of what it rested on: what ends it is a rule of its own."""
    await begin(library, "2026-03-20")
    await library.take(stocked("A", 1), wanted("W1"))
    await library.take(left("2026-03-19"))
    history = await library.history()
    assert len(history.of("CopyLent")) == 1
    assert history.of("ShelfEmpty") == []


async def test_another_policy_assesses_every_case_again_and_stops_the_older_instance(
    library: Office, tmp_path: Path
) -> None:
    """16. Old and new would raise and withdraw in turn: the older one may take nothing more."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-10"), returned("L1", "2026-03-12"))
    dearer = again(library.engine, policy=policy_with(toy.SERVICE, tmp_path, "value = 10", "value = 25"))
    await dearer.start()
    await dearer.sweep()
    history = await library.history()
    assert [e["pence"] for e in history.of("FineDue")] == [50]
    assert history.told("Ann")[-2:] == ["-FineDue superseded", "FineDue"]
    assert history.events[-1]["causationid"] == "release-2"
    with pytest.raises(Superseded):
        await library.take(returned("L1", "2026-03-13", when="2026-03-19"))
    with pytest.raises(Superseded):
        await library.day("2026-03-21")
    assert await library.value("select count(*) from journal where type = 'LoanReturned'") == 1


async def test_what_no_longer_holds_under_another_policy_is_withdrawn_for_that_reason(
    library: Office, tmp_path: Path
) -> None:
    """16. It was right by the rules of its day: nobody corrected a fact."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-22"))
    later = again(library.engine, policy=policy_with(toy.SERVICE, tmp_path, "value = 3", "value = 1"))
    await later.start()
    await later.sweep()
    assert (await library.history()).told("Ann")[-2:] == ["ReminderDue", "-ReminderDue policy"]


@EITHER_WAY
async def test_an_open_item_is_resolved_and_a_record_stays(library: Office) -> None:
    """17. What was done late was not done in time for good: only the item that waited for it ends."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-10"))
    await library.take(returned("L1", "2026-03-15"))
    history = await library.history()
    assert "-ReminderDue resolved" in history.told("Ann")
    assert len(history.of("LoanOverdue")) == 1
    await library.take(lent("L2", "2026-03-10", "2026-03-22"), left("2026-03-20"))
    assert (await library.history()).told("Ann")[-1] == "-ReminderDue ended"


async def test_a_case_that_cannot_be_assessed_waits_alone(
    library: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """18. Its facts are in the journal, its state is as it was; `recheck` gives what should have been."""
    await begin(library, "2026-03-20")
    await library.take(joined(who="Bob"))
    before = await library.value("select state from cases where subject = 'Ann'")
    fault = _break(monkeypatch, "Ann")
    await library.take(
        lent("L1", "2026-03-01", "2026-03-10"), lent("L1", "2026-03-01", "2026-03-10", who="Bob")
    )
    assert await library.engine.quarantined() == ["Ann"]
    assert await library.value("select state from cases where subject = 'Ann'") == before
    history = await library.history()
    assert [len(history.of("LoanOverdue", who)) for who in ("Ann", "Bob")] == [0, 1]
    fault.undo()
    await library.take(returned("L1", "2026-03-12"))
    assert not (await library.history()).of("FineDue", "Ann")  # only journaled
    assert await library.value("select state from cases where subject = 'Ann'") == before
    assert await library.engine.recheck("Ann") is None
    assert await library.engine.quarantined() == []
    assert [e["pence"] for e in (await library.history()).of("FineDue", "Ann")] == [20]


def _break(monkeypatch: pytest.MonkeyPatch, subject: str) -> pytest.MonkeyPatch:
    """A fault in a rule that shows in one member's case only."""
    sound = CaseFile.conclude

    def broken(self: CaseFile, *arguments: Any, **named: Any) -> Any:
        if self.subject == subject:
            raise ZeroDivisionError
        return sound(self, *arguments, **named)

    monkeypatch.setattr(CaseFile, "conclude", broken)
    return monkeypatch


@EITHER_WAY
async def test_the_sequence_is_text_that_sorts(library: Office) -> None:
    """19. CloudEvents' own extension: ten digits, "0000000001" first, for each subject."""
    await begin(library, "2026-03-20")
    values = await library.outbox()
    sequences = [json.loads(value)["sequence"] for value in values]
    assert sequences == ["0000000001"]
    assert CloudEvent[Any].model_validate_json(values[0]).sequence == "0000000001"


@EITHER_WAY
async def test_a_place_that_is_given_back_is_free_for_the_next(library: Office) -> None:
    """15. Who waits is asked again when something changes where they wait."""
    await begin(library, "2026-03-20")
    await library.take(joined(who="Bob"), stocked("A", 1))
    await library.take(wanted("W1"), wanted("W2", "Bob"))
    assert [e["want_id"] for e in (await library.history()).of("CopyLent")] == ["W1"]
    await library.take(brought("W1", "2026-03-20"))
    assert [e["want_id"] for e in (await library.history()).of("CopyLent")] == ["W1", "W2"]
