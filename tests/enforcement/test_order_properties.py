"""What must hold of any decisions, steps, appeals and later evidence on orders, whenever they are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import on

FIRST = date(2026, 2, 2)
DAYS = st.integers(0, 60).map(lambda n: str(FIRST + timedelta(days=n)))
CONTACTS = st.sampled_from([f"C{n}" for n in range(6)])
SENTENCES = st.sampled_from(["S1", "S1", "S2"])

HAPPENINGS = st.one_of(
    st.builds(f.missed, DAYS, id=CONTACTS, sentence=SENTENCES),
    st.builds(f.missed, DAYS, id=CONTACTS, sentence=SENTENCES),
    st.builds(f.excused, DAYS, st.sampled_from(["medical", "stood_down"]), id=CONTACTS, sentence=SENTENCES),
    st.builds(f.taken_back, DAYS, DAYS, id=CONTACTS, sentence=SENTENCES),
    st.builds(
        lambda day, hour, what, contact, n, sentence: f.action(
            f"{day}T{hour:02}:00", what, contact, id=f"A{n}", sentence=sentence
        ),
        DAYS,
        st.integers(0, 23),
        st.sampled_from(
            [
                *("warning", "warning", "breach_initiated", "breach_initiated", "breach_pack_completed"),
                *("breach_information_laid", "breach_withdrawn", "breach_returned", "no_further_action"),
            ]
        ),
        CONTACTS | st.none(),
        st.integers(0, 9),
        SENTENCES,
    ),
    st.builds(
        f.decided,
        DAYS,
        st.sampled_from(["absence_review", "enforcement_review"]),
        st.booleans(),
        id=st.sampled_from(["M1", "M2", "M3"]),
        about_id=st.none() | CONTACTS,
    ),
    st.builds(
        f.heard, DAYS, st.sampled_from(["adjourned", "proven_continued", "withdrawn"]), sentence=SENTENCES
    ),
    st.builds(f.appealed, DAYS, stayed=st.booleans(), sentence=SENTENCES),
    st.builds(f.appeal_decided, DAYS, st.sampled_from(["dismissed", "allowed_quashed"]), sentence=SENTENCES),
    st.builds(f.taken, DAYS),
    st.builds(f.left, DAYS),
)
ORDERS = [
    f.order("2026-02-02", "2026-12-31"),
    f.order("2026-02-02", "2026-12-31", id="S2", kind="suspended_sentence_order", level="crown"),
]
HISTORIES = st.lists(HAPPENINGS, max_size=14).map(lambda found: [*ORDERS, *found])


def data_of(fact: f.Fact) -> Any:
    return fact.data


def standing(facts: list[f.Fact], day: date) -> list[tuple[str, str, str]]:
    return [(kind, key, data) for kind, key, data, end in on(day, SERVICE, *facts).summary() if not end]


@given(HISTORIES, DAYS)
def test_nothing_changes_before_wake_on(facts: list[f.Fact], today: str) -> None:
    now = on(today, SERVICE, *facts)
    for days in range(1, 90):
        later = date.fromisoformat(today) + timedelta(days=days)
        if now.wake_on is not None and later >= now.wake_on:
            break
        assert on(later, SERVICE, *facts).summary() == now.summary()


@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(facts: list[f.Fact], random: Any) -> None:
    told = [replace(one, id_given=True, recorded_given=True) for one in f.told(facts)]
    shuffled = [*told]
    random.shuffle(shuffled)
    day = FIRST + timedelta(days=120)
    assert standing(shuffled, day) == standing(told, day)


@given(HISTORIES, DAYS)
def test_nothing_waits_for_anybody_and_no_clock_fires_after_a_death(facts: list[f.Fact], died: str) -> None:
    facts = [*facts, f.died(died)]
    on_the_day = {(kind, key) for kind, key, _ in standing(facts, date.fromisoformat(died))}
    after = {(kind, key) for kind, key, _ in standing(facts, FIRST + timedelta(days=300))}
    assert {kind for kind, _ in after}.isdisjoint(
        {
            *("EnforcementActionRequired", "BreachRequired", "BreachWithdrawalDue"),
            *("ManagerReviewRequired", "WarningIncomplete"),
        }
    )
    overdue = {(kind, key) for kind, key in after if kind.endswith("Overdue")}
    assert overdue <= on_the_day


@given(HISTORIES)
def test_while_an_order_is_stayed_nothing_of_it_waits(facts: list[f.Fact]) -> None:
    others = [fact for fact in facts if not fact.type.startswith("Appeal")]
    stayed = [*others, f.appealed(str(FIRST + timedelta(days=10)), sentence="S1")]
    case = on(FIRST + timedelta(days=100), SERVICE, *stayed)
    for type in (
        "EnforcementActionRequired",
        "BreachRequired",
        "BreachWithdrawalDue",
        "ManagerReviewRequired",
    ):
        assert "S1" not in {event.sentence_id for event in case.open(type).values()}


@given(HISTORIES)
def test_counts_are_never_negative_nor_raised_during_a_breach(facts: list[f.Fact]) -> None:
    case = on(FIRST + timedelta(days=120), SERVICE, *facts)
    failures = (one for one in facts if one.type == "ContactMissed")
    missed = sorted(failures, key=lambda one: (one.recorded, one.id))
    missed_on = {data_of(one).contact_id: data_of(one).missed_on for one in missed}
    concluded = case.open("BreachConcluded")
    for finding in case.findings("EnforcementActionRequired"):
        failure = finding.event
        assert failure.failures >= 1
        for key, breach in case.open("BreachStarted").items():
            same = breach.sentence_id == failure.sentence_id
            if same and breach.started_on < missed_on[failure.contact_id]:
                over_on = concluded[key].concluded_on if key in concluded else date.max
                assert over_on <= missed_on[failure.contact_id]


@settings(max_examples=60)
@given(HISTORIES)
def test_only_warnings_are_withdrawn_and_only_live_breaches_must_be(facts: list[f.Fact]) -> None:
    case = on(FIRST + timedelta(days=120), SERVICE, *facts)
    taken = (data_of(one) for one in f.told(facts) if one.type == "EnforcementActionTaken")
    actions = {action.action_id: action.action for action in taken}
    assert {actions[event.action_id] for event in case.open("WarningWithdrawn").values()} <= {"warning"}
    live = case.open("BreachStarted").keys() - case.open("BreachConcluded").keys()
    assert case.open("BreachWithdrawalDue").keys() <= live
