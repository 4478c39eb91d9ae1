"""The tier of a case, version 2 (ALLOC-9, ALLOC-10)."""

from typing import Any

import pytest

from schemas.allocation import TierCalculated
from tests.allocation.facts import (
    assessed,
    concluded,
    died,
    findings,
    found,
    imposed,
    person,
    released,
    revoked,
    tier,
    varied,
)

ORDER = imposed("2026-06-01", "2027-05-31")


def test_e9_the_worked_example_is_b2() -> None:
    case = person(
        ORDER,
        assessed(
            "2026-06-02",
            rosh="high",
            rsr=7.5,
            ogrs=62,
            mappa=1,
            needs={"thinking_behaviour": "severe", "drugs": "severe", "accommodation": "standard"},
            flags=2,
            iom=True,
        ),
    )
    assert found(concluded(case, "2026-06-02"), "TierCalculated") == [
        TierCalculated(tier="B2", protect_points=29, change_points=15, provisional=False)
    ]


@pytest.mark.parametrize(
    ("scores", "letter", "points"),
    [
        pytest.param({"rosh": "very_high"}, "A", 150, id="very high risk of serious harm is A"),
        pytest.param({"rosh": "low", "mappa": 2}, "A", 150, id="MAPPA level 2 is A"),
        pytest.param({"rosh": "low", "mappa": 3}, "A", 150, id="MAPPA level 3 is A"),
        pytest.param({"rosh": "high", "flags": 65}, "A", 150, id="150 points are A"),
        pytest.param({"rosh": "high", "mappa": 1, "flags": 62}, "B", 149, id="149 points are B"),
        pytest.param({"rosh": "high"}, "B", 20, id="20 points are B"),
        pytest.param({"rosh": "medium", "mappa": 1, "flags": 2}, "C", 19, id="19 points are C"),
        pytest.param({"rosh": "medium"}, "C", 10, id="10 points are C"),
        pytest.param({"rosh": "low", "mappa": 1, "flags": 2}, "D", 9, id="9 points are D"),
        pytest.param({"rosh": "low"}, "D", 0, id="no points are D"),
        pytest.param({"rosh": "low", "rsr": 7.0}, "B", 20, id="RSR 7 gives 20"),
        pytest.param({"rosh": "low", "rsr": 6.99}, "C", 10, id="RSR 6.99 gives 10"),
        pytest.param({"rosh": "low", "rsr": 3.0}, "C", 10, id="RSR 3 gives 10"),
        pytest.param({"rosh": "low", "rsr": 2.99}, "D", 0, id="RSR 2.99 gives nothing"),
        pytest.param({"rosh": "medium", "rsr": 99.99}, "B", 20, id="only the larger of RSR and RoSH counts"),
        pytest.param({"rosh": "high", "rsr": 3.0}, "B", 20, id="only the larger of RoSH and RSR counts"),
    ],
)
def test_protect(scores: dict[str, Any], letter: str, points: int) -> None:
    case = person(ORDER, assessed("2026-06-02", **scores))
    (event,) = found(concluded(case, "2026-06-02"), "TierCalculated")
    assert (event.tier[0], event.protect_points) == (letter, points)


EIGHTEEN = {
    "thinking_behaviour": "severe",
    "attitudes": "severe",
    "accommodation": "severe",
    "employment_training_education": "severe",
    "relationships": "severe",
    "lifestyle": "severe",
    "alcohol": "severe",
}


