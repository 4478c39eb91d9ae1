"""The tier of a case, version 3 (ALLOC-11): one letter, the highest of all tables."""

from typing import Any

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from tests import facts as f
from tests.casebook import on
from tests.table import table

ORDER = f.order("2026-09-01")
DAY = "2026-09-02"


def assessed(day: str = DAY, rosh: str = "low", **scores: Any) -> f.Fact:
    """An assessment of the lowest scores, but for those given."""
    return f.risk(day, rosh, **{"needs": "", "severe": "", "ogrs": 0, "arp": 0.0, "csrp": 0.0, **scores})


def calculated(*facts: f.Fact, day: str = DAY) -> Any:
    return on(day, ALLOCATION, *facts).one("TierCalculated")


def tier(*facts: f.Fact, day: str = DAY) -> str:
    letter: str = calculated(*facts, day=day).tier
    return letter


ROWS = {6.9: "AABBBB", 3.0: "ABCCCC", 1.0: "BCDEEE", 0.5: "CDEEFF", 0.0: "DDEFFG"}
COLUMNS = (90, 75, 50, 25, 15, 0)


@pytest.mark.parametrize("csrp", ROWS)
@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_by_the_predictors_of_reoffending(csrp: float, column: int) -> None:
    arp = float(COLUMNS[column])
    assert tier(ORDER, assessed(arp=arp, csrp=csrp)) == ROWS[csrp][column]


@table(
    """
    | case                          | arp   | csrp | letter |
    | just below a column           | 89.99 | 6.9  | A      |
    | just below the next column    | 74.99 | 6.9  | B      |
    | just below a row              | 90.0  | 2.99 | B      |
    | the highest scores            | 100.0 | 99.9 | A      |
    | just below the lowest columns | 14.99 | 0.49 | G      |
    """,
)
def test_the_edges_of_the_table(arp: float, csrp: float, letter: str) -> None:
    assert tier(ORDER, assessed(arp=arp, csrp=csrp)) == letter


@table(
    """
    | case                                       | band           | score | letter |
    | very high                                  | very_high      | 5.31  | A      |
    | high                                       | high           | 5.0   | B      |
    | low                                        | low            | 0.2   | E      |
    | medium from 3.36                           | medium         | 3.36  | C      |
    | medium below it                            | medium         | 3.35  | D      |
    | medium from 2.11                           | medium         | 2.11  | D      |
    | medium below it: the letter rises again    | medium         | 2.1   | C      |
    | medium from 1.12                           | medium         | 1.12  | C      |
    | medium below it                            | medium         | 1.11  | D      |
    | medium from 0.6                            | medium         | 0.6   | D      |
    | medium below all scores: it says nothing   | medium         | 0.59  | G      |
    | no score                                   | very_high      | None  | G      |
    | a score of nothing                         | high           | 0.0   | G      |
    | no band                                    | None           | 5.0   | G      |
    | not applicable                             | not_applicable | 5.0   | G      |
    """,
)
def test_by_the_sexual_predictor(band: str | None, score: float | None, letter: str) -> None:
    assert tier(ORDER, assessed(sexual_predictor={"band": band, "score": score})) == letter


@table(
    """
    | rosh      | mappa | letter |
    | very_high | 1     | A      |
    | high      | 1     | C      |
    | medium    | 2     | D      |
    | low       | 3     | E      |
    | very_high | None  | C      |
    | high      | None  | D      |
    | medium    | None  | G      |
    | low       | None  | G      |
    """,
)
def test_by_mappa_and_risk_of_serious_harm(rosh: str, mappa: int | None, letter: str) -> None:
    assert tier(ORDER, assessed(rosh=rosh, mappa=mappa)) == letter


@table(
    """
    | case                                     | facts                                            | letter | by               |
    | none                                     |                                                  | G      | reoffending      |
    | domestic abuse                           | 2026-08-01 registered domestic abuse             | E      | domestic_abuse   |
    | stalking                                 | 2026-08-01 registered stalking                   | F      | stalking         |
    | child protection                         | 2026-08-01 registered child protection           | F      | child_protection |
    | a MAPPA registration                     | 2026-08-01 registered mappa                      | E      | mappa_rosh       |
    | registered on the day itself             | 2026-09-02 registered stalking                   | F      | stalking         |
    | lifted on the day itself                 | 2026-08-01 registered stalking; 2026-09-02 lifted stalking | G | reoffending  |
    | the highest of several                   | 2026-08-01 registered stalking; 2026-08-01 registered domestic abuse | E | domestic_abuse |
    | a conviction of a sexual offence         | 2026-09-01 order S2 sexual_offence=true          | E      | sexual_offence   |
    """,  # noqa: E501
)
def test_by_what_is_registered(facts: list[f.Fact], letter: str, by: str) -> None:
    event = calculated(ORDER, *facts, assessed())
    assert (event.tier, event.decided_by) == (letter, by)


