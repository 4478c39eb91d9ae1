"""SupervisionEnded: when, why, and how often the practitioner changed."""

from typing import Any

import pytest

from schemas.allocation import SupervisionEnded
from tests.allocation.facts import (
    allocated,
    assessed,
    concluded,
    day,
    died,
    found,
    imposed,
    person,
    recalled,
    released,
    revoked,
    varied,
)

ORDER = imposed("2026-06-01", "2027-05-31")


def ended(facts: list[Any], on: str) -> list[tuple[str, str]]:
    events = found(concluded(person(*facts), on), "SupervisionEnded")
    return [(event.reason, event.ended_on.isoformat()) for event in events]


def test_an_order_expires_after_its_last_day() -> None:
    assert ended([ORDER], "2027-05-31") == []
    assert found(concluded(person(ORDER), "2027-06-01"), "SupervisionEnded") == [
        SupervisionEnded(
            sentence_id="S1", ended_on=day("2027-05-31"), reason="expired", practitioner_changes=0
        )
    ]


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        pytest.param(revoked("2026-09-01", "breach"), "revoked", id="revoked for breach"),
        pytest.param(revoked("2026-09-01", "good_progress"), "revoked", id="revoked for good progress"),
        pytest.param(revoked("2026-09-01", "resentenced"), "revoked", id="revoked and resentenced"),
        pytest.param(revoked("2026-09-01", "quashed"), "quashed", id="quashed on appeal"),
        pytest.param(died("2026-09-01"), "died", id="died"),
    ],
)
def test_ended_on_the_day_itself(fact: Any, reason: str) -> None:
    assert ended([ORDER, fact], "2026-08-31") == []
    assert ended([ORDER, fact], "2026-09-01") == [(reason, "2026-09-01")]
    assert ended([ORDER, fact], "2030-01-01") == [(reason, "2026-09-01")]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([revoked("2027-07-01")], ("expired", "2027-05-31"), id="revoked after it had expired"),
        pytest.param([died("2027-05-31")], ("died", "2027-05-31"), id="died on the last day"),
        pytest.param(
            [died("2026-09-01"), revoked("2026-09-02")], ("died", "2026-09-01"), id="revoked after death"
        ),
        pytest.param(
            [died("2026-09-01"), revoked("2026-09-01")],
            ("revoked", "2026-09-01"),
            id="died on the day revoked",
        ),
    ],
)
def test_what_came_first_ended_it(facts: list[Any], expected: tuple[str, str]) -> None:
    assert ended([ORDER, *facts], "2028-01-01") == [expected]


def test_a_variation_moves_the_end_from_the_day_it_is_made() -> None:
    facts = [ORDER, varied("2027-05-01", "2027-08-31")]
    assert ended(facts, "2027-08-31") == []
    assert ended(facts, "2027-09-01") == [("expired", "2027-08-31")]


def test_the_latest_variation_counts() -> None:
    facts = [ORDER, varied("2027-03-01", "2027-12-31"), varied("2027-02-01", "2027-08-31")]
    assert ended(facts, "2028-01-01") == [("expired", "2027-12-31")]


@pytest.mark.parametrize(
    ("variation", "expected"),
    [
        pytest.param(varied("2027-05-31", "2027-08-31"), "2027-08-31", id="varied on the last day"),
        pytest.param(
            varied("2027-06-01", "2027-08-31"), "2027-05-31", id="varied when it was over: no effect"
        ),
        pytest.param(varied("2026-09-01", "2026-08-01"), "2026-09-01", id="cannot end before its own day"),
    ],
)
def test_a_variation_counts_while_the_order_runs(variation: Any, expected: str) -> None:
    assert ended([ORDER, variation], "2028-01-01") == [("expired", expected)]


def test_a_sentence_that_was_never_supervised_does_not_end() -> None:
    assert ended([imposed("2026-06-01"), revoked("2026-09-01", "quashed")], "2027-01-01") == []
    assert (
        ended([imposed("2026-06-01"), released("2026-10-01", "2027-10-01"), died("2026-09-01")], "2028-01-01")
        == []
    )


def test_a_licence_expires_after_post_sentence_supervision() -> None:
    with_pss = [imposed("2025-01-05"), released("2025-06-01", "2025-12-01", "2026-03-01")]
    assert ended(with_pss, "2026-03-01") == []
    assert ended(with_pss, "2026-03-02") == [("expired", "2026-03-01")]
    without = [imposed("2026-01-05"), released("2026-06-01", "2026-12-01")]
    assert ended(without, "2026-12-02") == [("expired", "2026-12-01")]


def test_post_sentence_supervision_ends_with_its_repeal() -> None:
    facts = [imposed("2025-01-05"), released("2025-06-01", "2025-12-01", "2026-11-30")]
    assert ended(facts, "2026-05-10") == []
    assert ended(facts, "2026-05-11") == [("repealed", "2026-05-10")]


def test_a_recalled_licence_goes_on_and_a_later_release_sets_its_end() -> None:
    facts = [imposed("2026-01-05"), released("2026-06-01", "2026-12-01"), recalled("2026-08-01")]
    assert ended(facts, "2026-12-01") == []
    assert ended(facts, "2026-12-02") == [("expired", "2026-12-01")]
    again = [*facts, released("2026-10-01", "2027-02-01")]
    assert ended(again, "2027-02-01") == []
    assert ended(again, "2027-02-02") == [("expired", "2027-02-01")]


def test_death_ends_every_sentence_and_a_revocation_only_its_own() -> None:
    two = [ORDER, imposed("2026-07-01", "2027-06-30", id="S2")]
    assert ended([*two, revoked("2026-09-01", id="S2")], "2026-10-01") == [("revoked", "2026-09-01")]
    assert ended([*two, died("2026-09-01")], "2026-10-01") == [("died", "2026-09-01")] * 2


@pytest.mark.parametrize(
    ("practitioners", "changes"),
    [((), 0), (("P1",), 0), (("P1", "P2"), 1), (("P1", "P2", "P1"), 2), (("P1", "P1"), 0)],
    ids=str,
)
def test_practitioner_changes_are_counted(practitioners: tuple[str, ...], changes: int) -> None:
    made = [allocated(f"2026-07-0{n}", to) for n, to in enumerate(practitioners, 1)]
    other = allocated("2026-07-05", "P9", id="S2")
    (event,) = found(concluded(person(ORDER, *made, other), "2027-06-01"), "SupervisionEnded")
    assert event.practitioner_changes == changes


def test_a_closed_case_waits_for_nothing() -> None:
    assessment = concluded(person(ORDER, assessed("2026-06-02"), allocated("2026-06-03")), "2028-01-01")
    assert assessment.wake_on is None
    overview = assessment.overview
    assert (overview.requests, overview.claims, overview.status) == ([], {}, "ended")
