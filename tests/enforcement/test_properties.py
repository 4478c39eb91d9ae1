"""What must hold of any valid facts: nothing changes before `wake_on`, nothing arises after the end,
the order of arrival and the number of orders do not matter."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.contacts import ContactMissed
from schemas.practice import EnforcementActionTaken
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
    | st.sampled_from(["breach_initiated", "breach_withdrawn", "breach_initiated", "breach_pack_completed"])
    | st.sampled_from(["breach_returned", "breach_information_laid", "recall_part_a_sent"])
    | st.sampled_from(["recall_recommended", "recall_manager_agreed", "recall_senior_endorsed"]),
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
STAYS = st.integers(1, 30).flatmap(
    lambda days: st.builds(
        lambda day, reason, id, sentence: [
            f.taken(day, reason, id=id, sentence=sentence if reason == "recall" else None),
            f.left(str(date.fromisoformat(day) + timedelta(days=days)), id=id),
        ],
        DAYS,
        st.sampled_from(["remand", "recall"]),
        st.sampled_from(["K1", "K2"]),
        SENTENCES,
    )
)
RECALLS = st.builds(
    lambda day, exclusions, returned, id: f.recall_decided(
        day, exclusions, id=id, sentence="L1", returned_on=returned
    ),
    DAYS,
    st.sampled_from(["", "new_charge", "mappa_level_2_3"]),
    DAYS | st.none(),
    st.sampled_from(["R1", "R2"]),
)
DECISIONS = st.builds(
    lambda day, about, id, sentence, approved: f.decided(
        day, about, id=id, sentence=sentence, approved=approved
    ),
    DAYS | FAR,
    st.sampled_from(["absence_review", "enforcement_review"]),
    st.sampled_from(["D1", "D2", "D3"]),
    SENTENCES,
    st.booleans(),
)
APPEALS = st.builds(
    lambda day, days, outcome, sentence, decided: [
        f.appealed(day, sentence=sentence),
        *(
            [
                f.appeal_decided(
                    str(date.fromisoformat(day) + timedelta(days=days)), outcome, sentence=sentence
                )
            ]
            if decided
            else []
        ),
    ],
    DAYS,
    st.integers(0, 40),
    st.sampled_from(["dismissed", "abandoned", "allowed_quashed"]),
    SENTENCES,
    st.booleans(),
)
OTHERS = st.lists((RECALLS | DECISIONS).map(lambda fact: [fact]) | STAYS | APPEALS, max_size=2).map(
    lambda lists: [fact for facts in lists for fact in facts]
)
"""What happens to few people."""
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
OPEN_ITEMS = {
    *("EnforcementActionRequired", "BreachRequired", "ManagerReviewRequired", "WarningIncomplete"),
    *("BreachWithdrawalDue", "RecallConsidered"),
}
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
    OTHERS,
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
    assert not any(name.split()[0] in OPEN_ITEMS for name in later)
    day = date.fromisoformat(last)
    for name, event in later.items():
        due = next(
            (value for field, value in json.loads(event).items() if field in ("due_on", "due_at")), None
        )
        assert due is None or name.split()[0] in OPEN_ITEMS or due[:10] < str(day), (name, event)


@given(FACTS)
def test_one_breach_at_a_time_on_each_sentence(facts: list[f.Fact]) -> None:
    case = on(FIRST + timedelta(days=600), SERVICE, *facts)
    standing = case.open("BreachRequired").values()
    for sentence_id in ("S1", "S2"):
        assert len([event for event in standing if event.sentence_id == sentence_id]) <= 1
    required = [found.event for found in case.findings("BreachRequired")]
    assert all(event.failures >= 2 or event.warned_on is not None for event in required)
    assert case.open("BreachConcluded").keys() <= case.open("BreachStarted").keys()


@given(FACTS)
def test_no_failure_counts_during_a_live_breach(facts: list[f.Fact]) -> None:
    case = on(FIRST + timedelta(days=600), SERVICE, *facts)
    concluded = {key: event.concluded_on for key, event in case.open("BreachConcluded").items()}
    breaches = [
        (event.sentence_id, event.started_on, concluded.get(key, date.max))
        for key, event in case.open("BreachStarted").items()
    ]
    missed: dict[str, ContactMissed] = {}
    for fact in sorted(f.told(facts), key=lambda fact: (fact.recorded, fact.id)):
        if isinstance(fact.data, ContactMissed):
            missed[fact.data.contact_id] = fact.data
    for finding in case.findings("EnforcementActionRequired"):
        failure, of = missed[finding.key], finding.event
        assert of.failures >= 1
        for sentence_id, started_on, concluded_on in breaches:
            assert sentence_id != of.sentence_id or not started_on < failure.missed_on < concluded_on
        since = max(
            (over for id, _, over in breaches if id == of.sentence_id and over <= failure.missed_on),
            default=date.min,
        )
        days = {
            one.missed_on
            for one in missed.values()
            if one.sentence_id == of.sentence_id and since <= one.missed_on <= failure.missed_on
        }
        assert of.failures <= len(days)


@given(FACTS)
def test_recall_is_of_licences_and_its_papers_are_missed_once_for_each_agreement(facts: list[f.Fact]) -> None:
    case = on(FIRST + timedelta(days=600), SERVICE, *facts)
    actions = [fact.data for fact in f.told(facts) if isinstance(fact.data, EnforcementActionTaken)]
    agreed = {a.taken_at + timedelta(hours=24) for a in actions if a.action == "recall_manager_agreed"}
    missed = list(case.open("RecallDeadlineMissed").values())
    assert {event.due_at for event in missed} <= agreed
    assert len({event.due_at for event in missed}) == len(missed)
    for kind in ("RecallConsidered", "RecallDeadlineMissed", "RecallTypeDetermined"):
        assert all(finding.event.sentence_id == "L1" for finding in case.findings(kind))


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
