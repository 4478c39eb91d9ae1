"""What must hold of any valid facts: nothing changes before `wake_on`, nothing fires after the end,
the order of arrival and the number of orders do not matter."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.contacts import AbsenceUndecided, ContactExcused, ContactMissed
from schemas.court import BreachHearingResulted, SentenceVaried
from schemas.enforcement import BreachConcluded, BreachRequired
from schemas.envelope import Data
from schemas.practice import EnforcementActionTaken, PersonDied
from schemas.words import EnforcementAction, HearingOutcome
from services.enforcement.app import SERVICE
from shared.calendar import LONDON
from tests.enforcement.facts import WHY, Said, custodial, ended, released, revoked, sentence
from tests.ledger import Ledger

FIRST = date(2026, 2, 2)
DAYS = st.integers(0, 70).map(lambda n: FIRST + timedelta(days=n))
"""Few enough days that facts meet, with Easter among them."""
FAR = st.integers(0, 500).map(lambda n: FIRST + timedelta(days=n))
SENTENCES = st.sampled_from(["S1", "S2", "L1", "unknown"])
CONTACTS = st.sampled_from([f"C{n}" for n in range(8)])


def _action(
    id: int, sentence: str, contact: str | None, on: date, hour: int, what: EnforcementAction
) -> Data:
    return EnforcementActionTaken(
        action_id=f"A{id}",
        sentence_id=sentence,
        contact_id=contact,
        taken_at=datetime(on.year, on.month, on.day, hour, tzinfo=LONDON),
        action=what,
    )


def _absence(kind: Any, contact: str, sentence: str, on: date) -> Data:
    more: dict[str, Any] = {
        ContactMissed: {"outcome": "failed_to_comply"},
        ContactExcused: {"acceptable_reason": "family"},
        AbsenceUndecided: {},
    }[kind]
    event: Data = kind(contact_id=contact, sentence_id=sentence, missed_on=on, **more)
    return event


ABSENCES = st.builds(
    _absence,
    st.sampled_from([ContactMissed, ContactMissed, ContactMissed, ContactExcused, AbsenceUndecided]),
    CONTACTS,
    SENTENCES,
    DAYS | FAR,
)
ACTIONS = st.builds(
    _action,
    st.integers(0, 20),
    SENTENCES,
    CONTACTS | st.none(),
    DAYS | FAR,
    st.integers(0, 23),
    st.sampled_from(["warning", "final_warning", "letter_sent", "no_further_action"])
    | st.sampled_from(["breach_initiated", "breach_withdrawn", "breach_initiated"]),
)
HEARINGS = st.builds(
    lambda id, sentence, on, outcome: BreachHearingResulted(
        hearing_id=f"H{id}", sentence_id=sentence, heard_on=on, outcome=outcome
    ),
    st.integers(0, 9),
    SENTENCES,
    DAYS | FAR,
    st.sampled_from(HearingOutcome.__args__),  # type: ignore[attr-defined]
)
ENDS = (
    DAYS.map(lambda d: PersonDied(died_on=d))
    | st.builds(lambda s, d: revoked(d.isoformat(), id=s), SENTENCES, DAYS)
    | st.builds(lambda s, d: ended(d.isoformat(), id=s), SENTENCES, DAYS)
    | st.builds(
        lambda s, on, to: SentenceVaried(sentence_id=s, varied_on=on, ends_on=to, requirements=[]),
        SENTENCES,
        DAYS,
        FAR,
    )
)
SENTENCED = [
    sentence("community_order", "2026-02-02", "2026-04-03", "S1"),
    sentence("suspended_sentence_order", "2026-02-09", "2027-08-08", "S2"),
    custodial("2025-02-03"),
    released("2026-02-16", "2026-03-27", "2026-05-01"),
]
FACTS = st.tuples(
    st.lists(ABSENCES, max_size=12),
    st.lists(ACTIONS | HEARINGS, max_size=8),
    st.lists(ENDS, max_size=1),
).map(lambda parts: [*SENTENCED, *(fact for part in parts for fact in part)])


@given(FACTS, DAYS)
def test_nothing_changes_before_wake_on(facts: list[Data], today: date) -> None:
    now = Said(*facts, on=today)
    for days in range(1, 90):
        later = today + timedelta(days=days)
        if now.wake_on is not None and later >= now.wake_on:
            break
        assert Said(*facts, on=later).summary() == now.summary()


@given(FACTS, DAYS)
def test_nothing_arises_after_the_end(facts: list[Data], last: date) -> None:
    facts = [*(fact for fact in facts if not isinstance(fact, PersonDied)), PersonDied(died_on=last)]

    def standing(on: date) -> dict[str, str]:
        summary = Said(*facts, on=on).summary()
        return {f"{kind} {key}": data for kind, key, data, closed in summary if not closed}

    then, later = standing(last), standing(last + timedelta(days=600))
    # What was missed stays; only the court may still conclude a breach that began in time.
    assert {name: data for name, data in later.items() if not name.startswith("BreachConcluded ")} == {
        name: data for name, data in then.items() if not name.startswith("BreachConcluded ")
    }
    assert not any(name.startswith(("EnforcementActionRequired ", "BreachRequired ")) for name in later)


@given(FACTS)
def test_one_breach_at_a_time_on_each_sentence(facts: list[Data]) -> None:
    said = Said(*facts, on=FIRST + timedelta(days=600))
    keys = [(type(f.event), f.key) for f in said.assessment.findings]
    assert len(keys) == len(set(keys))
    for sentence_id in ("S1", "S2"):
        required = [f for f in said.findings(BreachRequired) if f.event.sentence_id == sentence_id]
        assert len([f for f in required if said.assessment.closed(f) is None]) <= 1
        assert all(f.event.failures >= 2 or f.event.warned_on is not None for f in required)
    started = {f.key for f in said.assessment.findings if type(f.event).__name__ == "BreachStarted"}
    assert {f.key for f in said.findings(BreachConcluded)} <= started


@settings(max_examples=40)
@given(FACTS, st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_arrival_does_not_matter(facts: list[Data], random: Any, pause: int) -> None:
    told = [
        (f"fact-{n:03d}", _with_why(fact), datetime(2026, 2, 1, 9, 0, n, tzinfo=LONDON))
        for n, fact in enumerate(facts)
    ]
    shuffled = [*told, *told[: len(told) // 2]]
    random.shuffle(shuffled)

    def standing(history: list[Any], start: int) -> set[str]:
        ledger = Ledger(SERVICE)
        for n, (id, fact, recorded) in enumerate(history):
            if n == start:
                ledger.day(FIRST)
            ledger.tell(fact, id=id, recorded=recorded)
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


def _with_why(fact: Data) -> Data:
    return fact.model_copy(update={"why": WHY}) if "why" in type(fact).model_fields else fact
