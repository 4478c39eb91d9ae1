"""Before its day only some outcomes of a contact count: any other is as none (CONT-13)."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.contacts import (
    AbsenceUndecided,
    ContactExcused,
    ContactMissed,
    OutcomeOverdue,
    VideoShareExceeded,
)
from tests.contacts.facts import (
    EXCUSED,
    EXEMPT,
    MARCH,
    MET,
    MISSED,
    Known,
    contact,
    missed,
    order,
    recorded,
    scheduled,
    session,
)

ORDER = order("2026-01-15", "2027-01-14")
ARRANGED = scheduled("2026-02-10", id="C1")


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
@pytest.mark.parametrize("make", [contact, session])
def test_what_may_be_said_of_a_contact_before_its_day(make: Any, outcome: str, expected: bool) -> None:
    said = Known(ORDER, ARRANGED, recorded("2026-02-09", make("2026-02-10", outcome, id="C1")))
    assert said.on("2026-02-11").open(OutcomeOverdue) == ["C1"] * expected


@pytest.mark.parametrize(
    ("recorded_at", "counts"),
    [
        pytest.param("2026-02-09T23:59", False, id="just before its day: as none"),
        pytest.param("2026-02-10T00:01", True, id="just after midnight: it counts"),
        pytest.param("2026-01-20", False, id="weeks before: as none"),
    ],
)
def test_a_failure_recorded_before_its_day_is_none(recorded_at: str, counts: bool) -> None:
    failure = recorded(recorded_at, contact("2026-02-10", "unacceptable_absence", id="C1"))
    assert Known(ORDER, failure).on("2026-02-20").open(ContactMissed) == ["C1"] * counts
    awaited = recorded(recorded_at, contact("2026-02-10", "failed_to_attend", id="C1"))
    assert Known(ORDER, awaited).on("2026-02-20").open(AbsenceUndecided) == ["C1"] * counts


@pytest.mark.parametrize(
    ("recorded_at", "counts"),
    [("2026-07-09T23:59", False), ("2026-07-10T00:01", True), ("2026-07-10T00:59", True)],
)
def test_in_summer_the_day_begins_an_hour_earlier(recorded_at: str, counts: bool) -> None:
    failure = recorded(recorded_at, contact("2026-07-10", "unacceptable_absence", id="C1"))
    assert Known(ORDER, failure).on("2026-07-20").open(ContactMissed) == ["C1"] * counts


def test_an_acceptable_absence_recorded_before_its_day_counts_on_its_day() -> None:
    known = Known(ORDER, recorded("2026-02-01", contact("2026-02-10", "acceptable_absence", id="C1")))
    assert known.on("2026-02-09").of(ContactExcused) == []
    assert known.on("2026-02-10").open(ContactExcused) == ["C1"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [recorded("2026-03-09", contact("2026-03-10"))], MISSED, id="attended, said before: as none"
        ),
        pytest.param([recorded("2026-03-10", contact("2026-03-10"))], MET, id="said on its day"),
        pytest.param(
            [recorded("2026-03-09", contact("2026-03-10", "acceptable_absence"))],
            EXCUSED,
            id="excused before",
        ),
        pytest.param(
            [
                contact("2026-03-03", "acceptable_absence"),
                scheduled("2026-03-10"),
                recorded("2026-03-09", contact("2026-03-10", "suspended")),
            ],
            MISSED,
            id="one that has no outcome yet was offered",
        ),
        pytest.param(
            [
                contact("2026-03-03", "acceptable_absence"),
                recorded("2026-03-09", contact("2026-03-10", "suspended")),
            ],
            EXCUSED,
            id="without an appointment it was not",
        ),
    ],
)
def test_for_the_month_too_an_outcome_recorded_before_its_day_is_none(facts: Any, expected: Any) -> None:
    assert missed(*facts) == expected


def test_nor_does_it_count_among_the_contacts_of_which_video_is_a_share() -> None:
    facts: list[Any] = [
        contact("2026-03-03", mode="video"),
        recorded("2026-03-09", contact("2026-03-10")),
        EXEMPT,
    ]
    (finding,) = Known(MARCH, *facts).on("2026-04-01").of(VideoShareExceeded)
    assert (finding.event.video, finding.event.total) == (1, 1)


def test_a_reason_awaited_before_the_day_was_never_decided() -> None:
    facts = [
        recorded("2026-02-09", contact("2026-02-10", "failed_to_attend", id="C1")),
        recorded("2026-02-12", contact("2026-02-10", "unacceptable_absence", id="C1")),
    ]
    (finding,) = Known(ORDER, *facts).on("2026-02-20").of(ContactMissed)
    assert finding.event.decided_on is None
