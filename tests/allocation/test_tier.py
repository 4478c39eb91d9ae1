"""The tier of a case, version 2 (ALLOC-9, ALLOC-10)."""

from typing import Any

import pytest

from schemas.allocation import TierCalculated
from services.allocation.app import SERVICE as ALLOCATION
from tests import facts as f
from tests.casebook import on

ORDER = f.order("2026-06-01")
WORK = f.order("2026-06-01", requires="unpaid_work")
CURFEW = f.order("2026-06-01", requires="curfew")


def assessed(day: str = "2026-06-02", rosh: str = "medium", **scores: Any) -> f.Fact:
    """An assessment that finds nothing but what is given."""
    return f.risk(day, rosh, **{"needs": "", "severe": "", "ogrs": 0, **scores})


def calculated(*facts: f.Fact, day: str = "2026-06-02") -> TierCalculated:
    """The one tier."""
    event: TierCalculated = on(day, ALLOCATION, *facts).one("TierCalculated")
    return event


def tier(*facts: f.Fact, day: str = "2026-06-02") -> str:
    return calculated(*facts, day=day).tier


def test_e9_the_worked_example_is_b2() -> None:
    scores = assessed(
        rosh="high",
        rsr=7.5,
        ogrs=62,
        mappa=1,
        needs="accommodation",
        severe="thinking_behaviour drugs",
        complexity_flags=2,
        integrated_offender_management=True,
    )
    assert calculated(ORDER, scores) == TierCalculated(
        tier="B2",
        protect_points=29,
        change_points=15,
        provisional=False,
        generation="v2",
        workload_tier="B2",
    )


@pytest.mark.parametrize(
    ("risk", "letter", "points"),
    [
        pytest.param(assessed(rosh="very_high"), "A", 150, id="very high risk of serious harm is A"),
        pytest.param(assessed(rosh="low", mappa=2), "A", 150, id="MAPPA level 2 is A"),
        pytest.param(assessed(rosh="low", mappa=3), "A", 150, id="MAPPA level 3 is A"),
        pytest.param(assessed(rosh="high", complexity_flags=65), "A", 150, id="150 points are A"),
        pytest.param(assessed(rosh="high", mappa=1, complexity_flags=62), "B", 149, id="149 points are B"),
        pytest.param(assessed(rosh="high"), "B", 20, id="20 points are B"),
        pytest.param(assessed(rosh="medium", mappa=1, complexity_flags=2), "C", 19, id="19 points are C"),
        pytest.param(assessed(rosh="medium"), "C", 10, id="10 points are C"),
        pytest.param(assessed(rosh="low", mappa=1, complexity_flags=2), "D", 9, id="9 points are D"),
        pytest.param(assessed(rosh="low"), "D", 0, id="no points are D"),
        pytest.param(assessed(rosh="low", rsr=7.0), "B", 20, id="RSR 7 gives 20"),
        pytest.param(assessed(rosh="low", rsr=6.99), "C", 10, id="RSR 6.99 gives 10"),
        pytest.param(assessed(rosh="low", rsr=3.0), "C", 10, id="RSR 3 gives 10"),
        pytest.param(assessed(rosh="low", rsr=2.99), "D", 0, id="RSR 2.99 gives nothing"),
        pytest.param(
            assessed(rosh="medium", rsr=99.99), "B", 20, id="only the larger of RSR and RoSH counts"
        ),
        pytest.param(assessed(rosh="high", rsr=3.0), "B", 20, id="only the larger of RoSH and RSR counts"),
    ],
)
def test_protect(risk: f.Fact, letter: str, points: int) -> None:
    event = calculated(ORDER, risk)
    assert (event.tier[0], event.protect_points) == (letter, points)


EIGHTEEN = (
    "thinking_behaviour attitudes accommodation employment_training_education relationships lifestyle alcohol"
)
"""Severe needs of 18 points."""


