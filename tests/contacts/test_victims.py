"""VIC-1: victims who asked are told what happens in a sentence."""

from __future__ import annotations

from typing import Any

from services.contacts.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.contacts.said import due, overdue
from tests.table import table

PRISON = f.custodial("2026-01-05")
ASKS = f.victim_asks("2026-01-05")
PLANNED = f.release_planned("2026-09-01", "2027-03-01", recorded="2026-02-02")
RELEASED = f.released("2026-09-01", ends="2027-03-01")
ORDER = f.order("2026-01-05", "2026-06-30")


def items(*facts: f.Fact, on: str) -> dict[str, str]:
    return due("VictimUpdateDue", *facts, on=on)


def late(*facts: f.Fact, on: str = "2027-12-31") -> dict[str, str]:
    return overdue("VictimUpdateOverdue", *facts, on=on)


def test_victims_are_told_of_a_planned_release_within_five_business_days_of_the_plan() -> None:
    assert items(PRISON, PLANNED, on="2026-02-02") == {}
    assert items(PRISON, PLANNED, ASKS, on="2026-02-01") == {}
    planned = {"S1/release_planned/2026-02-02": "2026-02-09"}
    assert items(PRISON, PLANNED, ASKS, on="2026-02-02") == planned
    assert late(PRISON, PLANNED, ASKS, on="2026-02-09") == {}
    assert late(PRISON, PLANNED, ASKS, on="2026-02-10") == planned


@table(
    """
    | case                                             | release    | due        |
    | 28 days before it is earlier                     | 2026-03-06 | 2026-02-06 |
    | on the day of the plan                           | 2026-03-02 | 2026-02-02 |
    | planned too late for that: the business days     | 2026-03-01 | 2026-02-09 |
    """
)
def test_no_later_than_28_days_before_it(release: str, due: str) -> None:
    planned = f.release_planned(release, "2027-03-01", recorded="2026-02-02")
    assert items(PRISON, planned, ASKS, on="2026-02-02") == {"S1/release_planned/2026-02-02": due}


def test_an_item_is_resolved_when_they_were_told_and_stays_late_if_told_late() -> None:
    told = f.victims_told("2026-02-09", "release_planned")
    key = "S1/release_planned/2026-02-02"
    assert items(PRISON, PLANNED, ASKS, told, on="2026-03-01") == {key: "resolved"}
    assert late(PRISON, PLANNED, ASKS, told, on="2026-03-01") == {}
    told = f.victims_told("2026-02-10", "release_planned")
    assert late(PRISON, PLANNED, ASKS, told, on="2026-03-01") == {key: "2026-02-09"}


def test_they_are_told_of_a_moved_release_and_no_more_of_the_former_date() -> None:
    moved = f.release_planned("2026-08-01", "2027-03-01", recorded="2026-02-05")
    assert items(PRISON, PLANNED, moved, ASKS, on="2026-02-06") == {
        "S1/release_planned/2026-02-02": "ended",
        "S1/release_moved/2026-02-05": "2026-02-12",
    }


def test_a_plan_said_again_with_the_same_date_is_not_moved() -> None:
    again = f.release_planned("2026-09-01", "2027-04-01", recorded="2026-02-05")
    assert items(PRISON, PLANNED, again, ASKS, on="2026-02-06") == {
        "S1/release_planned/2026-02-02": "2026-02-09"
    }


def test_who_asks_later_is_told_of_the_plan_as_it_stands() -> None:
    asks = f.victim_asks("2026-04-01")
    assert items(PRISON, PLANNED, asks, on="2026-04-01") == {"S1/release_planned/2026-04-01": "2026-04-10"}
    assert items(PRISON, PLANNED, RELEASED, f.victim_asks("2026-09-02"), on="2026-09-10") == {}


def test_who_asks_after_a_release_was_moved_is_told_of_the_plan() -> None:
    moved = f.release_planned("2026-08-01", "2027-03-01", recorded="2026-02-05")
    asks = f.victim_asks("2026-04-01")
    found = items(PRISON, PLANNED, moved, asks, on="2026-04-01")
    assert found == {"S1/release_planned/2026-04-01": "2026-04-10"}


def test_a_plan_recorded_after_the_release_is_not_told() -> None:
    late_plan = f.release_planned("2026-09-01", "2027-03-01", recorded="2026-09-04")
    assert items(PRISON, late_plan, RELEASED, ASKS, on="2026-09-04") == {
        "S1/released/2026-09-01": "2026-09-08"
    }


