"""Traps 1 to 9 of engine.md part 8, each with a test that fails when its rule is broken.

The first number of a test's text is the trap's. Traps 10 to 19 are in `test_traps_cases.py`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas import catalogue
from schemas.envelope import Published
from shared.engine.publication import event_id
from tests.engine import toy
from tests.engine.conftest import EITHER_WAY
from tests.engine.library import (
    begin,
    day,
    joined,
    left,
    lent,
    planned,
    returned,
    stocked,
    visited,
)
from tests.engine.running import Office, again, at, policy_with


def test_every_type_declares_its_correction_key() -> None:
    """1. What identifies a fact is declared by the language; a registration on and off again is two facts."""
    for name, entry in catalogue.CATALOGUE.items():
        assert all(field in entry.model.model_fields for field in entry.key), name
        alone = name in ("PersonDied", "PersonErased", "Withdrawn")
        assert bool(entry.key) != (issubclass(entry.model, Published) or alone), name
    assert catalogue.CATALOGUE["RegistrationChanged"].key == ("registration_id", "effective_on")
    assert catalogue.CATALOGUE["SentenceVaried"].key == ("sentence_id", "varied_on")
    assert catalogue.CATALOGUE["PersonReleased"].key == ("sentence_id", "released_on")
    assert catalogue.CATALOGUE["PractitionerUpdated"].key == ("practitioner_id", "effective_on")


@EITHER_WAY
async def test_facts_with_different_correction_keys_stand_side_by_side(library: Office) -> None:
    """1. The second stock of a shelf is a new fact, not a correction of the first."""
    await library.take(stocked("A", 1, "2026-01-01"), stocked("A", 0, "2026-04-01"))
    await library.day("2026-03-31")
    assert (await library.history()).of("ShelfEmpty") == []
    await library.day("2026-04-01")
    assert len((await library.history()).of("ShelfEmpty", "A")) == 1


@EITHER_WAY
async def test_an_appointment_and_its_outcome_share_an_id_and_are_two_facts(library: Office) -> None:
    """1. Two registers of one thing: the outcome does not replace the appointment."""
    await begin(library, "2026-03-02")
    await library.take(planned("V1", "2026-03-03"), visited("V1", "2026-03-03"))
    await library.until("2026-03-05")
    assert (await library.history()).of("NoShow") == []
    await library.take(visited("V1", "2026-03-03", voided=True, when="2026-03-05"))
    assert [e["visit_id"] for e in (await library.history()).of("NoShow")] == ["V1"]


@EITHER_WAY
async def test_what_never_happened_is_taken_back_and_cannot_return_in_an_old_version(library: Office) -> None:
    """2. `voided` leaves a tombstone: an older version that arrives later does not revive the fact."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-10", when="2026-03-02"))
    assert len((await library.history()).of("LoanOverdue")) == 1
    await library.take(lent("L1", "2026-03-01", "2026-03-10", voided=True, when="2026-03-04"))
    assert not (await library.history()).of("LoanOverdue")
    await library.take(lent("L1", "2026-03-01", "2026-03-12", when="2026-03-03"))
    assert not (await library.history()).of("LoanOverdue")
    await library.take(lent("L1", "2026-03-01", "2026-03-12", when="2026-03-05"))
    assert [e["due_on"] for e in (await library.history()).of("LoanOverdue")] == ["2026-03-12"]