@pytest.mark.parametrize(
    ("risk", "level", "points"),
    [
        pytest.param(
            assessed(severe=EIGHTEEN, integrated_offender_management=True), "3", 20, id="20 points are 3"
        ),
        pytest.param(
            assessed(severe=EIGHTEEN, ogrs=19), "2", 19, id="19 points are 2, of which OGRS 19 gives one"
        ),
        pytest.param(assessed(ogrs=100), "2", 10, id="10 points are 2"),
        pytest.param(assessed(ogrs=99), "1", 9, id="9 points are 1"),
        pytest.param(assessed(), "1", 0, id="no points are 1"),
        pytest.param(
            assessed(severe="finance emotional_wellbeing"), "1", 0, id="finance and wellbeing do not weigh"
        ),
        pytest.param(assessed(needs="drugs", unscored="attitudes"), "1", 1, id="severity none counts 0"),
        pytest.param(assessed(needs="drugs", severe="drugs"), "1", 2, id="a need named twice, as severe"),
    ],
)
def test_change(risk: f.Fact, level: str, points: int) -> None:
    event = calculated(ORDER, risk)
    assert (event.tier[1], event.change_points) == (level, points)


@pytest.mark.parametrize(
    ("fact", "points"),
    [
        pytest.param(f.registered("2026-06-02", "integrated_offender_management"), 2, id="registered"),
        pytest.param(f.registered("2026-06-03", "integrated_offender_management"), 0, id="not yet"),
        pytest.param(f.registered("2026-06-02", "stalking"), 0, id="for something else"),
    ],
)
def test_integrated_offender_management_may_be_registered(fact: f.Fact, points: int) -> None:
    assert calculated(ORDER, assessed(), fact).change_points == points
    twice = assessed(integrated_offender_management=True)
    assert calculated(ORDER, twice, fact).change_points == 2


@pytest.mark.parametrize(
    ("requires", "mandate"),
    [
        ("unpaid_work", False),
        ("curfew", False),
        ("unpaid_work, curfew", False),
        ("", False),
        ("unpaid_work, rar", True),
        ("accredited_programme", True),
        ("alcohol_treatment, curfew CURFEW", True),
    ],
)
def test_mandate_of_an_order(requires: str, mandate: bool) -> None:
    event = calculated(f.order("2026-06-01", requires=requires), assessed(ogrs=62))
    assert (event.tier, event.change_points) == (("C1", 6) if mandate else ("C0", 0))


def test_custody_is_a_mandate_before_and_after_release() -> None:
    facts = [f.custodial("2026-06-01"), assessed()]
    assert tier(*facts) == "C1"
    assert tier(*facts, f.released("2026-07-01", "2027-07-01"), day="2026-08-01") == "C1"


def test_the_second_sentence_gives_the_mandate_that_the_first_does_not() -> None:
    facts = [WORK, f.order("2026-06-10", id="S2"), assessed()]
    assert tier(*facts, day="2026-06-09") == "C0"
    assert tier(*facts, day="2026-06-10") == "C1"


def test_an_assessment_before_the_sentence_is_completed_by_it() -> None:
    facts = [assessed("2026-05-20"), ORDER]
    assert tier(*facts, day="2026-05-20") == "C0"
    assert tier(*facts, day="2026-06-01") == "C1"


def test_a_variation_that_leaves_only_unpaid_work_takes_the_mandate_away() -> None:
    facts = [ORDER, assessed(), f.varied("2026-09-01", "2027-05-31", "unpaid_work")]
    assert tier(*facts, day="2026-08-31") == "C1"
    assert tier(*facts, day="2026-09-01") == "C0"


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(f.revoked("2026-09-01"), id="revocation"),
        pytest.param(f.died("2026-09-01"), id="death"),
        pytest.param(f.varied("2026-08-01", "2026-08-31"), id="end date"),
    ],
)
def test_the_tier_stays_when_supervision_ends(end: f.Fact) -> None:
    assert tier(ORDER, assessed(), end, day="2026-09-01") == "C1"
    assert tier(ORDER, assessed(), end, day="2030-01-01") == "C1"


def test_no_tier_from_an_assessment_after_supervision_ended() -> None:
    case = on("2026-10-01", ALLOCATION, ORDER, f.revoked("2026-09-01"), assessed("2026-09-01"))
    assert case.open("TierCalculated") == {}


def test_such_an_assessment_counts_for_the_next_sentence() -> None:
    facts = [ORDER, f.revoked("2026-07-01"), assessed("2026-07-05"), f.order("2026-08-01", id="S2")]
    assert tier(*facts, day="2026-08-01") == "C1"


def test_every_assessment_keeps_its_own_tier() -> None:
    facts = [ORDER, assessed(id="A1"), assessed("2026-08-02", "high", id="A2")]
    work_only = f.varied("2026-08-10", "2027-05-31", "unpaid_work")
    tiers = on("2026-12-01", ALLOCATION, *facts, work_only).open("TierCalculated")
    assert {key: event.tier for key, event in tiers.items()} == {"A1": "C1", "A2": "B0"}


