"""What must hold of any valid facts: nothing changes before `wake_on`, nothing arises after the end,
the order of arrival and the number of orders do not matter."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.words import HearingOutcome
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.ledger import Ledger

FIRST = date(2026, 2, 2)
DAYS = st.integers(0, 70).map(lambda n: str(FIRST + timedelta(days=n)))
"""Few enough days that facts meet, with Easter among them."""
FAR = st.integers(0, 500).map(lambda n: str(FIRST + timedelta(days=n)))
SENTENCES = st.sampled_from(["S1", "S2", "L1", "unknown"])
CONTACTS = st.sampled_from([f"C{n}" for n in range(8)])

ABSENCES = st.builds(
    lambda absence, day, id, sentence: absence(day, id=id, sentence=sentence),
    st.sampled_from([f.missed, f.missed, f.missed, f.excused, f.undecided]),
    DAYS | FAR,
    CONTACTS,
    SENTENCES,
)
ACTIONS = st.builds(
    lambda day, hour, what, contact, id, sentence: f.action(
        f"{day}T{hour:02}:00", what, contact, id=f"A{id}", sentence=sentence
    ),
    DAYS | FAR,
    st.integers(0, 23),
    st.sampled_from(["warning", "final_warning", "letter_sent", "no_further_action"])
    | st.sampled_from(["breach_initiated", "breach_withdrawn", "breach_initiated"]),
    CONTACTS | st.none(),
    st.integers(0, 20),
    SENTENCES,
)
HEARINGS = st.builds(
    lambda day, outcome, id, sentence: f.heard(day, outcome, id=f"H{id}", sentence=sentence),
    DAYS | FAR,
    st.sampled_from(HearingOutcome.__args__),  # type: ignore[attr-defined]
    st.integers(0, 9),
    SENTENCES,
)
ENDS = (
    st.builds(f.died, DAYS)
    | st.builds(f.revoked, DAYS, id=SENTENCES)
    | st.builds(f.ended, DAYS, sentence=SENTENCES)
    | st.builds(f.varied, DAYS, FAR, id=SENTENCES)
)
LICENCES = st.sampled_from(
    [
        f.released("2026-02-16", "2026-03-27", "2026-05-01", id="L1"),
        f.released("2026-02-16", "2026-03-27", "2026-08-31", id="L1"),
    ]
)
"""Post-sentence supervision to its end, or cut off by the repeal of 11 May 2026."""
SENTENCED = [
    f.order("2026-02-02", "2026-04-03"),
    f.order("2026-02-09", "2027-08-08", id="S2", kind="suspended_sentence_order"),
    f.custodial("2025-02-03", id="L1"),
]
FACTS = st.tuples(
    LICENCES.map(lambda released: [released]),
    st.lists(ABSENCES, max_size=12),
    st.lists(ACTIONS | HEARINGS, max_size=8),
    st.lists(ENDS, max_size=1),
).map(lambda parts: [*SENTENCED, *(fact for part in parts for fact in part)])


@given(FACTS, DAYS)
def test_nothing_changes_before_wake_on(facts: list[f.Fact], today: str) -> None:
    now = on(today, SERVICE, *facts)
    for days in range(1, 120):
        later = date.fromisoformat(today) + timedelta(days=days)
        if now.wake_on is not None and later >= now.wake_on:
            break
        assert on(later, SERVICE, *facts).summary() == now.summary()


@given(FACTS, DAYS)
def test_nothing_arises_after_the_end(facts: list[f.Fact], last: str) -> None:
    facts = [*(fact for fact in facts if fact.type != "PersonDied"), f.died(last)]

    def standing(day: date) -> dict[str, str]:
        summary = on(day, SERVICE, *facts).summary()
        return {f"{kind} {key}": data for kind, key, data, closed in summary if not closed}

    then = standing(date.fromisoformat(last))
    later = standing(date.fromisoformat(last) + timedelta(days=600))
    # What was missed stays; only the court may still conclude a breach that began in time.
    assert {name: data for name, data in later.items() if not name.startswith("BreachConcluded ")} == {
        name: data for name, data in then.items() if not name.startswith("BreachConcluded ")
    }
    assert not any(name.startswith(("EnforcementActionRequired ", "BreachRequired ")) for name in later)


@given(FACTS)
def test_one_breach_at_a_time_on_each_sentence(facts: list[f.Fact]) -> None:
    case = on(FIRST + timedelta(days=600), SERVICE, *facts)
    standing = case.open("BreachRequired").values()
    for sentence_id in ("S1", "S2"):
        assert len([event for event in standing if event.sentence_id == sentence_id]) <= 1
    required = [found.event for found in case.findings("BreachRequired")]
    assert all(event.failures >= 2 or event.warned_on is not None for event in required)
    assert case.open("BreachConcluded").keys() <= case.open("BreachStarted").keys()


@settings(max_examples=40)
@given(FACTS, st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_arrival_does_not_matter(facts: list[f.Fact], random: Any, pause: int) -> None:
    told = f.told(facts)
    shuffled = [*told, *told[: len(told) // 2]]
    random.shuffle(shuffled)

    def standing(history: list[f.Fact], start: int) -> set[str]:
        ledger = Ledger(SERVICE)
        for n, fact in enumerate(history):
            if n == start:
                ledger.day(FIRST)
            ledger.publish(fact)
        ledger.day(FIRST + timedelta(days=pause))
        ledger.day(FIRST + timedelta(days=80))
        mine = [event for event in ledger.published if event.source == SERVICE.source]
        assert [event.sequence for event in mine] == [f"{n:010d}" for n in range(1, len(mine) + 1)]
        assert len({event.id for event in mine}) == len(mine)
        return {
            f"{e.type} {e.data.model_dump_json(exclude={'why'})}"
            for e in ledger.standing_events()
            if e.source == SERVICE.source
        }

    assert standing(told, 0) == standing(shuffled, len(shuffled) // 2)