@EITHER_WAY
async def test_a_correction_may_come_before_the_original(library: Office) -> None:
    """3. The version recorded last stands, not the one that arrived last."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-12", when="2026-03-03"))
    await library.take(lent("L1", "2026-03-01", "2026-03-10", when="2026-03-02"))
    assert [e["due_on"] for e in (await library.history()).of("LoanOverdue")] == ["2026-03-12"]


@EITHER_WAY
@pytest.mark.parametrize("order", [("B", "a"), ("a", "B"), ("z", "ä"), ("ä", "z")])
async def test_a_tie_goes_to_the_greatest_id_bytewise(library: Office, order: tuple[str, str]) -> None:
    """3. As code compares, not as a database collates: B before a and z before ä, whichever comes first."""
    dues = {"B": "2026-03-10", "a": "2026-03-11", "z": "2026-03-12", "ä": "2026-03-13"}
    await begin(library, "2026-03-20")
    for id in order:
        await library.take(lent("L1", "2026-03-01", dues[id], id=id, when="2026-03-02"))
    greatest = max(order, key=str.encode)
    assert [e["due_on"] for e in (await library.history()).of("LoanOverdue")] == [dues[greatest]]


async def test_recordedtimes_are_compared_as_instants(library: Office) -> None:
    """3. 10:00+02:00 was before 08:30Z, though it sorts after it as text."""
    await begin(library, "2026-03-20")
    for instant, due in (("2026-03-02T10:00:00+02:00", "2026-03-10"), ("2026-03-02T08:30:00Z", "2026-03-11")):
        message = library.message(lent("L1", "2026-03-01", due, id=due))
        body = json.loads(message.value or b"") | {"time": instant}
        await library.engine.handle([_with(message, json.dumps(body).encode())])
    assert [e["due_on"] for e in (await library.history()).of("LoanOverdue")] == ["2026-03-11"]


def _with(message: Any, value: bytes) -> Any:
    return replace(message, value=value)


async def test_what_was_recorded_in_the_future_is_a_dead_letter(library: Office) -> None:
    """3. It would win against every correction for ever. Up to a day ahead is a wrong clock, no more."""
    await begin(library, "2026-03-20")
    received = at("2026-03-20")
    for ahead, due in ((timedelta(days=1), "2026-03-10"), (timedelta(days=1, seconds=1), "2026-03-11")):
        loan = lent("L1", "2026-03-01", due, id=due, when=received + ahead)
        await library.engine.handle([replace(library.message(loan), received=received)])
    assert [e["due_on"] for e in (await library.history()).of("LoanOverdue")] == ["2026-03-10"]
    assert await library.value("select reason from dead_letters") == "from_the_future"


async def test_the_same_id_again_changes_nothing_and_is_counted(library: Office) -> None:
    """4. The first body stands; another under the same id is counted, so that somebody can ask the source."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-10", id="one"))
    await library.take(lent("L1", "2026-03-01", "2026-03-10", id="one"))
    assert (library.engine.tally.duplicates, library.engine.tally.altered) == (1, 0)
    await library.take(lent("L1", "2026-03-01", "2026-03-15", id="one"), joined(id="two"))
    assert (library.engine.tally.duplicates, library.engine.tally.altered) == (2, 1)
    assert [e["due_on"] for e in (await library.history()).of("LoanOverdue")] == ["2026-03-10"]


@EITHER_WAY
async def test_a_finding_that_moves_to_another_month_and_back_never_gets_an_id_twice(library: Office) -> None:
    """5. How often a key was raised is counted for ever, and not with the month."""
    await begin(library, "2026-06-20")
    for n, on in enumerate(
        ["2026-03-30", "2026-04-02", "2026-06-25", "2026-03-30", "2026-06-25", "2026-04-02"]
    ):
        await library.take(planned("V1", on, when=at("2026-06-01", n)))
    history = await library.history()  # which refuses an id that comes twice
    assert [e["planned_on"] for e in history.of("NoShow")] == ["2026-04-02"]
    assert len([e for e in history.events if e["type"] == "NoShow"]) == 4


async def test_a_finding_that_moves_with_its_fact_unchanged_is_not_raised_again(library: Office) -> None:
    """5. The difference is taken over all months that were touched: the same invitation is no new one."""
    await begin(library, "2026-06-20")
    await library.take(planned("V1", "2026-03-30"))
    before = len((await library.history()).events)
    await library.take(planned("V1", "2026-06-25", when="2026-04-01"))
    assert (await library.history()).told("Ann")[before:] == ["-NoShow corrected"]
    assert await library.value("select count(*) from months where month = 2026 * 12 + 5") == 1


@EITHER_WAY
async def test_a_withdrawals_id_follows_from_what_it_withdraws(library: Office) -> None:
    """5. So that whoever withdraws the same event twice says the same thing twice."""
    await begin(library, "2026-03-20")
    await library.take(
        lent("L1", "2026-03-01", "2026-03-10"), lent("L1", "2026-03-01", "2026-03-30", when="2026-03-15")
    )
    gone = [e for e in (await library.history()).events if e["type"] == "Withdrawn"]
    assert gone
    assert all(e["id"] == event_id("Withdrawn", e["data"]["withdraws"]) for e in gone)


