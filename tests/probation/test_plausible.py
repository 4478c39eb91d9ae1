"""SH-10: which dates in a fact can hardly be right."""

from __future__ import annotations

from datetime import date

from services.referrals.app import SERVICE
from shared.probation.plausible import implausible_dates
from tests import facts as f
from tests.casebook import policy_of
from tests.facts import Fact
from tests.table import table


def paths(fact: Fact) -> list[str]:
    return [path for path, _ in implausible_dates(fact.data, date(2026, 6, 1), policy_of(SERVICE))]


@table(
    """
    | case                                         | fact                                               | found                   |
    | a usual order                                | 2026-06-01 order                                   | []                      |
    | the year 2062 for 2026                       | 2062-06-01 order ends=2063-05-31                   | ["data.imposed_on", "data.ends_on"] |
    | an order of fifteen years                    | 2026-06-01 order ends=2041-06-01                   | []                      |
    | and a day                                    | 2026-06-01 order ends=2041-06-02                   | ["data.ends_on"]        |
    | a child of ten                               | 2026-06-01 order born=2016-06-01                   | []                      |
    | a day younger: nobody that age is convicted  | 2026-06-01 order born=2016-06-02                   | ["data.person.born_on"] |
    | not born yet                                 | 2026-06-01 order born=2027-06-01                   | ["data.person.born_on"] |
    | 110 years old                                | 2026-06-01 order born=1916-06-01                   | []                      |
    | and a day                                    | 2026-06-01 order born=1916-05-31                   | ["data.person.born_on"] |
    """,  # noqa: E501
)
def test_sh_10_dates_that_can_hardly_be_right(fact: Fact, found: list[str]) -> None:
    assert paths(fact) == found


def test_sh_10_it_says_how_far_away_a_date_of_birth_must_be() -> None:
    young = f.order("2026-06-01", born="2020-06-01")
    ((_, what),) = implausible_dates(young.data, date(2026, 6, 1), policy_of(SERVICE))
    assert what == "is less than 10 years before it was recorded"
