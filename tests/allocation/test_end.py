"""SupervisionEnded: when, why, and how often the practitioner changed (ALLOC-2, ALLOC-3, ENF-34)."""

from datetime import date

import pytest

from schemas.allocation import SupervisionEnded
from services.allocation.app import SERVICE as ALLOCATION
from tests import facts as f
from tests.casebook import on

ORDER = f.order("2026-06-01", "2027-05-31")
CUSTODIAL = f.custodial("2026-01-05")


def ended(day: str, *facts: f.Fact) -> list[tuple[str, str]]:
    """Why and when supervision ended, sentence by sentence."""
    events = on(day, ALLOCATION, *facts).open("SupervisionEnded").values()
    return [(event.reason, event.ended_on.isoformat()) for event in events]


def test_an_order_expires_after_its_last_day() -> None:
    assert ended("2027-05-31", ORDER) == []
    assert on("2027-06-01", ALLOCATION, ORDER).one("SupervisionEnded") == SupervisionEnded(
        sentence_id="S1", ended_on=date(2027, 5, 31), reason="expired", practitioner_changes=0
    )


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        pytest.param(f.revoked("2026-09-01", "breach"), "revoked", id="revoked for breach"),
        pytest.param(f.revoked("2026-09-01", "good_progress"), "revoked", id="revoked for good progress"),
        pytest.param(f.revoked("2026-09-01", "resentenced"), "revoked", id="revoked and resentenced"),
        pytest.param(f.revoked("2026-09-01", "quashed"), "quashed", id="quashed on appeal"),
        pytest.param(f.died("2026-09-01"), "died", id="died"),
    ],
)
def test_ended_on_the_day_itself(fact: f.Fact, reason: str) -> None:
    assert ended("2026-08-31", ORDER, fact) == []
    assert ended("2026-09-01", ORDER, fact) == [(reason, "2026-09-01")]
    assert ended("2030-01-01", ORDER, fact) == [(reason, "2026-09-01")]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([f.revoked("2027-07-01")], ("expired", "2027-05-31"), id="revoked after it had expired"),
        pytest.param([f.died("2027-05-31")], ("died", "2027-05-31"), id="died on the last day"),
        pytest.param(
            [f.died("2026-09-01"), f.revoked("2026-09-02")], ("died", "2026-09-01"), id="revoked after death"
        ),
        pytest.param(
            [f.died("2026-09-01"), f.revoked("2026-09-01")],
            ("revoked", "2026-09-01"),
            id="died on the day revoked",
        ),
        pytest.param(
            [f.varied("2027-03-01", "2027-12-31"), f.varied("2027-02-01", "2027-08-31")],
            ("expired", "2027-12-31"),
            id="the latest variation counts",
        ),
        pytest.param(
            [f.varied("2027-05-31", "2027-08-31")], ("expired", "2027-08-31"), id="varied on the last day"
        ),
        pytest.param(
            [f.varied("2027-06-01", "2027-08-31")],
            ("expired", "2027-05-31"),
            id="varied when it was over: no effect",
        ),
        pytest.param(
            [f.varied("2026-09-01", "2026-08-01")],
            ("expired", "2026-09-01"),
            id="a variation cannot end it before its own day",
        ),
    ],
)
def test_what_came_first_ended_it(facts: list[f.Fact], expected: tuple[str, str]) -> None:
    assert ended("2028-01-01", ORDER, *facts) == [expected]


RELEASED = [CUSTODIAL, f.released("2026-06-01", "2026-12-01")]
WITH_PSS = [f.custodial("2025-01-05"), f.released("2025-06-01", "2025-12-01", "2026-03-01")]
REPEALED = [f.custodial("2025-01-05"), f.released("2025-06-01", "2025-12-01", "2026-11-30")]
RECALLED = [*RELEASED, f.taken("2026-08-01", "recall", sentence="S1")]


@pytest.mark.parametrize(
    ("facts", "last", "over", "reason"),
    [
        pytest.param(
            [ORDER, f.varied("2027-05-01", "2027-08-31")],
            "2027-08-31",
            "2027-09-01",
            "expired",
            id="a variation moves the end from the day it is made",
        ),
        pytest.param(WITH_PSS, "2026-03-01", "2026-03-02", "expired", id="post-sentence supervision"),
        pytest.param(RELEASED, "2026-12-01", "2026-12-02", "expired", id="a licence without it"),
        pytest.param(REPEALED, "2026-05-10", "2026-05-11", "repealed", id="its repeal"),
        pytest.param(RECALLED, "2026-12-01", "2026-12-02", "expired", id="a recalled licence goes on"),
        pytest.param(
            [*RECALLED, f.released("2026-10-01", "2027-02-01")],
            "2027-02-01",
            "2027-02-02",
            "expired",
            id="a later release sets its end",
        ),
    ],
)
def test_over_on_the_day_after_its_last(facts: list[f.Fact], last: str, over: str, reason: str) -> None:
    assert ended(last, *facts) == []
    assert ended(over, *facts) == [(reason, last)]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([CUSTODIAL, f.revoked("2026-09-01", "quashed")], id="quashed in custody"),
        pytest.param(
            [CUSTODIAL, f.released("2026-10-01", "2027-10-01"), f.died("2026-09-01")], id="died in custody"
        ),
    ],
)
def test_a_sentence_that_was_never_supervised_does_not_end(facts: list[f.Fact]) -> None:
    assert ended("2028-01-01", *facts) == []


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