@pytest.mark.parametrize(
    ("scores", "level", "points"),
    [
        pytest.param({"needs": EIGHTEEN, "iom": True}, "3", 20, id="20 points are 3"),
        pytest.param({"needs": EIGHTEEN, "ogrs": 19}, "2", 19, id="19 points are 2, OGRS 19 gives one"),
        pytest.param({"ogrs": 100}, "2", 10, id="10 points are 2"),
        pytest.param({"ogrs": 99}, "1", 9, id="9 points are 1"),
        pytest.param({}, "1", 0, id="no points are 1"),
        pytest.param(
            {"needs": {"finance": "severe", "emotional_wellbeing": "severe"}},
            "1",
            0,
            id="finance and emotional wellbeing do not weigh",
        ),
        pytest.param(
            {"needs": {"attitudes": "none", "drugs": "standard"}}, "1", 1, id="severity none counts 0"
        ),
    ],
)
def test_change(scores: dict[str, Any], level: str, points: int) -> None:
    case = person(ORDER, assessed("2026-06-02", **scores))
    (event,) = found(concluded(case, "2026-06-02"), "TierCalculated")
    assert (event.tier[1], event.change_points) == (level, points)


@pytest.mark.parametrize(
    ("requires", "mandate"),
    [
        (("unpaid_work",), False),
        (("curfew",), False),
        (("unpaid_work", "curfew"), False),
        ((), False),
        (("unpaid_work", "rar"), True),
        (("accredited_programme",), True),
        (("alcohol_treatment", "curfew"), True),
    ],
    ids=lambda value: " and ".join(value) or "nothing" if isinstance(value, tuple) else str(value),
)
def test_mandate_of_an_order(requires: tuple[str, ...], mandate: bool) -> None:
    case = person(imposed("2026-06-01", "2027-05-31", requires=requires), assessed("2026-06-02", ogrs=62))
    (event,) = found(concluded(case, "2026-06-02"), "TierCalculated")
    assert (event.tier, event.change_points) == (("C1", 6) if mandate else ("C0", 0))


def test_custody_is_a_mandate_before_and_after_release() -> None:
    inside = person(imposed("2026-06-01"), assessed("2026-06-02"))
    out = person(imposed("2026-06-01"), assessed("2026-06-02"), released("2026-07-01", "2027-07-01"))
    assert tier(concluded(inside, "2026-06-02")) == "C1"
    assert tier(concluded(out, "2026-08-01")) == "C1"


def test_the_second_sentence_gives_the_mandate_that_the_first_does_not() -> None:
    case = person(
        imposed("2026-06-01", "2027-05-31", requires=("unpaid_work",)),
        imposed("2026-06-10", "2027-05-31", id="S2"),
        assessed("2026-06-02"),
    )
    assert tier(concluded(case, "2026-06-09")) == "C0"
    assert tier(concluded(case, "2026-06-10")) == "C1"


def test_an_assessment_before_the_sentence_is_completed_by_it() -> None:
    case = person(assessed("2026-05-20"), ORDER)
    assert tier(concluded(case, "2026-05-20")) == "C0"
    assert tier(concluded(case, "2026-06-01")) == "C1"


def test_a_variation_that_leaves_only_unpaid_work_takes_the_mandate_away() -> None:
    case = person(
        ORDER, assessed("2026-06-02"), varied("2026-09-01", "2027-05-31", requires=("unpaid_work",))
    )
    assert tier(concluded(case, "2026-08-31")) == "C1"
    assert tier(concluded(case, "2026-09-01")) == "C0"


@pytest.mark.parametrize(
    ("end", "on"),
    [
        pytest.param(revoked("2026-09-01"), "2026-09-01", id="revocation"),
        pytest.param(died("2026-09-01"), "2026-09-01", id="death"),
        pytest.param(varied("2026-08-01", "2026-08-31"), "2026-09-01", id="end date"),
    ],
)
def test_the_tier_stays_when_supervision_ends(end: Any, on: str) -> None:
    case = person(ORDER, assessed("2026-06-02"), end)
    assert tier(concluded(case, on)) == "C1"
    assert tier(concluded(case, "2030-01-01")) == "C1"


def test_no_tier_from_an_assessment_after_supervision_ended() -> None:
    case = person(ORDER, revoked("2026-09-01"), assessed("2026-09-01"))
    assert found(concluded(case, "2026-10-01"), "TierCalculated") == []


