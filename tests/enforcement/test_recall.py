"""The steps of a recall and its deadline (ENF-27), and the type of recall by date (ENF-28 to ENF-31, C13)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from schemas.enforcement import RecallDeadlineMissed, RecallTypeDetermined
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import Assessed, on
from tests.policies import changed
from tests.table import table

SENTENCE = f.custodial("2024-01-08", days=730)
LICENCE = (SENTENCE, f.released("2025-01-06", "2026-12-31"))
F1 = f.missed("2026-03-02", id="F1")
LATE = "2026-12-01"


def steps(*taken: str, contact: str | None = "F1") -> list[f.Fact]:
    """Steps towards a recall, written `recommended 2026-03-03T09:00`."""
    names = {"recommended": "recall_recommended", "agreed": "recall_manager_agreed"}
    names |= {
        "endorsed": "recall_senior_endorsed",
        "sent": "recall_part_a_sent",
        "dropped": "no_further_action",
    }
    return [f.action(at, names[what], contact) for what, at in (step.split() for step in taken)]


RECOMMENDED, AGREED = "recommended 2026-03-03T09:00", "agreed 2026-03-03T15:30"


# -- Part A within 24 hours --------------------------------------------------------------------------


def missed(day: str, *taken: str) -> list[str]:
    case = on(day, SERVICE, *LICENCE, F1, *steps(*taken))
    return [event.due_at.isoformat() for event in case.open("RecallDeadlineMissed").values()]


def test_papers_that_were_not_sent_within_24_hours_of_the_agreement_are_missed() -> None:
    facts = [*LICENCE, F1, *steps(RECOMMENDED, AGREED)]
    before = on("2026-03-04", SERVICE, *facts)
    assert before.findings("RecallDeadlineMissed") == []
    assert str(before.wake_on) == "2026-03-05"
    case = on("2026-03-05", SERVICE, *facts)
    assert case.open("RecallDeadlineMissed") == {
        "S1/F1": RecallDeadlineMissed(**f.PLACE, sentence_id="S1", due_at=f.moment("2026-03-04T15:30"))
    }
    assert case.evidence("RecallDeadlineMissed") == {"S1/F1": [facts[-1].id]}


@pytest.mark.parametrize(
    ("sent", "late"),
    [
        ("2026-03-03T16:00", False),
        ("2026-03-04T15:30", False),
        ("2026-03-04T15:31", True),
        ("2026-03-06T09:00", True),
    ],
)
def test_the_deadline_is_kept_to_the_minute(sent: str, late: bool) -> None:
    day = sent[:10]
    assert bool(missed(day, RECOMMENDED, AGREED, f"sent {sent}")) is late
    assert bool(missed(LATE, RECOMMENDED, AGREED, f"sent {sent}")) is late


@pytest.mark.parametrize(
    ("agreed", "due", "in_time", "late"),
    [
        pytest.param(
            "2026-03-28T12:00",
            "2026-03-29T12:00:00+00:00",
            "2026-03-29T13:00",
            "2026-03-29T13:01",
            id="the clocks go forward",
        ),
        pytest.param(
            "2026-10-24T12:00",
            "2026-10-25T11:00:00+00:00",
            "2026-10-25T11:00",
            "2026-10-25T11:01",
            id="the clocks go back",
        ),
        pytest.param(
            "2026-12-24T17:00",
            "2026-12-25T17:00:00+00:00",
            "2026-12-25T17:00",
            "2026-12-25T17:01",
            id="at Christmas",
        ),
        pytest.param(
            "2026-07-03T23:30",
            "2026-07-04T22:30:00+00:00",
            "2026-07-04T23:30",
            "2026-07-04T23:31",
            id="at a weekend, before midnight in summer",
        ),
    ],
)
def test_24_elapsed_hours(agreed: str, due: str, in_time: str, late: str) -> None:
    begun = (f"recommended {agreed}", f"agreed {agreed}")
    assert missed(LATE if agreed < LATE else "2026-12-30", *begun) == [due]
    assert missed("2026-12-30", *begun, f"sent {in_time}") == []
    assert missed("2026-12-30", *begun, f"sent {late}") == [due]


def test_a_deadline_before_midnight_is_missed_when_the_next_day_starts() -> None:
    begun = ("recommended 2026-07-03T23:30", "agreed 2026-07-03T23:30")
    assert missed("2026-07-04", *begun) == []
    assert len(missed("2026-07-05", *begun)) == 1


@table(
    """
    | case                            | taken                                                                                | missed |
    | nobody agreed                   | ["recommended 2026-03-03T09:00"]                                                     | 0      |
    | agreed without a recommendation | ["agreed 2026-03-03T09:00"]                                                          | 1      |
    | sent before the manager agreed  | ["recommended 2026-03-03T09:00", "sent 2026-03-03T10:00", "agreed 2026-03-03T11:00"] | 0      |
    | given up in time                | ["agreed 2026-03-03T09:00", "dropped 2026-03-04T09:00"]                              | 0      |
    | given up too late               | ["agreed 2026-03-03T09:00", "dropped 2026-03-04T09:01"]                              | 1      |
    | endorsed, but not sent          | ["agreed 2026-03-03T09:00", "endorsed 2026-03-03T10:00"]                             | 1      |
    | agreed twice: the first counts  | ["agreed 2026-03-03T09:00", "agreed 2026-03-03T20:00", "sent 2026-03-04T10:00"]      | 1      |
    """,  # noqa: E501
)
def test_whether_papers_were_due(taken: list[str], missed: int) -> None:
    case = on(LATE, SERVICE, *LICENCE, F1, *steps(*taken))
    assert len(case.open("RecallDeadlineMissed")) == missed


def test_two_recalls_of_one_contact_are_two() -> None:
    second = ("recommended 2026-04-03T09:00", "agreed 2026-04-03T10:00")
    case = on(LATE, SERVICE, *LICENCE, F1, *steps(RECOMMENDED, AGREED, *second))
    first, other = case.open("RecallDeadlineMissed")
    assert first == "S1/F1"
    assert other.startswith("S1/F1/A-")


@pytest.mark.parametrize(
    ("failures", "key"),
    [
        pytest.param([F1], "S1/F1", id="the last failure, where no contact is named"),
        pytest.param(
            [], "S1/A-recall_manager_agreed-2026-03-03T1530", id="the first step, without a failure"
        ),
    ],
)
def test_what_opened_a_recall_is_its_key(failures: list[f.Fact], key: str) -> None:
    case = on(LATE, SERVICE, *LICENCE, *failures, *steps(AGREED, contact=None))
    assert list(case.open("RecallDeadlineMissed")) == [key]


@table(
    """
    | case                                 | facts                               | missed |
    | the person dies on the day it is due | 2026-03-04 died                     | False  |
    | the person dies afterwards           | 2026-03-05 died                     | True   |
    | the person is in custody             | 2026-03-03 taken                    | True   |
    | the person has returned on recall    | 2026-03-03 taken recall sentence=S1 | True   |
    | a new release                        | 2026-03-04 released ends=2026-12-31 | False  |
    """
)
def test_no_deadline_is_missed_once_the_licence_is_over(facts: list[f.Fact], missed: bool) -> None:
    case = on(LATE, SERVICE, *LICENCE, F1, *steps(RECOMMENDED, AGREED), *facts)
    assert bool(case.open("RecallDeadlineMissed")) is missed


def test_a_record_of_papers_sent_in_time_that_comes_late_takes_it_back() -> None:
    sent = [f.action("2026-03-04T10:00", "recall_part_a_sent", recorded="2026-03-09")]
    case = on("2026-03-09", SERVICE, *LICENCE, F1, *steps(RECOMMENDED, AGREED), *sent)
    assert case.findings("RecallDeadlineMissed") == []


# -- the type of a recall ----------------------------------------------------------------------------


def determined(case: Assessed) -> tuple[str, int | None, str | None]:
    event = case.one("RecallTypeDetermined")
    return event.type, event.days, str(event.last_day) if event.last_day else None


def recall(
    decided: str, exclusions: str = "", *more: f.Fact, length: int = 730, kind: str = "determinate"
) -> Assessed:
    """The recall of somebody with a sentence of so many days, back in custody two days after the decision."""
    sentence = f.custodial("2023-01-09", days=length, custody_type=kind)
    licence = f.released("2024-01-08", "2027-12-31")
    decision = f.recall_decided(
        decided, exclusions, returned_on=str(date.fromisoformat(decided).replace(day=28))
    )
    return on("2026-12-31", SERVICE, sentence, licence, *more, decision)


@pytest.mark.parametrize(
    ("decided", "length", "expected"),
    [
        ("2025-09-01", 364, ("fixed_term", 14, "2025-10-11")),
        ("2025-09-01", 365, ("fixed_term", 28, "2025-10-25")),
        ("2025-09-01", 1461, ("fixed_term", 28, "2025-10-25")),
        ("2025-09-02", 364, ("fixed_term", 14, "2025-10-11")),
        ("2025-09-02", 365, ("fixed_term", 28, "2025-10-25")),
        ("2025-09-02", 1460, ("fixed_term", 28, "2025-10-25")),
        ("2025-09-02", 1461, ("standard", None, None)),
        ("2026-03-30", 1461, ("standard", None, None)),
        ("2026-03-30", 730, ("fixed_term", 28, None)),
        ("2026-03-31", 364, ("fixed_term", 56, None)),
        ("2026-03-31", 5000, ("fixed_term", 56, None)),
    ],
)
def test_the_type_and_last_day_of_a_recall_by_date_and_length_of_sentence(
    decided: str, length: int, expected: tuple[str, int | None, str | None]
) -> None:
    sentence = f.custodial("2023-01-09", days=length)
    returned = "2025-09-28" if decided < "2026" else None
    decision = f.recall_decided(decided, returned_on=returned)
    case = on("2026-12-31", SERVICE, sentence, f.released("2024-01-08", "2027-12-31"), decision)
    assert determined(case) == expected


ALL_CODES = [
    "mappa_level_2_3",
    "mappa_category_4",
    "extended_sentence",
    "new_charge",
    "new_charge_without_conviction",
    "terrorism_or_state_threat",
    "foreign_power",
    "s244zb",
    "repatriated_murder",
    "special_custodial",
    "discretionary_conditional_release",
    "under_18",
]
NOT_EXCLUDING = {
    "2025-09-01": {"under_18"},
    "2025-09-02": {"repatriated_murder", "special_custodial", "discretionary_conditional_release"},
    "2026-03-31": {"new_charge"},
}


@pytest.mark.parametrize("decided", NOT_EXCLUDING)
@pytest.mark.parametrize("code", [*ALL_CODES, "something_new"])
def test_what_rules_out_a_fixed_term(decided: str, code: str) -> None:
    expected = "fixed_term" if code in NOT_EXCLUDING[decided] else "standard"
    assert recall(decided, code).one("RecallTypeDetermined").type == expected


@pytest.mark.parametrize("kind", ["extended", "life", "indeterminate"])
@pytest.mark.parametrize("decided", NOT_EXCLUDING)
def test_an_extended_or_indeterminate_sentence_has_a_standard_recall(decided: str, kind: str) -> None:
    assert recall(decided, kind=kind).one("RecallTypeDetermined").type == "standard"


@pytest.mark.parametrize(("decided", "type"), [("2026-03-30", "fixed_term"), ("2026-03-31", "standard")])
def test_a_special_custodial_sentence_has_a_standard_recall_from_31_march_2026(
    decided: str, type: str
) -> None:
    assert recall(decided, kind="special_custodial").one("RecallTypeDetermined").type == type


@table(
    """
    | case                       | facts                                          | type         |
    | level 1                    | 2026-01-05 risk mappa=1                        | "fixed_term" |
    | level 2                    | 2026-01-05 risk mappa=2                        | "standard"   |
    | level 3                    | 2026-01-05 risk mappa=3                        | "standard"   |
    | category 4, level 1        | 2026-01-05 risk mappa={"level":1,"category":4} | "standard"   |
    | on the day of the decision | 2026-04-20 risk mappa=2                        | "standard"   |
    | only afterwards            | 2026-04-21 risk mappa=2                        | "fixed_term" |
    | no longer                  | 2026-01-05 risk mappa=2; 2026-02-05 risk       | "fixed_term" |
    """
)
def test_d18_the_assessment_that_holds_on_the_day_rules_out_a_fixed_term(
    facts: list[f.Fact], type: str
) -> None:
    case = recall("2026-04-20", "", *facts)
    assert case.one("RecallTypeDetermined").type == type
    assert any("RiskAssessed" in id for id in case.evidence("RecallTypeDetermined")["R1"]) is (
        type == "standard"
    )


@pytest.mark.parametrize(
    ("born", "type"),
    [("2008-04-20", "fixed_term"), ("2008-04-21", "standard"), ("1990-01-01", "fixed_term")],
)
def test_the_fixed_term_is_for_adults(born: str, type: str) -> None:
    sentence = f.custodial("2025-01-06", born=born)
    facts = [sentence, f.released("2025-07-07", "2026-12-31"), f.recall_decided("2026-04-20")]
    assert on(LATE, SERVICE, *facts).one("RecallTypeDetermined").type == type


def test_born_on_29_february_one_comes_of_age_on_1_march() -> None:
    sentence = f.custodial("2025-01-06", born="2008-02-29", days=300)
    facts = [sentence, f.released("2025-07-07", "2026-12-31")]
    types = [
        on(LATE, SERVICE, *facts, f.recall_decided(day)).one("RecallTypeDetermined").type
        for day in ("2026-02-28", "2026-03-01")
    ]
    assert types == ["standard", "fixed_term"]


@pytest.mark.parametrize("exclusions", ["", "mappa_level_2_3"])
def test_enf_31_an_emergency_recall_is_told_and_alters_nothing(exclusions: str) -> None:
    def told(*, emergency: bool) -> tuple[str, int | None, bool]:
        decision = f.recall_decided("2026-04-20", exclusions, emergency=emergency)
        event = on(LATE, SERVICE, *LICENCE, decision).one("RecallTypeDetermined")
        return event.type, event.days, event.emergency

    assert told(emergency=True) == (*told(emergency=False)[:2], True)


def test_a_finding_says_all_that_it_rests_on() -> None:
    decision = f.recall_decided("2026-04-20", returned_on="2026-04-22", emergency=True)
    case = on(LATE, SERVICE, *LICENCE, decision)
    assert case.open("RecallTypeDetermined") == {
        "R1": RecallTypeDetermined(
            **f.PLACE,
            recall_id="R1",
            sentence_id="S1",
            type="fixed_term",
            days=56,
            last_day=date(2026, 6, 16),
            emergency=True,
            decided_on=date(2026, 4, 20),
        )
    }
    (finding,) = case.findings("RecallTypeDetermined")
    assert finding.rules == ("ENF-30", "ENF-31")
    assert case.evidence("RecallTypeDetermined") == {"R1": [decision.id, SENTENCE.id]}


@pytest.mark.parametrize(
    ("decided", "rules"),
    [
        ("2025-09-01", ("ENF-28",)),
        ("2025-09-02", ("ENF-28", "ENF-29")),
        ("2026-03-30", ("ENF-28", "ENF-29")),
        ("2026-03-31", ("ENF-30",)),
    ],
)
def test_it_names_the_rules_of_the_day(decided: str, rules: tuple[str, ...]) -> None:
    (finding,) = recall(decided).findings("RecallTypeDetermined")
    assert finding.rules == rules


def test_a_recall_keeps_the_place_of_its_day_when_the_person_moves() -> None:
    moved = f.transfer_accepted("2026-05-05", id="T1")
    facts = [*LICENCE, f.recall_decided("2026-04-20"), moved]
    before, after = (on(day, SERVICE, *facts).one("RecallTypeDetermined") for day in ("2026-05-04", LATE))
    assert (after.region, after.pdu) == (before.region, before.pdu) == ("london", "camden")


# -- the return to custody ---------------------------------------------------------------------------


@table(
    """
    | case                                        | returned   | facts                               | last       |
    | not back yet                                | None       |                                     | None       |
    | as the decision says                        | 2026-04-22 |                                     | 2026-06-16 |
    | on the day of the decision                  | 2026-04-20 |                                     | 2026-06-14 |
    | as the prison says                          | None       | 2026-04-23 taken recall sentence=S1 | 2026-06-17 |
    | the decision's day goes before the prison's | 2026-04-22 | 2026-04-23 taken recall sentence=S1 | 2026-06-16 |
    | taken for the recall before it was recorded | None       | 2026-04-19 taken recall sentence=S1 | 2026-06-13 |
    | held on remand already                      | None       | 2026-04-01 taken                    | 2026-06-14 |
    | held on remand only later                   | None       | 2026-04-22 taken                    | None       |
    | held on remand before, and free             | None       | 2026-04-01 taken; 2026-04-10 left   | None       |
    | recalled on another licence later           | None       | 2026-04-23 taken recall sentence=S2 | None       |
    """,  # noqa: E501
)
def test_the_days_run_from_and_with_the_day_of_the_return(
    returned: str | None, facts: list[f.Fact], last: str | None
) -> None:
    decision = f.recall_decided("2026-04-20", returned_on=returned)
    case = on(LATE, SERVICE, *LICENCE, decision, *facts)
    assert determined(case) == ("fixed_term", 56, last)


def test_before_the_return_the_last_day_is_not_known() -> None:
    decision = f.recall_decided("2026-04-20", returned_on="2026-04-22")
    before = on("2026-04-21", SERVICE, *LICENCE, decision)
    assert determined(before) == ("fixed_term", 56, None)
    assert str(before.wake_on) == "2026-04-22"


def test_a_fixed_term_ends_with_the_licence_if_that_ends_first() -> None:
    licence = (SENTENCE, f.released("2025-01-06", "2026-05-31"))
    decision = f.recall_decided("2026-04-20", returned_on="2026-04-22")
    assert determined(on(LATE, SERVICE, *licence, decision)) == ("fixed_term", 56, "2026-05-31")


@pytest.mark.parametrize(("died", "last"), [("2026-04-22", None), ("2026-04-23", "2026-06-16")])
def test_a_return_after_death_is_none(died: str, last: str | None) -> None:
    decision = f.recall_decided("2026-04-20", returned_on="2026-04-22")
    assert determined(on(LATE, SERVICE, *LICENCE, decision, f.died(died))) == ("fixed_term", 56, last)


def test_each_recall_has_its_own_return() -> None:
    again = [f.released("2026-06-22", "2026-12-31"), f.recall_decided("2026-08-03", id="R2")]
    stay = f.taken("2026-08-10", "recall", sentence="S1")
    case = on(LATE, SERVICE, *LICENCE, f.recall_decided("2026-04-20"), *again, stay)
    last = {key: event.last_day for key, event in case.open("RecallTypeDetermined").items()}
    assert last == {"R1": None, "R2": date(2026, 10, 4)}


# -- whose recall ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([], id="a sentence that is not known"),
        pytest.param([f.order("2026-01-05")], id="an order"),
        pytest.param(
            [f.custodial("2025-01-06", 200), f.released("2025-07-07", "2026-04-19", "2026-07-06")],
            id="post-sentence supervision",
        ),
        pytest.param([*LICENCE, f.died("2026-04-19")], id="after death"),
        pytest.param([SENTENCE, f.released("2026-05-04", "2026-12-31")], id="before the release"),
        pytest.param([*LICENCE, f.revoked("2026-04-01", "quashed")], id="after the sentence was quashed"),
    ],
)
def test_there_is_no_recall_of(facts: list[f.Fact]) -> None:
    case = on(LATE, SERVICE, *facts, f.recall_decided("2026-04-20"))
    assert case.findings("RecallTypeDetermined") == []


def test_a_recall_on_the_last_day_of_a_licence() -> None:
    licence = (SENTENCE, f.released("2025-01-06", "2026-04-20"))
    case = on(LATE, SERVICE, *licence, f.recall_decided("2026-04-20", returned_on="2026-04-20"))
    assert determined(case) == ("fixed_term", 56, "2026-04-20")


def test_a_recall_has_its_type_even_if_the_release_is_not_known() -> None:
    case = on(LATE, SERVICE, SENTENCE, f.recall_decided("2026-04-20", returned_on="2026-04-22"))
    assert determined(case) == ("fixed_term", 56, "2026-06-16")


def test_a_decision_of_the_future_is_none_yet() -> None:
    case = on("2026-04-19", SERVICE, *LICENCE, f.recall_decided("2026-04-20"))
    assert case.findings("RecallTypeDetermined") == []
    assert str(case.wake_on) == "2026-04-20"


def test_a_sentence_of_unknown_length_has_no_type_where_the_length_decides() -> None:
    sentence = f.custodial("2024-01-08", custodial_days=None)
    facts = [sentence, f.released("2025-01-06", "2026-12-31")]
    decided = {day: on(LATE, SERVICE, *facts, f.recall_decided(day)) for day in ("2025-10-01", "2026-04-20")}
    assert decided["2025-10-01"].findings("RecallTypeDetermined") == []
    assert determined(decided["2026-04-20"]) == ("fixed_term", 56, None)


def test_the_numbers_are_policy(tmp_path: Path) -> None:
    policy = changed(SERVICE, tmp_path, recall_part_a_hours="48")
    facts = [*LICENCE, F1, *steps(RECOMMENDED, AGREED, "sent 2026-03-05T15:30")]
    assert on(LATE, SERVICE, *facts, policy=policy).findings("RecallDeadlineMissed") == []


# -- for the people who query the cases --------------------------------------------------------------


@table(
    """
    | case                 | facts                                                             | status             |
    | on licence           |                                                                   | supervised         |
    | a failure            | 2026-03-02 missed id=F1                                           | supervised         |
    | taken into custody   | 2026-03-02 taken                                                  | recall_considered  |
    | recommended          | 2026-03-02 action recall_recommended                              | recall_in_progress |
    | given up             | 2026-03-02 action recall_recommended id=A1; 2026-03-03 action no_further_action | supervised |
    | decided              | 2026-03-02 recall decided                                         | recalled           |
    | returned             | 2026-03-02 taken recall sentence=S1                               | recalled           |
    | released again       | 2026-03-02 recall decided; 2026-03-30 released ends=2026-12-31    | supervised         |
    | died                 | 2026-03-02 recall decided; 2026-03-03 died                        | ended              |
    """  # noqa: E501
)
def test_the_case_says_where_recall_stands(facts: list[f.Fact], status: str) -> None:
    assert on("2026-04-01", SERVICE, *LICENCE, *facts).status == status
