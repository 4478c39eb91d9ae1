"""Only under supervision: unknown sentences, beginnings, ends, death, and sentences side by side (ENF-32)."""

from __future__ import annotations

import pytest

from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

ORDER = f.order("2026-01-05", "2027-12-31")
SHORT = f.order("2026-01-05", "2026-03-31")
LICENCE = (f.custodial("2025-01-06", id="L1"), f.released("2026-01-05", "2026-12-31", id="L1"))
LATE = "2028-06-01"

ENDS = pytest.mark.parametrize(
    ("order", "end", "at_once"),
    [
        pytest.param(SHORT, [], False, id="the order runs out"),
        pytest.param(
            ORDER, [f.varied("2026-02-02", "2026-03-31")], False, id="the court shortened the order"
        ),
        pytest.param(
            ORDER, [f.revoked("2026-03-31", "good_progress")], True, id="the court revoked the order"
        ),
        pytest.param(ORDER, [f.revoked("2026-03-31", "quashed")], True, id="the sentence was quashed"),
        pytest.param(ORDER, [f.died("2026-03-31")], True, id="the person died"),
        pytest.param(ORDER, [f.ended("2026-03-31")], True, id="all requirements were completed"),
    ],
)
"""Ends of supervision on Tuesday 31 March 2026; the flag: cut short, so that open items end that very day."""


def test_facts_of_an_unknown_sentence_lead_to_nothing_until_it_comes() -> None:
    facts = [
        f.missed("2026-03-01"),
        f.missed("2026-03-20"),
        f.undecided("2026-03-02"),
        f.action("2026-03-21", "breach_initiated"),
        f.released("2026-01-05", "2026-12-31", id="L1"),
    ]
    case = on(LATE, SERVICE, *facts)
    assert (case.all, case.wake_on) == ([], None)
    assert on(LATE, SERVICE, *facts, ORDER).all != []


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        pytest.param("2026-01-04", False, id="before the order"),
        pytest.param("2026-01-05", True, id="on its first day"),
        pytest.param("2026-03-31", True, id="on its last day"),
        pytest.param("2026-04-01", False, id="after its end"),
    ],
)
def test_only_failures_during_the_order_count(day: str, counts: bool) -> None:
    case = on(LATE, SERVICE, SHORT, f.missed("2026-02-02", id="F1"), f.missed(day, id="F2"))
    assert len(case.findings("BreachRequired")) == counts


@table(
    """
    | case                                                | fact  | varied                       | standing     | closed          |
    | an extended order goes on                           | SHORT | ("2026-03-02", "2026-06-30") | ["F1", "F2"] | {}              |
    | no order ends before the day on which it was varied | ORDER | ("2026-05-04", "2026-02-20") | []           | {"F1": "ended"} |
    | none is revived after its end                       | SHORT | ("2026-04-02", "2026-06-30") | []           | {"F1": "ended"} |
    """,  # noqa: E501
    SHORT=SHORT,
    ORDER=ORDER,
)
def test_a_variation(
    fact: f.Fact, varied: tuple[str, str], standing: list[str], closed: dict[str, str]
) -> None:
    failures = [f.missed("2026-02-25", id="F1"), f.missed("2026-05-05", id="F2")]
    case = on("2026-05-05", SERVICE, fact, f.varied(*varied), *failures)
    assert list(case.open("EnforcementActionRequired")) == standing
    assert case.closed("EnforcementActionRequired") == closed


@ENDS
def test_open_items_end_with_supervision(order: f.Fact, end: list[f.Fact], at_once: bool) -> None:
    facts = [order, *end, f.missed("2026-03-01", id="F1"), f.missed("2026-03-30", id="F2")]
    before = on("2026-03-30", SERVICE, *facts)
    assert list(before.open("EnforcementActionRequired")) == ["F1", "F2"]
    assert list(before.open("BreachRequired")) == ["S1/F2"]
    assert before.wake_on is not None
    assert bool(on("2026-03-31", SERVICE, *facts).open("BreachRequired")) is not at_once
    after = on("2026-04-01", SERVICE, *facts)
    assert after.closed("EnforcementActionRequired") == {"F1": "ended", "F2": "ended"}
    assert after.closed("BreachRequired") == {"S1/F2": "ended"}
    assert after.wake_on is None