def test_such_an_assessment_counts_for_the_next_sentence() -> None:
    case = person(
        ORDER, revoked("2026-09-01"), assessed("2026-09-05"), imposed("2026-10-01", "2027-10-01", id="S2")
    )
    assert tier(concluded(case, "2026-10-01")) == "C1"


def test_every_assessment_keeps_its_own_tier() -> None:
    case = person(
        ORDER,
        assessed("2026-06-02", id="A1"),
        assessed("2026-09-02", id="A2", rosh="high"),
        varied("2026-09-10", "2027-05-31", requires=("unpaid_work",)),
    )
    tiers = {f.key: f.event.tier for f in findings(concluded(case, "2026-12-01"), "TierCalculated")}
    assert tiers == {"A1": "C1", "A2": "B0"}


def test_an_assessment_counts_from_its_own_day() -> None:
    case = person(ORDER, assessed("2026-06-05"))
    assert found(concluded(case, "2026-06-04"), "TierCalculated") == []
    assert tier(concluded(case, "2026-06-05")) == "C1"


@pytest.mark.parametrize(
    ("scores", "provisional"),
    [
        pytest.param({"rsr": None}, True, id="an unknown RSR could raise C to B"),
        pytest.param({"rsr": None, "rosh": "high"}, False, id="an unknown RSR cannot raise B"),
        pytest.param({"ogrs": None}, True, id="an unknown OGRS could raise 1 to 2"),
        pytest.param(
            {"ogrs": None, "needs": EIGHTEEN, "iom": True}, False, id="an unknown OGRS cannot raise 3"
        ),
        pytest.param({}, False, id="both known"),
    ],
)
def test_provisional_while_a_missing_score_could_raise_it(scores: dict[str, Any], provisional: bool) -> None:
    case = person(ORDER, assessed("2026-06-02", **scores))
    (event,) = found(concluded(case, "2026-06-02"), "TierCalculated")
    assert event.provisional is provisional


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        pytest.param([], ("C0", True), id="no sentence known"),
        pytest.param([imposed("2026-06-03", "2027-05-31")], ("C0", True), id="sentenced tomorrow"),
        pytest.param([ORDER], ("C1", False), id="sentenced"),
        pytest.param([imposed("2026-06-01")], ("C1", False), id="in custody"),
        pytest.param(
            [imposed("2026-06-01", "2027-05-31", requires=("curfew",))], ("C0", False), id="no mandate"
        ),
    ],
)
def test_provisional_while_no_sentence_says_whether_there_is_a_mandate(
    sentences: list[Any], expected: tuple[str, bool]
) -> None:
    (event,) = found(concluded(person(assessed("2026-05-20"), *sentences), "2026-06-02"), "TierCalculated")
    assert (event.tier, event.provisional) == expected


def test_a_pre_sentence_tier_that_another_assessment_replaced_stays_provisional() -> None:
    case = person(assessed("2026-05-20"), assessed("2026-05-27", id="A2"), ORDER)
    events = found(concluded(case, "2026-06-02"), "TierCalculated")
    assert [event.provisional for event in events] == [True, False]


def test_a_tier_without_mandate_does_not_wait_for_ogrs() -> None:
    case = person(
        imposed("2026-06-01", "2027-05-31", requires=("curfew",)), assessed("2026-06-02", ogrs=None)
    )
    (event,) = found(concluded(case, "2026-06-02"), "TierCalculated")
    assert (event.tier, event.provisional) == ("C0", False)


def test_a_need_named_twice_counts_once_by_its_greater_severity() -> None:
    risk = assessed("2026-06-02", needs={"drugs": "severe"})
    twice = risk.model_copy(
        update={"needs": [*assessed("2026-06-02", needs={"drugs": "standard"}).needs, *risk.needs]}
    )
    (event,) = found(concluded(person(ORDER, twice), "2026-06-02"), "TierCalculated")
    assert event.change_points == 2
