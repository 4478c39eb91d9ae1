"""When an allocation is looked at again because the tier has changed (ALLOC-13)."""

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from tests import facts as f
from tests.casebook import Assessed, on
from tests.table import table

HELD = [f.order("2026-06-01"), f.risk("2026-06-01", id="A1"), f.allocated("2026-06-03")]
RISEN = f.risk("2026-07-01", "high", id="A2")


def case(*facts: f.Fact, day: str = "2026-08-01") -> Assessed:
    return on(day, ALLOCATION, *HELD, *facts)


def test_another_tier_calls_for_a_review_and_moves_nobody() -> None:
    found = case(RISEN)
    assert [*found.open("AllocationReviewRequired")] == ["S1/A2"]
    assert found.one("AllocationReviewRequired").reason == "tier_changed"
    assert found.requests == []


@table(
    """
    | case                                      | facts                                              | keys      |
    | the same tier                             | 2026-07-01 risk A2                                 | []        |
    | another tier before the allocation        | 2026-06-02 risk A2 high                            | []        |
    | on the day of the allocation              | 2026-06-03 risk A2 high                            | []        |
    | the day after it                          | 2026-06-04 risk A2 high                            | ["S1/A2"] |
    | the next assessment goes back             | RISEN; 2026-07-10 risk A3                          | []        |
    | the next assessment says the same         | RISEN; 2026-07-10 risk A3 high                     | ["S1/A3"] |
    | supervision was over                      | 2026-06-30 revoked; RISEN                          | []        |
    """,  # noqa: E501
    RISEN=RISEN,
)
def test_what_calls_for_a_review(facts: list[f.Fact], keys: list[str]) -> None:
    assert [*case(*facts).open("AllocationReviewRequired")] == keys


@table(
    """
    | case                       | fact                                                                     | closed   |
    | the practitioner is kept   | 2026-07-05 decided practitioner change approved=false                    | resolved |
    | about this assessment      | 2026-07-05 decided practitioner change approved=false about_id=A2        | resolved |
    | about another assessment   | 2026-07-05 decided practitioner change approved=false about_id=A9        | None     |
    | decided before it          | 2026-06-30 decided practitioner change approved=false                    | None     |
    | about something else       | 2026-07-05 decided absence review                                        | None     |
    | for another sentence       | 2026-07-05 decided practitioner change sentence=S2                       | None     |
    | somebody else has it       | 2026-07-05 allocated change to=P2                                        | resolved |
    | supervision ended          | 2026-07-05 revoked                                                       | ended    |
    """,  # noqa: E501
)
def test_what_closes_it(fact: f.Fact, closed: str | None) -> None:
    assert case(RISEN, fact).closed("AllocationReviewRequired").get("S1/A2") == closed


@pytest.mark.parametrize(("rosh", "keys"), [("high", []), ("medium", ["S1/A3"])])
def test_after_a_decision_the_tier_that_was_decided_about_is_the_one_to_compare_with(
    rosh: str, keys: list[str]
) -> None:
    kept = f.decided("2026-07-05", "practitioner_change", approved=False)
    found = case(RISEN, kept, f.risk("2026-07-20", rosh, id="A3"))
    assert [*found.open("AllocationReviewRequired")] == keys


def test_two_generations_are_compared_by_the_tier_that_both_have() -> None:
    assert case(f.risk("2026-09-01", id="A2"), day="2026-09-01").open("AllocationReviewRequired") == {}
    found = case(f.risk("2026-09-01", "high", id="A2"), day="2026-09-01")
    assert [*found.open("AllocationReviewRequired")] == ["S1/A2"]


def test_from_the_first_assessment_of_the_third_generation_on_its_letters_count() -> None:
    first = f.risk("2026-09-01", id="A2", arp=80, csrp=2.0)  # C by the predictors, and C2 as before
    predictor = {"band": "very_high", "score": 5.0}
    then = f.risk("2026-10-01", id="A3", arp=80, csrp=2.0, sexual_predictor=predictor)  # A, and still C2
    found = case(first, then, day="2026-10-01")
    assert {k: e.reason for k, e in found.open("AllocationReviewRequired").items()} == {
        "S1/A3": "tier_changed"
    }