@table(
    """
    | case                               | facts                                                        | expected |
    | the release                        | PRISON; RELEASED                                             | {"S1/released/2026-09-01": "2026-09-08"} |
    | a recall                           | PRISON; RELEASED; 2026-09-02 victims_told released           | {"S1/released/2026-09-01": "resolved", "S1/recalled/2026-10-01": "2026-10-08"} |
    |                                    | 2026-10-01 taken recall sentence=S1                          | |
    | a recall of whatever licence       | PRISON; RELEASED; 2026-09-02 victims_told released           | {"S1/released/2026-09-01": "resolved", "S1/recalled/2026-10-01": "2026-10-08"} |
    |                                    | 2026-10-01 taken recall                                      | |
    | of another licence                 | PRISON; RELEASED; 2026-09-02 victims_told released           | {"S1/released/2026-09-01": "resolved"} |
    |                                    | 2026-10-01 taken recall sentence=S2                          | |
    | a recall that is only decided      | PRISON; RELEASED; 2026-09-02 victims_told released           | {"S1/released/2026-09-01": "resolved", "S1/recalled/2026-10-01": "2026-10-08"} |
    |                                    | 2026-10-01 recall decided                                    | |
    | decided in custody on remand       | PRISON; RELEASED; 2026-09-02 victims_told released           | {"S1/released/2026-09-01": "resolved", "S1/recalled/2026-10-01": "2026-10-08"} |
    |                                    | 2026-09-21 taken; 2026-10-01 recall decided                  | |
    | decided, and then back: one recall | PRISON; RELEASED; 2026-09-02 victims_told released           | {"S1/released/2026-09-01": "resolved", "S1/recalled/2026-10-01": "2026-10-08"} |
    |                                    | 2026-10-01 recall decided; 2026-10-02 taken recall sentence=S1 | |
    | back, and decided the day after    | PRISON; RELEASED; 2026-09-02 victims_told released           | {"S1/released/2026-09-01": "resolved", "S1/recalled/2026-10-01": "2026-10-08"} |
    |                                    | 2026-10-01 taken recall sentence=S1; 2026-10-02 recall decided | |
    | out, and recalled again            | PRISON; RELEASED; 2026-09-02 victims_told released           | {"S1/released/2026-09-01": "resolved", "S1/recalled/2026-09-14": "2026-09-21", "S1/recalled/2026-10-01": "2026-10-08"} |
    |                                    | 2026-09-14 recall decided; 2026-09-15 taken recall sentence=S1; 2026-09-29 left; 2026-10-01 recall decided R2 | |
    | a remand is none                   | PRISON; RELEASED; 2026-09-02 victims_told released           | {"S1/released/2026-09-01": "resolved"} |
    |                                    | 2026-10-01 taken remand                                      | |
    """,  # noqa: E501
    PRISON=PRISON,
    RELEASED=RELEASED,
)
def test_they_are_told_of_releases_and_recalls(facts: Any, expected: dict[str, str]) -> None:
    assert items(*facts, f.victim_asks("2026-01-05"), on="2026-10-02") == expected


@table(
    """
    | case                                | facts                                   | expected                                    |
    | an order that runs out              | ORDER                                   | {"S1/ended/2026-06-30": "2026-07-07"}       |
    | one that is revoked                 | ORDER; 2026-05-01 revoked               | {"S1/ended/2026-05-01": "2026-05-11"}       |
    | a licence, told of the release      | PRISON; RELEASED; 2026-09-01 victims_told released | {"S1/released/2026-09-01": "resolved", "S1/ended/2027-03-01": "2027-03-08"} |
    | a licence, not told of the release  | PRISON; RELEASED                        | {"S1/released/2026-09-01": "ended", "S1/ended/2027-03-01": "2027-03-08"} |
    """,  # noqa: E501
    PRISON=PRISON,
    RELEASED=RELEASED,
    ORDER=ORDER,
)
def test_they_are_told_of_the_end(facts: Any, expected: dict[str, str]) -> None:
    assert items(*facts, f.victim_asks("2026-01-05"), on="2027-12-31") == expected


def test_they_are_told_of_a_death_which_is_never_overdue() -> None:
    died = f.died("2026-02-05")
    assert items(PRISON, PLANNED, ASKS, died, on="2027-01-01") == {
        "S1/release_planned/2026-02-02": "ended",
        "S1/ended/2026-02-05": "2026-02-12",
    }
    assert late(PRISON, PLANNED, ASKS, died) == {}


def test_who_wants_to_hear_no_more_is_told_nothing_more() -> None:
    stops = f.victim_stops("2026-02-05")
    assert items(PRISON, PLANNED, ASKS, stops, on="2026-02-06") == {"S1/release_planned/2026-02-02": "ended"}
    assert late(PRISON, PLANNED, RELEASED, ASKS, stops) == {}
    other = f.victim_asks("2026-01-05", id="V2")
    assert items(PRISON, PLANNED, ASKS, stops, other, on="2026-02-06") == {
        "S1/release_planned/2026-02-02": "2026-02-09"
    }


def test_no_event_names_a_victim() -> None:
    found = on("2026-02-10", SERVICE, PRISON, PLANNED, f.victim_asks("2026-01-05", id="JANE"))
    for kind in ("VictimUpdateDue", "VictimUpdateOverdue"):
        assert "JANE" not in found.one(kind).model_dump_json()
        assert "JANE" not in str([finding.key for finding in found.findings(kind)])
