"""Nobody whose risk is unknown is in Reset (ALLOC-12), and a rise in risk ends it the same day.

The latter is the interim risk change of part 5 of the rules catalogue.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import assessed, changed, rests_on
from tests.contacts.suspensions import (
    IN_RESET,
    LICENCE,
    YEAR,
    resumptions,
    spans,
    suspensions,
)
from tests.table import table

LOW = f.risk("2026-01-10", "low")
MEDIUM = f.risk("2026-01-10")
HIGH = f.risk("2026-01-10", "high")

TO_OCTOBER = ("2026-09-02", "2026-10-01", "reset")


@table(
    """
    | case                           | facts                     | expected                                |
    | never                          |                           | []                                      |
    | the day before the last third  | 2026-09-01 risk low       | [("2026-09-02", "2027-01-01", "reset")] |
    | on its first day               | 2026-09-02 risk low       | [("2026-09-02", "2027-01-01", "reset")] |
    | the day after: from then       | 2026-09-03 risk low       | [("2026-09-03", "2027-01-01", "reset")] |
    | as high: from then             | 2026-10-01 risk high      | [("2026-10-01", "2027-01-01", "reset")] |
    | as very high: exempt all along | 2026-10-01 risk very high | []                                      |
    | when it was over               | 2027-01-01 risk low       | []                                      |
    """,
)
def test_exempt_until_the_risk_is_assessed(facts: Any, expected: Any) -> None:
    assert spans(YEAR, *facts) == expected


def test_contact_is_suspended_the_day_the_risk_is_assessed_and_rests_on_it() -> None:
    facts = [YEAR, f.risk("2026-09-10", "low")]
    assert suspensions(assessed("2026-09-09", *facts)) == []
    (suspended,) = assessed("2026-09-10", *facts).findings("ContactSuspended")
    assert suspended.key == "S1/2026-09-10"
    assert 1 in rests_on(suspended, *facts)


def test_a_policy_that_does_not_exempt_an_unknown_risk(tmp_path: Path) -> None:
    policy = changed(tmp_path, reset_exempt_rosh='["very_high"]')
    assert spans(YEAR, policy=policy) == [IN_RESET]
    assert spans(YEAR, f.risk("2026-10-01", "high"), policy=policy) == [IN_RESET]


@table(
    """
    | case                                                                        | expected                                | facts |
    | from low to medium                                                          | [("2026-09-02", "2026-10-01", "reset")] | LOW; 2026-10-01 risk |
    | from low to high                                                            | [("2026-09-02", "2026-10-01", "reset")] | LOW; 2026-10-01 risk high |
    | from medium to high                                                         | [("2026-09-02", "2026-10-01", "reset")] | MEDIUM; 2026-10-01 risk high |
    | from high to very high                                                      | [("2026-09-02", "2026-10-01", "reset")] | HIGH; 2026-10-01 risk very high |
    | a fall                                                                      | [("2026-09-02", "2027-01-01", "reset")] | MEDIUM; 2026-10-01 risk low |
    | from high to medium                                                         | [("2026-09-02", "2027-01-01", "reset")] | HIGH; 2026-10-01 risk |
    | the same level again                                                        | [("2026-09-02", "2027-01-01", "reset")] | MEDIUM; 2026-10-01 risk |
    | a rise, and back                                                            | [("2026-09-02", "2026-10-01", "reset"), | MEDIUM; 2026-10-01 risk high; 2026-11-01 risk |
    |                                                                             | ("2026-11-01", "2027-01-01", "reset")]  | |
    | a rise, and a fall below                                                    | [("2026-09-02", "2026-10-01", "reset"), | MEDIUM; 2026-10-01 risk high; 2026-11-01 risk low |
    |                                                                             | ("2026-11-01", "2027-01-01", "reset")]  | |
    | a rise, and a fall that leaves it higher                                    | [("2026-09-02", "2026-10-01", "reset")] | LOW; 2026-10-01 risk high; 2026-11-01 risk |
    | a fall, and back: no higher than on the first day                           | [("2026-09-02", "2027-01-01", "reset")] | MEDIUM; 2026-09-20 risk low; 2026-10-01 risk |
    | the day before the last third                                               | [("2026-09-02", "2027-01-01", "reset")] | LOW; 2026-09-01 risk high |
    | on its first day                                                            | [("2026-09-02", "2027-01-01", "reset")] | LOW; 2026-09-02 risk high |
    | on its second day                                                           | [("2026-09-02", "2026-09-03", "reset")] | LOW; 2026-09-03 risk high |
    | on its last day                                                             | [("2026-09-02", "2026-12-31", "reset")] | LOW; 2026-12-31 risk high |
    | when it was over                                                            | [("2026-09-02", "2027-01-01", "reset")] | LOW; 2027-01-01 risk high |
    | of two assessments of one day the later counts                              | [("2026-09-02", "2027-01-01", "reset")] | LOW; 2026-10-01 risk A1 high; 2026-10-01 risk A2 low |
    | unknown on the first day: above the first assessment after it               | [("2026-09-20", "2026-10-01", "reset")] | 2026-09-20 risk; 2026-10-01 risk high |
    | unknown on the first day, then assessed twice in a day: above the later one | [("2026-09-20", "2026-10-01", "reset")] | 2026-09-20 risk A1 high; 2026-09-20 risk A2 low |
    |                                                                             |                                         | 2026-10-01 risk high |
    """,  # noqa: E501
    LOW=LOW,
    MEDIUM=MEDIUM,
    HIGH=HIGH,
)
@pytest.mark.parametrize(
    "supervised", [pytest.param([YEAR], id="order"), pytest.param(LICENCE, id="licence")]
)
def test_reset_does_not_hold_while_the_risk_is_higher_than_on_the_first_day(
    supervised: Any, facts: Any, expected: Any
) -> None:
    assert spans(*supervised, *facts) == expected


def test_contact_is_resumed_the_same_day_and_rests_on_the_assessment() -> None:
    facts = [YEAR, LOW, f.risk("2026-10-01"), f.risk("2026-11-01", "low")]
    assert resumptions(assessed("2026-09-30", *facts)) == []
    heard = assessed("2026-10-01", *facts)
    assert suspensions(heard) == [("S1/2026-09-02", "reset")]
    (resumed,) = heard.findings("ContactResumed")
    assert (resumed.key, resumed.rules) == ("S1/2026-10-01", ("CONT-22", "CONT-23"))
    assert rests_on(resumed, *facts)[-1] == 2
    again = assessed("2026-11-01", *facts).findings("ContactSuspended")[-1]
    assert again.key == "S1/2026-11-01"
    assert 3 in rests_on(again, *facts)


def test_a_person_who_was_not_exempt_while_unknown_is_judged_by_the_first_assessment(tmp_path: Path) -> None:
    policy = changed(tmp_path, reset_exempt_rosh='["very_high"]')
    facts = [YEAR, f.risk("2026-09-20"), f.risk("2026-10-01", "high")]
    assert spans(*facts, policy=policy) == [TO_OCTOBER]


OTHER = f.order("2026-07-01", "2026-12-27", id="S2")
"""Its last third starts on 29 October."""


@table(
    """
    | case                                                                          | facts                                     | first                                   | second                                  |
    | a rise between the two: it was as high when the second came to its last third | 2026-10-01 risk high                      | []                                      | [("2026-10-29", "2026-12-28", "reset")] |
    | a rise between the two, and a fall                                            | 2026-10-01 risk high; 2026-11-10 risk low | [("2026-11-10", "2027-01-01", "reset")] | [("2026-10-29", "2026-12-28", "reset")] |
    | a rise in both                                                                | 2026-11-10 risk high                      | [("2026-10-29", "2026-11-10", "reset")] | [("2026-10-29", "2026-11-10", "reset")] |
    """,  # noqa: E501
)
def test_each_sentence_goes_by_the_first_day_of_its_own_last_third(
    facts: Any, first: Any, second: Any
) -> None:
    assert spans(YEAR, OTHER, LOW, *facts) == first
    assert spans(YEAR, OTHER, LOW, *facts, sentence="S2") == second


@table(
    """
    | case                                                                   | facts                | expected |
    | a rise in post-sentence supervision                                    | 2025-05-01 risk high | [("2025-03-02", "2025-05-01", "reset")] |
    | a rise on licence: post-sentence supervision goes by its own first day | 2025-03-20 risk high | [("2025-03-02", "2025-03-20", "reset"), ("2025-04-01", "2026-01-01", "reset")] |
    | on that first day                                                      | 2025-04-01 risk high | [("2025-03-02", "2026-01-01", "reset")] |
    | the day after that first day                                           | 2025-04-02 risk high | [("2025-03-02", "2025-04-02", "reset")] |
    """,  # noqa: E501
)
def test_post_sentence_supervision_goes_by_its_first_day(facts: Any, expected: Any) -> None:
    supervised = [f.custodial("2024-09-01"), f.released("2025-01-01", "2025-03-31", "2025-12-31")]
    assert spans(*supervised, f.risk("2025-01-10", "low"), *facts) == expected


@table(
    """
    | case                                                                              | expected                                                                       | facts |
    | the same end: nothing starts anew                                                 | [("2026-09-02", "2026-10-01", "reset")]                                        | 2026-11-01 varied ends=2026-12-31 |
    | a little longer: still its last third                                             | [("2026-09-02", "2026-10-01", "reset")]                                        | 2026-11-01 varied ends=2027-01-31 |
    | much longer: from its next last third on                                          | [("2026-09-02", "2026-10-01", "reset"), ("2026-12-31", "2027-07-01", "reset")] | 2026-11-01 varied ends=2027-06-30 |
    | much longer and shorter again: from the day on which it is back in its last third | [("2026-09-02", "2026-10-01", "reset"), ("2026-12-01", "2027-02-01", "reset")] | 2026-11-01 varied ends=2027-06-30 |
    |                                                                                   |                                                                                | 2026-12-01 varied ends=2027-01-31 |
    """,  # noqa: E501
)
def test_a_variation_that_leaves_it_in_its_last_third_does_not_undo_a_rise(facts: Any, expected: Any) -> None:
    assert spans(YEAR, LOW, f.risk("2026-10-01", "high"), *facts) == expected


def test_what_was_shortened_goes_by_the_day_on_which_that_was_said() -> None:
    shortened = f.varied("2026-08-01", "2026-09-30")  # the last third would have begun on 2 July
    assert spans(YEAR, LOW, shortened, f.risk("2026-07-20", "high")) == [
        ("2026-08-01", "2026-10-01", "reset")
    ]
    assert spans(YEAR, LOW, shortened, f.risk("2026-08-02", "high")) == [
        ("2026-08-01", "2026-08-02", "reset")
    ]