@ENDS
@pytest.mark.parametrize(
    ("failed", "overdue"),
    [
        pytest.param("2026-03-26", True, id="due the day before the end"),
        pytest.param("2026-03-27", "if it ran out", id="due on the last day"),
        pytest.param("2026-03-30", False, id="due after the end"),
    ],
)
def test_no_deadline_fires_after_the_end_of_supervision(
    order: f.Fact, end: list[f.Fact], at_once: bool, failed: str, overdue: bool | str
) -> None:
    def fired(today: str) -> list[str]:
        return list(on(today, SERVICE, order, *end, f.missed(failed, id="F1")).open("WarningLetterOverdue"))

    fires = not at_once if overdue == "if it ran out" else bool(overdue)
    assert fired("2026-03-31") == ["F1"] * (overdue is True)
    assert fired("2026-04-01") == fired(LATE) == ["F1"] * fires


@ENDS
@pytest.mark.parametrize(
    ("absent", "overdue"),
    [
        pytest.param("2026-03-23", True, id="due the day before the end"),
        pytest.param("2026-03-24", "if it ran out", id="due on the last day"),
        pytest.param("2026-03-25", False, id="due after the end"),
    ],
)
def test_no_decision_is_due_after_the_end_of_supervision(
    order: f.Fact, end: list[f.Fact], at_once: bool, absent: str, overdue: bool | str
) -> None:
    case = on(LATE, SERVICE, order, *end, f.undecided(absent, id="C1"))
    fires = not at_once if overdue == "if it ran out" else bool(overdue)
    assert list(case.open("AbsenceDecisionOverdue")) == ["C1"] * fires


@pytest.mark.parametrize(
    ("initiated", "breaches", "closed"),
    [
        pytest.param("2026-03-31", ["S1/F1"], "resolved", id="initiated on the last day"),
        pytest.param("2026-04-01", [], "ended", id="initiated the day after"),
    ],
)
def test_a_breach_cannot_start_after_the_end_but_is_concluded_by_the_court(
    initiated: str, breaches: list[str], closed: str
) -> None:
    breach = f.action(initiated, "breach_initiated", "F1")
    case = on(LATE, SERVICE, SHORT, f.missed("2026-03-01", id="F1"), breach, f.heard("2026-05-05"))
    assert list(case.open("BreachStarted")) == breaches
    assert list(case.open("BreachConcluded")) == breaches
    assert case.closed("EnforcementActionRequired") == {"F1": closed}


def test_supervision_ended_because_the_order_ran_out_leaves_the_last_day_to_the_order() -> None:
    facts = [SHORT, f.missed("2026-03-31", id="F1"), f.ended("2026-03-31", "expired")]
    assert list(on("2026-03-31", SERVICE, *facts).open("EnforcementActionRequired")) == ["F1"]
    assert on("2026-04-01", SERVICE, *facts).closed("EnforcementActionRequired") == {"F1": "ended"}


# -- post-sentence supervision and its repeal on 11 May 2026 (ENF-34) --------------------------------


PSS = (f.custodial("2025-01-06"), f.released("2025-06-02", "2025-12-01", "2026-11-30"))


@pytest.mark.parametrize(
    ("failed", "letters"),
    [
        pytest.param("2026-05-06", ["2026-05-08"], id="the letter was due before"),
        pytest.param("2026-05-08", ["2026-05-12"], id="a failure from before, the letter due afterwards"),
        pytest.param("2026-05-11", [], id="no failure from the day of the repeal on"),
    ],
)
def test_a_failure_from_before_the_repeal_can_still_be_dealt_with(failed: str, letters: list[str]) -> None:
    case = on("2026-06-15", SERVICE, *PSS, f.missed(failed))
    assert [str(event.due_on) for event in case.open("WarningLetterOverdue").values()] == letters


