"""The arrangements of 2019 to 2021 (ALLOC-3, 4, 24, C3, C4), and transition days."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from services.allocation.rules.provider import region_on
from tests import facts as f
from tests.casebook import on, policy_of
from tests.ledger import Ledger
from tests.table import table


def provider(day: str, *facts: f.Fact, region: str = "london", **options: Any) -> str:
    order = f.order("2019-06-03", "2030-12-31", region=region, **options)
    shown: str = on(day, ALLOCATION, order, *facts).shown["provider"]
    return shown


@table(
    """
    | region        | day        | who                        |
    | wales         | 2019-12-01 | crc                        |
    | wales         | 2019-12-02 | national_probation_service |
    | wales         | 2021-06-25 | national_probation_service |
    | wales         | 2021-06-26 | probation_service          |
    | london        | 2019-12-02 | crc                        |
    | london        | 2021-06-25 | crc                        |
    | london        | 2021-06-26 | probation_service          |
    """,
)
def test_who_was_responsible_by_region_and_date(region: str, day: str, who: str) -> None:
    assert provider(day, f.risk("2019-06-03"), region=region) == who


@table(
    """
    | case                            | facts                                   | who                        |
    | not assessed yet                |                                         | crc                        |
    | medium risk                     | 2019-06-03 risk                         | crc                        |
    | high risk                       | 2019-06-03 risk high                    | national_probation_service |
    | very high risk                  | 2019-06-03 risk very high               | national_probation_service |
    | MAPPA at any level              | 2019-06-03 risk low mappa=1             | national_probation_service |
    | RSR of 6.9                      | 2019-06-03 risk low rsr=6.9             | national_probation_service |
    | RSR of 6.89                     | 2019-06-03 risk low rsr=6.89            | crc                        |
    | high risk, but not assessed yet | 2019-06-05 risk high                    | crc                        |
    | registered under MAPPA          | 2019-06-04 registered mappa             | national_probation_service |
    | not registered yet              | 2019-06-05 registered mappa             | crc                        |
    | no longer registered            | 2019-06-03 registered mappa; 2019-06-04 lifted mappa | crc           |
    | another sentence of interest    | 2019-06-04 order S0 public_interest=true | national_probation_service |
    """,  # noqa: E501
)
def test_how_cases_were_split(facts: list[f.Fact], who: str) -> None:
    assert provider("2019-06-04", *facts) == who


def test_a_case_of_public_interest() -> None:
    assert provider("2019-06-04", f.risk("2019-06-03"), public_interest=True) == "national_probation_service"


@pytest.mark.parametrize(
    ("day", "region"), [("2019-09-30", "north_west"), ("2019-10-01", "greater_manchester")]
)
def test_greater_manchester_was_part_of_the_north_west(day: str, region: str) -> None:
    values = policy_of(ALLOCATION).on(date.fromisoformat(day))
    assert region_on(values, "greater_manchester") == region
    assert region_on(values, "london") == "london"
    facts = [f.order("2019-06-03", region="greater_manchester", pdu="bolton"), f.risk("2019-06-03")]
    assert on(day, ALLOCATION, *facts).region == region


def test_an_allocation_says_who_was_responsible() -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day("2019-06-03")
    ledger.tell(f.practitioner(), f.order("2019-06-03"), f.risk("2019-06-03"))
    assert [a.provider for a in ledger.standing("CaseAllocated")] == ["crc"]


@pytest.mark.parametrize(
    ("region", "transition"), [("wales", date(2019, 12, 2)), ("london", date(2021, 6, 26))]
)
def test_on_transition_day_2000_cases_go_over_with_their_practitioners(region: str, transition: date) -> None:
    """The practitioner, the clock and the workload stay; only who is responsible changes."""
    day_before = transition - timedelta(days=1)
    start = (transition - timedelta(days=4)).isoformat()
    ledger = Ledger(ALLOCATION)
    ledger.day(start)
    ledger.tell(*(f.practitioner(id=f"P{n}", hours=168.0, region=region) for n in range(14)))
    for n in range(2000):
        order = f.order(start, "2030-12-31", region=region)
        ledger.tell(*(fact.about(f"X{n:06}") for fact in (order, f.risk(start))))
    ledger.day(day_before)
    book = ledger.casebooks[0]
    people = [subject for subject in book.subjects if subject.startswith("X")]
    before = {subject: book.overview(subject) for subject in people}
    published = len(ledger.published)
    ledger.day(transition)
    after = {subject: book.overview(subject) for subject in people}
    assert len(after) == 2000
    assert {overview.shown["provider"] for overview in before.values()} == {"crc"}
    now = "national_probation_service" if region == "wales" else "probation_service"
    assert {overview.shown["provider"] for overview in after.values()} == {now}
    assert all(after[one].practitioner == before[one].practitioner is not None for one in people)
    assert all(after[one].claims == before[one].claims for one in people)
    assert ledger.published[published:] == []