@pytest.mark.parametrize("cuts", [(3,), (1, 2), (1, 1, 1)])
async def test_the_history_does_not_depend_on_where_a_batch_was_cut(
    library: Office, cuts: tuple[int, ...]
) -> None:
    """6. The difference is taken fact by fact: an error and its correction are told, in one batch or two."""
    await begin(library, "2026-03-20")
    facts = [
        lent("L1", "2026-03-01", "2026-03-10", when="2026-03-02"),
        lent("L1", "2026-03-01", "2026-03-11", when="2026-03-03"),
        lent("L1", "2026-03-01", "2026-03-11", voided=True, when="2026-03-04"),
    ]
    for size in cuts:
        await library.take(*facts[:size])
        facts = facts[size:]
    assert [t for t in (await library.history()).told("Ann") if "Overdue" in t] == [
        "LoanOverdue",
        "-LoanOverdue superseded",
        "LoanOverdue",
        "-LoanOverdue corrected",
    ]


async def test_the_journal_keeps_the_day_on_which_each_fact_was_joined(library: Office) -> None:
    """6. Without it no replay of the journal could give the same history."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-10"))
    await library.day("2026-03-21")
    # Facts come first and the clock last, wherever the day stands in the batch.
    fact, morning = library.message(returned("L1", "2026-03-21")), library.morning("2026-03-22")
    await library.engine.handle([morning, fact])
    days = await library.rows("select day from journal order by number")
    assert [row["day"] and row["day"].isoformat() for row in days] == [None, "2026-03-20", "2026-03-21"]
    assert await library.value("select day from clock") == day("2026-03-22")


@EITHER_WAY
async def test_a_change_of_data_is_a_withdrawal_and_a_new_event_side_by_side(library: Office) -> None:
    """7. Superseded, then raised under the next number, adjacent."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-10"), returned("L1", "2026-03-12"))
    before = len((await library.history()).events)
    await library.take(returned("L1", "2026-03-13", when="2026-03-19"))
    told = (await library.history()).events[before:]
    assert [(e["type"], e["data"].get("reason"), e["data"].get("pence")) for e in told] == [
        ("Withdrawn", "superseded", None),
        ("FineDue", None, 30),
    ]


async def test_another_reason_alone_publishes_nothing(library: Office, tmp_path: Path) -> None:
    """7. Other evidence, other rules or another version of the policy are no new finding."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-10"))
    before = await library.outbox()
    # The same loan told again: the finding now rests on another event.
    await library.take(lent("L1", "2026-03-01", "2026-03-10", id="again", when="2026-03-05"))
    newer = policy_with(toy.SERVICE, tmp_path, "value = 20", "value = 20\neffective_from = 2020-01-01")
    engine = again(library.engine, policy=newer)
    await engine.start()
    await engine.sweep()
    assert engine.tally.swept == 1
    assert await library.outbox() == before


async def test_facts_about_something_unknown_wait_for_it(library: Office) -> None:
    """8. No finding, no error and no timer; when it comes, all of them count."""
    await library.take(returned("L1", "2026-03-14"), visited("V1", "2026-02-10"))
    await library.day("2026-03-20")
    assert await library.outbox() == []
    assert await library.engine.quarantined() == []
    assert await library.value("select wake_on from cases") is None
    await library.take(lent("L1", "2026-03-01", "2026-03-10"), joined("2026-02-01"))
    history = await library.history()
    assert [e["pence"] for e in history.of("FineDue")] == [40]
    assert [e["call_on"] for e in history.of("CallDue")] == ["2026-03-02"]
    assert history.of("NoVisit") == []


async def test_a_month_without_anything_is_noticed_when_it_closes(library: Office) -> None:
    """9. It has no part until then; closing it makes one, month after month."""
    await begin(library, "2026-02-10")
    await library.until("2026-06-01")
    assert [e["month"] for e in (await library.history()).of("NoVisit")] == [
        *("2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"),
    ]
    assert await library.count("months") == 4


async def test_a_corrected_start_or_end_visits_every_month_again(library: Office) -> None:
    """9. Months that no longer count lose their findings, those that count now get them."""
    await begin(library, "2026-05-10")
    assert [e["month"] for e in (await library.history()).of("NoVisit")] == [
        *("2026-02-01", "2026-03-01", "2026-04-01"),
    ]
    await library.take(joined("2026-03-15", when="2026-03-02"))
    assert [e["month"] for e in (await library.history()).of("NoVisit")] == ["2026-04-01"]
    await library.take(joined("2025-12-20", when="2026-03-03"), left("2026-03-15"))
    assert [e["month"] for e in (await library.history()).of("NoVisit")] == ["2026-01-01", "2026-02-01"]
    assert await library.count("months") == 2  # nothing is left of those that count no more
