"""Before its day only some outcomes of a contact count: any other is as none (CONT-13)."""

from __future__ import annotations

from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import EXCUSED, EXEMPT, MARCH, MET, MISSED, assessed, missed
from tests.table import table

ORDER = f.order("2026-01-15", "2027-01-14")
ARRANGED = f.scheduled("2026-02-10", id="C1")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        pytest.param("acceptable_absence", False, id="an acceptable absence"),
        pytest.param("rescheduled_by_service", False, id="rescheduled by the service"),
        pytest.param("rescheduled_by_person", False, id="rescheduled by the person"),
        pytest.param("complied", True, id="complied: as none"),
        pytest.param("unacceptable_absence", True, id="an unacceptable absence: as none"),
        pytest.param("failed_to_attend", True, id="failed to attend: as none"),
        pytest.param("sent_home_service", True, id="sent home: as none"),
        pytest.param("warrant_outstanding", True, id="a warrant outstanding: as none"),
    ],
)
@pytest.mark.parametrize("make", [f.contact, f.work])
def test_what_may_be_said_of_a_contact_before_its_day(make: Any, outcome: str, expected: bool) -> None:
    said = [ORDER, ARRANGED, make("2026-02-10", outcome, id="C1").said("2026-02-09")]
    assert [*assessed("2026-02-11", *said).open("OutcomeOverdue")] == ["C1"] * expected


@pytest.mark.parametrize(
    ("recorded_at", "counts"),
    [
        pytest.param("2026-02-09T23:59", False, id="just before its day: as none"),
        pytest.param("2026-02-10T00:01", True, id="just after midnight: it counts"),
        pytest.param("2026-01-20", False, id="weeks before: as none"),
    ],
)
def test_a_failure_recorded_before_its_day_is_none(recorded_at: str, counts: bool) -> None:
    failure = f.contact("2026-02-10", "unacceptable_absence", id="C1").said(recorded_at)
    assert [*assessed("2026-02-20", ORDER, failure).open("ContactMissed")] == ["C1"] * counts
    awaited = f.contact("2026-02-10", "failed_to_attend", id="C1").said(recorded_at)
    assert [*assessed("2026-02-20", ORDER, awaited).open("AbsenceUndecided")] == ["C1"] * counts


@pytest.mark.parametrize(
    ("recorded_at", "counts"),
    [("2026-07-09T23:59", False), ("2026-07-10T00:01", True), ("2026-07-10T00:59", True)],
)
def test_in_summer_the_day_begins_an_hour_earlier(recorded_at: str, counts: bool) -> None:
    failure = f.contact("2026-07-10", "unacceptable_absence", id="C1").said(recorded_at)
    assert [*assessed("2026-07-20", ORDER, failure).open("ContactMissed")] == ["C1"] * counts


def test_an_acceptable_absence_recorded_before_its_day_counts_on_its_day() -> None:
    known = [ORDER, f.contact("2026-02-10", "acceptable_absence", id="C1").said("2026-02-01")]
    assert assessed("2026-02-09", *known).findings("ContactExcused") == []
    assert [*assessed("2026-02-10", *known).open("ContactExcused")] == ["C1"]


@table(
    """
    | case                                    | expected | facts |
    | attended, said before: as none          | MISSED   | 2026-03-10 contact recorded=2026-03-09 |
    | said on its day                         | MET      | 2026-03-10 contact |
    | excused before                          | EXCUSED  | 2026-03-10 contact acceptable absence recorded=2026-03-09 |
    | one that has no outcome yet was offered | MISSED   | 2026-03-03 contact acceptable absence; 2026-03-10 scheduled; 2026-03-10 contact suspended recorded=2026-03-09 |
    | without an appointment it was not       | EXCUSED  | 2026-03-03 contact acceptable absence; 2026-03-10 contact suspended recorded=2026-03-09 |
    """,  # noqa: E501
    MISSED=MISSED,
    MET=MET,
    EXCUSED=EXCUSED,
)
def test_for_the_month_too_an_outcome_recorded_before_its_day_is_none(facts: Any, expected: Any) -> None:
    assert missed(*facts) == expected


def test_nor_does_it_count_among_the_contacts_of_which_video_is_a_share() -> None:
    facts: list[Any] = [
        f.contact("2026-03-03", mode="video"),
        f.contact("2026-03-10").said("2026-03-09"),
        EXEMPT,
    ]
    (finding,) = assessed("2026-04-01", MARCH, *facts).findings("VideoShareExceeded")
    assert (finding.event.video, finding.event.total) == (1, 1)


def test_a_reason_awaited_before_the_day_was_never_decided() -> None:
    facts = [
        f.contact("2026-02-10", "failed_to_attend", id="C1").said("2026-02-09"),
        f.contact("2026-02-10", "unacceptable_absence", id="C1").said("2026-02-12"),
    ]
    (finding,) = assessed("2026-02-20", ORDER, *facts).findings("ContactMissed")
    assert finding.event.decided_on is None
