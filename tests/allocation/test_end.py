"""SupervisionEnded: when, why, and how often the practitioner changed (ALLOC-2, ALLOC-3, ENF-34)."""

from datetime import date

import pytest

from schemas.allocation import SupervisionEnded
from services.allocation.app import SERVICE as ALLOCATION
from tests import facts as f
from tests.casebook import on
from tests.table import table

ORDER = f.order("2026-06-01", "2027-05-31")


def ended(day: str, *facts: f.Fact) -> list[tuple[str, str]]:
    """Why and when supervision ended, sentence by sentence."""
    events = on(day, ALLOCATION, *facts).open("SupervisionEnded").values()
    return [(event.reason, event.ended_on.isoformat()) for event in events]


def test_an_order_expires_after_its_last_day() -> None:
    assert ended("2027-05-31", ORDER) == []
    assert on("2027-06-01", ALLOCATION, ORDER).one("SupervisionEnded") == SupervisionEnded(
        **f.PLACE, sentence_id="S1", ended_on=date(2027, 5, 31), reason="expired", practitioner_changes=0
    )


@table(
    """
    | case                      | fact                             | reason  |
    | revoked for breach        | 2026-09-01 revoked breach        | revoked |
    | revoked for good progress | 2026-09-01 revoked good progress | revoked |
    | revoked and resentenced   | 2026-09-01 revoked resentenced   | revoked |
    | quashed on appeal         | 2026-09-01 revoked quashed       | quashed |
    | died                      | 2026-09-01 died                  | died    |
    | quashed by the appeal court | 2026-09-01 appeal decided allowed quashed | quashed |
    """,
)
def test_ended_on_the_day_itself(fact: f.Fact, reason: str) -> None:
    assert ended("2026-08-31", ORDER, fact) == []
    assert ended("2026-09-01", ORDER, fact) == [(reason, "2026-09-01")]
    assert ended("2030-01-01", ORDER, fact) == [(reason, "2026-09-01")]


@table(
    """
    | case                                         | facts                                                                | reason  | ended_on   |
    | revoked after it had expired                 | 2027-07-01 revoked                                                   | expired | 2027-05-31 |
    | died on the last day                         | 2027-05-31 died                                                      | died    | 2027-05-31 |
    | revoked after death                          | 2026-09-01 died; 2026-09-02 revoked                                  | died    | 2026-09-01 |
    | died on the day revoked                      | 2026-09-01 died; 2026-09-01 revoked                                  | revoked | 2026-09-01 |
    | the latest variation counts                  | 2027-03-01 varied ends=2027-12-31; 2027-02-01 varied ends=2027-08-31 | expired | 2027-12-31 |
    | varied on the last day                       | 2027-05-31 varied ends=2027-08-31                                    | expired | 2027-08-31 |
    | varied when it was over: no effect           | 2027-06-01 varied ends=2027-08-31                                    | expired | 2027-05-31 |
    | a variation cannot end it before its own day | 2026-09-01 varied ends=2026-08-01                                    | expired | 2026-09-01 |
    """,  # noqa: E501
)
def test_what_came_first_ended_it(facts: list[f.Fact], reason: str, ended_on: str) -> None:
    assert ended("2028-01-01", ORDER, *facts) == [(reason, ended_on)]


@table(
    """
    | case                                              | facts                                                                                                                               | last       | over       | reason   |
    | a variation moves the end from the day it is made | 2026-06-01 order; 2027-05-01 varied ends=2027-08-31                                                                                 | 2027-08-31 | 2027-09-01 | expired  |
    | post-sentence supervision                         | 2025-01-05 custodial; 2025-06-01 released ends=2025-12-01 pss=2026-03-01                                                            | 2026-03-01 | 2026-03-02 | expired  |
    | a licence without it                              | 2026-01-05 custodial; 2026-06-01 released ends=2026-12-01                                                                           | 2026-12-01 | 2026-12-02 | expired  |
    | its repeal                                        | 2025-01-05 custodial; 2025-06-01 released ends=2025-12-01 pss=2026-11-30                                                            | 2026-05-10 | 2026-05-11 | repealed |
    | a recalled licence goes on                        | 2026-01-05 custodial; 2026-06-01 released ends=2026-12-01; 2026-08-01 taken recall sentence=S1                                      | 2026-12-01 | 2026-12-02 | expired  |
    | a later release sets its end                      | 2026-01-05 custodial; 2026-06-01 released ends=2026-12-01; 2026-08-01 taken recall sentence=S1; 2026-10-01 released ends=2027-02-01 | 2027-02-01 | 2027-02-02 | expired  |
    """,  # noqa: E501
)
def test_over_on_the_day_after_its_last(facts: list[f.Fact], last: str, over: str, reason: str) -> None:
    assert ended(last, *facts) == []
    assert ended(over, *facts) == [(reason, last)]


@table(
    """
    | case               | facts                                                                      |
    | quashed in custody | 2026-06-01 custodial; 2026-09-01 revoked quashed                           |
    | died in custody    | 2026-06-01 custodial; 2026-10-01 released ends=2027-10-01; 2026-09-01 died |
    """,
)
def test_a_sentence_that_was_never_supervised_does_not_end(facts: list[f.Fact]) -> None:
    assert ended("2028-01-01", *facts) == []


@pytest.mark.parametrize("outcome", ["dismissed", "allowed_varied", "abandoned"])
def test_another_outcome_of_an_appeal_ends_nothing(outcome: str) -> None:
    assert ended("2026-09-02", ORDER, f.appeal_decided("2026-09-01", outcome)) == []


def test_death_ends_every_sentence_and_a_revocation_only_its_own() -> None:
    two = [ORDER, f.order("2026-07-01", id="S2")]
    assert ended("2026-10-01", *two, f.revoked("2026-09-01", id="S2")) == [("revoked", "2026-09-01")]
    assert ended("2026-10-01", *two, f.died("2026-09-01")) == [("died", "2026-09-01")] * 2


@pytest.mark.parametrize(
    ("practitioners", "changes"), [("", 0), ("P1", 0), ("P1 P2", 1), ("P1 P2 P1", 2), ("P1 P1", 0)]
)
def test_practitioner_changes_are_counted(practitioners: str, changes: int) -> None:
    made = [f.allocated(f"2026-07-0{n}", to=id) for n, id in enumerate(practitioners.split(), 1)]
    other = f.allocated("2026-07-05", to="P9", sentence="S2")
    case = on("2027-06-01", ALLOCATION, ORDER, *made, other)
    assert case.one("SupervisionEnded").practitioner_changes == changes


def test_a_closed_case_waits_for_nothing() -> None:
    case = on("2028-01-01", ALLOCATION, ORDER, f.risk("2026-06-02"), f.allocated("2026-06-03"))
    assert (case.wake_on, case.requests, case.claims, case.status) == (None, [], {}, "ended")
