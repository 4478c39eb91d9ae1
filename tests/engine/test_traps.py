"""The traps of engine.md part 8, each with a test that fails when its rule is broken.

The first number of a test's text is the trap's. Those that need two connections are in `test_races.py`.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas import catalogue
from schemas.envelope import CloudEvent, Published
from shared.engine.assessment import Day
from tests.engine import toy
from tests.engine.library import (
    blocked,
    brought,
    day,
    joined,
    left,
    lent,
    moved,
    noted,
    planned,
    returned,
    stocked,
    visited,
    wanted,
    withdrawn,
)
from tests.engine.running import Office, again, at, policy_with


async def begin(library: Office, on: str) -> None:
    """The first day, with Ann a member since January."""
    await library.take(joined())
    await library.day(on)


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


async def test_facts_with_different_correction_keys_stand_side_by_side(library: Office) -> None:
    """1. The second stock of a shelf is a new fact, not a correction of the first."""
    await library.take(stocked("A", 1, "2026-01-01"), stocked("A", 0, "2026-04-01"))
    await library.day("2026-03-31")
    assert (await library.history()).of("ShelfEmpty") == []
    await library.day("2026-04-01")
    assert len((await library.history()).of("ShelfEmpty", "A")) == 1


async def test_an_appointment_and_its_outcome_share_an_id_and_are_two_facts(library: Office) -> None:
    """1. Two registers of one thing: the outcome does not replace the appointment."""
    await begin(library, "2026-03-02")
    await library.take(planned("V1", "2026-03-03"), visited("V1", "2026-03-03"))
    await library.until("2026-03-05")
    assert (await library.history()).of("NoShow") == []
    await library.take(visited("V1", "2026-03-03", voided=True, when="2026-03-05"))
    assert [e["visit_id"] for e in (await library.history()).of("NoShow")] == ["V1"]


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


async def test_a_correction_may_come_before_the_original(library: Office) -> None:
    """3. The version recorded last stands, not the one that arrived last."""
    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-12", when="2026-03-03"))
    await library.take(lent("L1", "2026-03-01", "2026-03-10", when="2026-03-02"))
    assert [e["due_on"] for e in (await library.history()).of("LoanOverdue")] == ["2026-03-12"]


@pytest.mark.parametrize("order", [("B", "a", "ä"), ("ä", "a", "B"), ("a", "ä", "B")])
async def test_a_tie_goes_to_the_greatest_id_bytewise(library: Office, order: tuple[str, ...]) -> None:
    """3. As code compares, not as a database collates: B before a before ä, whatever comes first."""
    dues = {"B": "2026-03-10", "a": "2026-03-11", "ä": "2026-03-12"}
    await begin(library, "2026-03-20")
    for id in order:
        await library.take(lent("L1", "2026-03-01", dues[id], id=id, when="2026-03-02"))
    assert [e["due_on"] for e in (await library.history()).of("LoanOverdue")] == [dues["ä"]]


async def test_recordedtimes_are_compared_as_instants(library: Office) -> None:
    """3. 10:00+02:00 was before 08:30Z, though it sorts after it as text."""
    await begin(library, "2026-03-20")
    for instant, due in (("2026-03-02T10:00:00+02:00", "2026-03-10"), ("2026-03-02T08:30:00Z", "2026-03-11")):
        message = library.message(lent("L1", "2026-03-01", due, id=due))
        body = json.loads(message.value or b"") | {"time": instant}
        await library.engine.handle([_with(message, json.dumps(body).encode())])
    assert [e["due_on"] for e in (await library.history()).of("LoanOverdue")] == ["2026-03-11"]


def _with(message: Any, value: bytes) -> Any:
    from dataclasses import replace

    return replace(message, value=value)


async def test_what_was_recorded_in_the_future_is_a_dead_letter(library: Office) -> None:
    """3. It would win against every correction for ever. Up to a day ahead is a wrong clock, no more."""
    from dataclasses import replace

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


async def test_a_withdrawals_id_follows_from_what_it_withdraws(library: Office) -> None:
    """5. So that whoever withdraws the same event twice says the same thing twice."""
    from shared.engine.publication import event_id

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
    await library.until("2026-04-01")
    assert [e["month"] for e in (await library.history()).of("NoVisit")] == ["2026-02-01", "2026-03-01"]
    assert [row["month"] for row in await library.rows("select month from months order by 1")] == [
        2026 * 12 + 1,
        2026 * 12 + 2,
    ]


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
    from shared.engine.engine import Superseded

    await begin(library, "2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-10"), returned("L1", "2026-03-12"))
    dearer = again(library.engine, policy=policy_with(toy.SERVICE, tmp_path, "value = 10", "value = 25"))
    await dearer.start()
    await dearer.sweep()
    history = await library.history()
    assert [e["pence"] for e in history.of("FineDue")] == [50]
    with pytest.raises(Superseded):
        await library.take(returned("L1", "2026-03-13", when="2026-03-19"))
    with pytest.raises(Superseded):
        await library.day("2026-03-21")
    assert await library.value("select count(*) from journal where type = 'LoanReturned'") == 1


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
    assert await library.engine.recheck("Ann") is None
    assert await library.engine.quarantined() == []
    assert [e["pence"] for e in (await library.history()).of("FineDue", "Ann")] == [20]


def _break(monkeypatch: pytest.MonkeyPatch, subject: str) -> pytest.MonkeyPatch:
    """A fault in a rule that shows in one member's case only."""
    from shared.engine.casefile import CaseFile

    sound = CaseFile._assess_month

    def broken(self: CaseFile, *arguments: Any) -> Any:
        if self.subject == subject:
            raise ZeroDivisionError
        return sound(self, *arguments)

    monkeypatch.setattr(CaseFile, "_assess_month", broken)
    return monkeypatch


async def test_the_sequence_is_text_that_sorts(library: Office) -> None:
    """19. CloudEvents' own extension: ten digits, "0000000001" first, for each subject."""
    await begin(library, "2026-03-20")
    values = await library.outbox()
    sequences = [json.loads(value)["sequence"] for value in values]
    assert sequences == ["0000000001"]
    assert CloudEvent[Any].model_validate_json(values[0]).sequence == "0000000001"


async def test_a_place_that_is_given_back_is_free_for_the_next(library: Office) -> None:
    """15. Who waits is asked again when something changes where they wait."""
    await begin(library, "2026-03-20")
    await library.take(joined(who="Bob"), stocked("A", 1))
    await library.take(wanted("W1"), wanted("W2", "Bob"))
    assert [e["want_id"] for e in (await library.history()).of("CopyLent")] == ["W1"]
    await library.take(brought("W1", "2026-03-20"))
    assert [e["want_id"] for e in (await library.history()).of("CopyLent")] == ["W1", "W2"]