def test_ever_convicted_of_a_sexual_offence() -> None:
    assert tier(ORDER, assessed(sexual_offence_ever=True)) == "E"


LIFE = f.custodial("2016-09-01", id="L1", custody_type="life")


@table(
    """
    | case                       | released   | letter |
    | a year ago to the day      | 2025-09-02 | B      |
    | a day longer ago           | 2025-09-01 | D      |
    | five years ago to the day  | 2021-09-02 | D      |
    | a day longer ago           | 2021-09-01 | E      |
    """,
)
def test_by_the_release_from_a_life_sentence(released: str, letter: str) -> None:
    facts = [LIFE, f.released(released, "2099-12-31", id="L1"), assessed()]
    assert tier(*facts) == letter
    assert tier(ORDER, assessed(lifer=True, first_released_on=released)) == letter


def test_a_lifer_who_was_never_released() -> None:
    assert tier(LIFE, assessed(lifer=True)) == "G"


def test_the_latest_release_counts() -> None:
    facts = [LIFE, f.released("2020-01-06", "2099-12-31", id="L1"), assessed(first_released_on="2020-01-06")]
    assert tier(*facts) == "E"
    assert tier(*facts, f.released("2026-01-05", "2099-12-31", id="L1")) == "B"


def test_the_tier_of_a_lifer_falls_with_time() -> None:
    facts = [LIFE, f.released("2026-01-05", "2099-12-31", id="L1"), assessed()]
    assert on(DAY, ALLOCATION, *facts).wake_on is not None
    assert tier(*facts, day="2027-01-05") == "B"
    assert tier(*facts, day="2027-01-06") == "D"


@table(
    """
    | case                                                  | scores                                                          | provisional |
    | both dynamic                                          | {}                                                              | False       |
    | both static                                           | {"arp_static": True, "csrp_static": True}                       | True        |
    | both static, but another table gives A                | {"arp_static": True, "csrp_static": True, "rosh": "very_high", "mappa": 1} | False |
    | both static, another table gives less                 | {"arp_static": True, "csrp_static": True, "rosh": "high"}       | True        |
    | one static: at most B, which another table gives      | {"csrp_static": True, "sexual_predictor": {"band": "high", "score": 5.0}} | False |
    | one static: at most B, another table gives less       | {"csrp_static": True, "rosh": "high"}                           | True        |
    """,  # noqa: E501
)
def test_provisional_while_a_static_predictor_could_turn_out_higher(
    scores: dict[str, Any], provisional: bool
) -> None:
    assert calculated(ORDER, assessed(**scores)).provisional is provisional


@pytest.mark.parametrize("missing", ["arp", "csrp"])
def test_missing_without_both_predictors_which_does_not_block_the_allocation(missing: str) -> None:
    scores: dict[str, Any] = {"rosh": "very_high", missing: None}
    risk = assessed(**scores)
    event = calculated(ORDER, risk)
    assert (event.tier, event.provisional, event.workload_tier) == ("MISSING", True, "A1")
    assert [request.key for request in on(DAY, ALLOCATION, ORDER, risk).requests] == ["S1/1"]


def test_not_supervised_without_a_sentence_and_completed_by_it() -> None:
    facts = [assessed("2026-09-01"), f.order("2026-09-02")]
    assert tier(*facts, day="2026-09-01") == "NOT_SUPERVISED"
    assert tier(*facts, day="2026-09-02") == "G"


@pytest.mark.parametrize(("day", "generation"), [("2026-08-31", "v2"), ("2026-09-01", "v3")])
def test_d17_the_generation_is_that_of_the_day_of_the_assessment(day: str, generation: str) -> None:
    event = calculated(f.order("2026-06-01"), assessed(day), day="2026-09-01")
    assert event.generation == generation
    assert event.tier == ("D1" if generation == "v2" else "G")
    assert (event.workload_tier, event.protect_points, event.change_points) == ("D1", 0, 0)


def test_the_workload_goes_by_the_second_generation() -> None:
    facts = [ORDER, assessed(rosh="high"), f.allocated(DAY)]
    assert on(DAY, ALLOCATION, *facts).claims["P1", "points"] == 102  # B1
