"""Unpaid work: placements, credits, education, the incentive (UPW-3, 5, 8, 10, 17, 18, 20)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.referrals.app import SERVICE
from shared.policy import Policy
from tests import facts as f
from tests.casebook import on
from tests.policies import changed
from tests.table import table

ORDER = f.order("2026-06-01", "2027-05-31", "unpaid_work 100")
WOMAN = f.order("2026-06-01", "2027-05-31", "unpaid_work 100", sex="female")


@table(
    """
    | case                                | fact                              | who   | reasons                    |
    | E42: 90 minutes each way            | 2026-06-08 placement minutes=90   | ORDER | []                         |
    | E42: 91 minutes                     | 2026-06-08 placement minutes=91   | ORDER | ["too_far"]                |
    | UPW-10: not suitable, for a woman   | 2026-06-08 placement women=false  | WOMAN | ["not_suitable_for_women"] |
    | suitable                            | 2026-06-08 placement women=true   | WOMAN | []                         |
    | that matters for a woman only       | 2026-06-08 placement women=false  | ORDER | []                         |
    | after the end of the order          | 2027-06-01 placement minutes=91   | ORDER | []                         |
    | of a requirement that is not known  | 2026-06-08 placement minutes=91 requirement=R9 | ORDER | []            |
    """,  # noqa: E501
    ORDER=ORDER,
    WOMAN=WOMAN,
)
def test_which_placements_are_rejected(fact: f.Fact, who: f.Fact, reasons: list[str]) -> None:
    case = on("2027-07-01", SERVICE, who, fact)
    assert [event.reason for event in case.open("PlacementRejected").values()] == reasons


def test_a_rejected_placement_says_of_which_sentence_where_and_when_it_was_offered() -> None:
    event = on("2026-06-08", SERVICE, ORDER, f.placement("2026-06-08", 91)).one("PlacementRejected")
    assert (event.sentence_id, event.region, event.pdu) == ("S1", "london", "camden")
    assert str(event.offered_on) == "2026-06-08"


def test_upw_5_everyone_with_unpaid_work_is_assessed_for_education() -> None:
    due = on("2026-06-01", SERVICE, ORDER).one("EmploymentAssessmentDue")
    assert str(due.due_on) == "2026-06-22"
    assessed = on("2026-06-10", SERVICE, ORDER, f.employment_need("2026-06-10", has_need=False))
    assert assessed.closed("EmploymentAssessmentDue") == {"UPW": "resolved"}
    assert on("2026-06-10", SERVICE, ORDER, f.revoked("2026-06-10")).closed("EmploymentAssessmentDue") == {
        "UPW": "ended"
    }
    off = f.varied("2026-06-10", "2027-05-31", "rar")
    assert on("2026-06-10", SERVICE, ORDER, off).closed("EmploymentAssessmentDue") == {"UPW": "ended"}
    assert on("2026-06-01", SERVICE, f.order("2026-06-01")).open("EmploymentAssessmentDue") == {}


@table(
    """
    | case                                         | fact                                                          | minutes |
    | UPW-17: travel over the agreed limit         | 2026-06-08 work minutes=300 travel_credit_minutes=60          | 360     |
    | at most 180 minutes of it                    | 2026-06-08 work minutes=300 travel_credit_minutes=181         | 480     |
    | UPW-18: a penalty counts against the session | 2026-06-08 work minutes=300 penalty_minutes=45                | 255     |
    | and never more than it                       | 2026-06-08 work minutes=30 penalty_minutes=45                 | 0       |
    | no travel for who did not come               | 2026-06-08 work unacceptable absence minutes=0 travel_credit_minutes=60 | 0 |
    """,  # noqa: E501
)
def test_what_a_session_credits(fact: f.Fact, minutes: int) -> None:
    credits = on("2026-06-08", SERVICE, ORDER, fact).open("UnpaidWorkCredited").values()
    assert sum(event.minutes for event in credits) == minutes


@pytest.mark.parametrize(
    ("second", "minutes"),
    [
        pytest.param("2026-06-08", 120 + 60, id="on the same day"),
        pytest.param("2026-06-09", 120 + 120, id="on the next"),
    ],
)
def test_upw_17_travel_is_credited_up_to_180_minutes_a_day(second: str, minutes: int) -> None:
    travelled = [
        f.work(day, id=id, minutes=60, travel_credit_minutes=120)
        for day, id in (("2026-06-08", "A"), (second, "B"))
    ]
    credits = on("2026-06-09", SERVICE, ORDER, *travelled).open("UnpaidWorkCredited").values()
    assert sum(event.minutes for event in credits) == 60 + 60 + minutes


@pytest.mark.parametrize(
    ("facts", "minutes"),
    [([], 0), ([f.employment_need("2026-06-09")], 0), ([f.employment_need("2026-06-08")], 420)],
    ids=["none assessed", "assessed later", "assessed by then"],
)
def test_upw_8_where_the_policy_says_so_education_needs_an_assessed_need(
    tmp_path: Path, facts: list[f.Fact], minutes: int
) -> None:
    policy = changed(SERVICE, tmp_path, employment_needs_assessment="true")
    learnt = f.learning("2026-06-08")
    case = on("2026-06-30", SERVICE, ORDER, learnt, *facts, policy=policy)
    assert sum(event.minutes for event in case.open("UnpaidWorkCredited").values()) == minutes
    by_default = on("2026-06-30", SERVICE, ORDER, learnt).one("UnpaidWorkCredited")
    assert by_default.minutes == 420


# -- UPW-20: the incentive, once the policy has it -----------------------------------------


@pytest.fixture
def incentive(tmp_path: Path) -> Policy:
    """The policy with the incentive in force."""
    return changed(SERVICE, tmp_path, unpaid_work_incentive="true")


def days(count: int, minutes: int = 600, **options: Any) -> list[f.Fact]:
    return [f.work(day, minutes=minutes, **options) for day in f.days_from("2026-06-08", count)]


FAILURE = f.work("2026-06-14", "unacceptable_absence", minutes=0)


@pytest.mark.parametrize(
    ("facts", "discount", "completed"),
    [
        pytest.param(days(2), None, None, id="20 of 100 hours: not a quarter yet"),
        pytest.param([*days(2), f.work("2026-06-10", minutes=300)], None, None, id="exactly a quarter"),
        pytest.param(days(3), (150, None), None, id="five hours more: two and a half off"),
        pytest.param(days(7), (1350, None), None, id="70 hours: 22.5 off"),
        pytest.param(days(8), (1500, None), ("2026-06-15", 6000), id="75 hours are a hundred"),
        pytest.param(
            [*days(6), FAILURE, *days(9)[7:]],
            (1050, "2026-06-14"),
            None,
            id="a failure: what was earned stays",
        ),
        pytest.param(
            [*days(6), FAILURE],
            (1050, "2026-06-14"),
            None,
            id="a failure ends it at once",
        ),
        pytest.param([f.work("2026-06-05", "failed_to_comply"), *days(5)], None, None, id="a failure before"),
        pytest.param(
            [f.learning("2026-06-05", minutes=600), *days(2)],
            (150, None),
            None,
            id="education counts as well",
        ),
    ],
)
def test_upw_20_an_hour_beyond_a_quarter_gives_half_an_hour_off(
    incentive: Policy,
    facts: list[f.Fact],
    discount: tuple[int, str | None] | None,
    completed: tuple[str, int] | None,
) -> None:
    case = on("2026-12-01", SERVICE, ORDER, *facts, policy=incentive)
    found = [
        (e.minutes, str(e.disqualified_on) if e.disqualified_on else None)
        for e in case.open("UnpaidWorkDiscount").values()
    ]
    assert found == ([discount] if discount else [])
    done = [(str(e.completed_on), e.amount) for e in case.open("RequirementCompleted").values()]
    assert done == ([completed] if completed else [])


def test_upw_20_is_not_in_force_by_default() -> None:
    assert on("2026-12-01", SERVICE, ORDER, *days(8)).open("UnpaidWorkDiscount") == {}