def test_an_assessment_counts_from_its_own_day() -> None:
    facts = [ORDER, assessed("2026-06-05")]
    assert on("2026-06-04", ALLOCATION, *facts).open("TierCalculated") == {}
    assert tier(*facts, day="2026-06-05") == "C1"


@pytest.mark.parametrize(
    ("sentence", "risk", "provisional"),
    [
        pytest.param(ORDER, assessed(rsr=None), True, id="an unknown RSR could raise C to B"),
        pytest.param(ORDER, assessed(rosh="high", rsr=None), False, id="an unknown RSR cannot raise B"),
        pytest.param(ORDER, assessed(ogrs=None), True, id="an unknown OGRS could raise 1 to 2"),
        pytest.param(
            ORDER,
            assessed(ogrs=None, severe=EIGHTEEN, integrated_offender_management=True),
            False,
            id="an unknown OGRS cannot raise 3",
        ),
        pytest.param(ORDER, assessed(), False, id="both known"),
        pytest.param(CURFEW, assessed(ogrs=None), False, id="without a mandate OGRS does not matter"),
    ],
)
def test_provisional_while_a_missing_score_could_raise_it(
    sentence: f.Fact, risk: f.Fact, provisional: bool
) -> None:
    assert calculated(sentence, risk).provisional is provisional


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        pytest.param([], ("C0", True), id="no sentence known"),
        pytest.param([f.order("2026-06-03")], ("C0", True), id="sentenced tomorrow"),
        pytest.param([ORDER], ("C1", False), id="sentenced"),
        pytest.param([f.custodial("2026-06-01")], ("C1", False), id="in custody"),
        pytest.param([CURFEW], ("C0", False), id="no mandate"),
    ],
)
def test_provisional_while_no_sentence_says_whether_there_is_a_mandate(
    sentences: list[f.Fact], expected: tuple[str, bool]
) -> None:
    event = calculated(assessed("2026-05-20"), *sentences)
    assert (event.tier, event.provisional) == expected


def test_a_pre_sentence_tier_that_another_assessment_replaced_stays_provisional() -> None:
    case = on("2026-06-02", ALLOCATION, assessed("2026-05-20"), assessed("2026-05-27"), ORDER)
    assert [event.provisional for event in case.open("TierCalculated").values()] == [True, False]


WOMAN = f.order("2026-06-01", sex="female")


def factors(**holds: bool) -> f.Fact:
    """An assessment that finds nothing but these further factors."""
    names = ("parenting", "impulsivity", "temper", "earlier_enforcement")
    return assessed(rosh="low", womens_factors={name: holds.get(name, False) for name in names})


@pytest.mark.parametrize(
    ("holds", "points"),
    [
        ({}, 0),
        ({"parenting": True}, 2),
        ({"impulsivity": True}, 2),
        ({"temper": True}, 2),
        ({"impulsivity": True, "temper": True}, 2),
        ({"earlier_enforcement": True}, 2),
        ({"parenting": True, "impulsivity": True, "temper": True, "earlier_enforcement": True}, 6),
    ],
)
def test_further_points_for_women_only(holds: dict[str, bool], points: int) -> None:
    assert calculated(WOMAN, factors(**holds)).protect_points == points
    assert calculated(ORDER, factors(**holds)).protect_points == 0


def test_in_reset_the_tier_has_a_suffix_and_no_points() -> None:
    suspended = f.contact_suspended("2026-07-01")
    facts = [ORDER, assessed(), f.allocated("2026-06-03"), suspended]
    assert tier(*facts, day="2026-06-30") == "C1"
    assert tier(*facts, day="2026-07-01") == "C1S"
    assert on("2026-07-01", ALLOCATION, *facts).claims == {("P1", "points"): 0, ("P1", "cases"): 1}
    assert tier(*facts, f.contact_resumed("2026-07-10"), day="2026-07-10") == "C1"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(f.contact_suspended("2026-07-01", ground="custody"), id="suspended in custody"),
        pytest.param(f.contact_suspended("2026-07-01", sentence="S2"), id="another sentence suspended"),
    ],
)
def test_no_suffix_unless_every_sentence_is_in_reset(other: f.Fact) -> None:
    assert tier(ORDER, f.order("2026-06-01", id="S2"), assessed(), other, day="2026-07-01") == "C1"