@table(
    """
    | case                                   | facts                     | letters |
    | in the time that was planned           |                           | ["C1"]  |
    | not after death                        | 2026-05-11 died           | []      |
    | whatever allocation says of the repeal | 2026-05-10 ended repealed | ["C1"]  |
    """,
)
def test_until_post_sentence_supervision_would_have_ended(facts: list[f.Fact], letters: list[str]) -> None:
    case = on("2026-12-15", SERVICE, *PSS, *facts, f.missed("2026-05-08", id="C1"))
    assert list(case.open("WarningLetterOverdue")) == letters


def test_a_letter_sent_after_the_repeal_is_in_time() -> None:
    facts = [*PSS, f.missed("2026-05-08", id="C1"), f.action("2026-05-12", "letter_sent", "C1")]
    assert on("2026-06-15", SERVICE, *facts).open("WarningLetterOverdue") == {}


def test_a_decision_may_still_be_due_after_the_repeal() -> None:
    case = on("2026-06-15", SERVICE, *PSS, f.undecided("2026-05-08"))
    assert str(case.one("AbsenceDecisionOverdue").due_on) == "2026-05-15"


# -- sentences side by side --------------------------------------------------------------------------


def test_enf_32_each_sentence_is_enforced_on_its_own() -> None:
    other = f.order("2026-01-05", "2027-12-31", kind="suspended_sentence_order", id="S2")
    facts = [
        ORDER,
        other,
        f.missed("2026-03-01", id="F1"),
        f.action("2026-03-02", contact="F1"),
        f.missed("2026-03-20", id="F2", sentence="S2"),
    ]
    case = on("2026-03-20", SERVICE, *facts)
    assert case.findings("BreachRequired") == []
    assert case.open("EnforcementActionRequired")["F2"].options == ["warn", "refer"]
    facts += [
        f.missed("2026-03-25", id="F3"),
        f.action("2026-03-26", "breach_initiated", "F3"),
        f.missed("2026-03-27", id="F4", sentence="S2"),
    ]
    case = on("2026-03-27", SERVICE, *facts)
    assert case.closed("BreachRequired") == {"S1/F3": "resolved"}
    assert list(case.open("BreachRequired")) == ["S2/F4"]


def test_enf_32_an_order_beside_a_licence() -> None:
    failures = [f.missed("2026-03-01", id="F1"), f.missed("2026-03-20", id="F2", sentence="L1")]
    case = on("2026-03-20", SERVICE, ORDER, *LICENCE, *failures)
    assert case.findings("BreachRequired") == []
    options = {key: event.options for key, event in case.open("EnforcementActionRequired").items()}
    assert options == {"F1": ["warn", "refer"], "F2": ["warn", "recall"]}


def test_the_end_of_one_sentence_leaves_the_other_open() -> None:
    second = f.order("2026-01-05", "2027-12-31", id="S2")
    failures = [f.missed("2026-03-01", id="F1"), f.missed("2026-03-02", id="F2", sentence="S2")]
    case = on("2026-03-10", SERVICE, ORDER, second, *failures, f.revoked("2026-03-10"))
    assert case.closed("EnforcementActionRequired") == {"F1": "ended"}
    assert list(case.open("EnforcementActionRequired")) == ["F2"]


@pytest.mark.parametrize(
    ("failures", "letters"),
    [
        pytest.param(["2025-06-29", "2025-06-26"], ["C-2025-06-26"], id="until the end of the supervision"),
        pytest.param(["2025-01-02"], [], id="not before the first release"),
    ],
)
def test_a_released_prisoner_is_supervised_until_the_end_set_at_the_latest_release(
    failures: list[str], letters: list[str]
) -> None:
    facts = [
        f.custodial("2024-01-08"),
        f.released("2025-01-06", "2025-03-31"),
        f.released("2025-02-03", "2025-04-30", "2025-06-30"),
    ]
    case = on(LATE, SERVICE, *facts, *(f.missed(day) for day in failures))
    assert list(case.open("WarningLetterOverdue")) == letters


def test_nothing_is_supervised_before_the_release() -> None:
    facts = [f.custodial("2025-01-06"), f.missed("2026-03-02", id="F1"), f.undecided("2026-03-02", id="C1")]
    assert on(LATE, SERVICE, *facts).all == []
