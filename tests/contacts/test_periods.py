"""The monthly standard and the share of video (CONT-2 to CONT-5, CONT-9 to CONT-12, CONT-17)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import EXCUSED, EXEMPT, MARCH, MET, MISSED, assessed, missed
from tests.table import table


def several(mode: str, days: range, outcome: str = "complied") -> list[Any]:
    return [f.contact(f"2026-03-{n:02d}", outcome, mode=mode) for n in days]


@table(
    """
    | case                                                | facts                                         | expected |
    | no contact at all: missed                           |                                               | MISSED   |
    | face-to-face on the first day: met                  | 2026-03-01 contact                            | MET      |
    | face-to-face on the last day: met                   | 2026-03-31 contact                            | MET      |
    | the days around it: missed                          | 2026-02-28, 2026-04-01 contact                | MISSED   |
    | CONT-5 video counts                                 | 2026-03-10 contact mode=video                 | MET      |
    | E15 two telephone calls only: missed                | 2026-03-03, 2026-03-04 contact mode=telephone | MISSED   |
    | CONT-16 online check-ins count nothing              | 2026-03-03, 2026-03-04 contact mode=online    | MISSED   |
    | a home visit counts                                 | 2026-03-10 home visit                         | MET      |
    | the practitioner's own session counts               | 2026-03-10 contact kind=session               | MET      |
    | CONT-12 no national standard: not counted           | 2026-03-10 contact national_standard=false    | MISSED   |
    | a provider's session is no contact with the officer | 2026-03-10 work                               | MISSED   |
    | a contact counts for its sentence only              | 2026-03-10 contact sentence=S2                | MISSED   |
    | only arranged: missed                               | 2026-03-10 scheduled                          | MISSED   |
    """,  # noqa: E501
    MISSED=MISSED,
    MET=MET,
)
def test_one_face_to_face_contact_every_month(facts: Any, expected: Any) -> None:
    assert missed(*facts) == expected


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("failed_to_comply", MISSED),
        ("sent_home_behaviour", MISSED),
        ("unacceptable_absence", MISSED),
        ("failed_to_attend", MISSED),
        ("acceptable_absence", EXCUSED),
        ("sent_home_service", MISSED),
        ("rescheduled_by_service", MISSED),
        ("rescheduled_by_person", MISSED),
        ("suspended", MISSED),
        ("warrant_outstanding", MISSED),
    ],
)
def test_only_an_attended_contact_meets_the_standard(outcome: str, expected: Any) -> None:
    assert missed(f.contact("2026-03-10", outcome)) == expected


@table(
    """
    | case                                           | facts                                                                               | expected |
    | the only contact offered: excused              | 2026-03-10 contact acceptable absence                                               | EXCUSED  |
    | all offered: excused                           | 2026-03-10, 2026-03-17 contact acceptable absence                                   | EXCUSED  |
    | another attended: met                          | 2026-03-10 contact acceptable absence; 2026-03-17 contact                           | MET      |
    | another missed                                 | 2026-03-10 contact acceptable absence; 2026-03-17 contact unacceptable absence      | MISSED   |
    | another undecided                              | 2026-03-10 contact acceptable absence; 2026-03-17 contact failed to attend          | MISSED   |
    | sent home another time                         | 2026-03-10 contact acceptable absence; 2026-03-17 contact sent home service         | MISSED   |
    | another was moved away                         | 2026-03-10 contact acceptable absence; 2026-03-17 contact rescheduled by service    | EXCUSED  |
    | another has no outcome                         | 2026-03-10 contact acceptable absence; 2026-03-17 scheduled                         | MISSED   |
    | its own appointment is no other                | 2026-03-10 contact acceptable absence; 2026-03-10 scheduled                         | EXCUSED  |
    | one of the next period                         | 2026-03-10 contact acceptable absence; 2026-04-02 scheduled                         | EXCUSED  |
    | one nobody told the person                     | 2026-03-10 contact acceptable absence; 2026-03-17 scheduled notified=false          | EXCUSED  |
    | one that does not count                        | 2026-03-10 contact acceptable absence; 2026-03-17 scheduled national_standard=false | EXCUSED  |
    | a call arranged                                | 2026-03-10 contact acceptable absence; 2026-03-17 scheduled mode=telephone          | EXCUSED  |
    | a telephone call besides                       | 2026-03-10 contact acceptable absence; 2026-03-17 contact mode=telephone            | EXCUSED  |
    | one for another sentence                       | 2026-03-10 contact acceptable absence; 2026-03-17 scheduled sentence=S2             | EXCUSED  |
    | only a call was offered                        | 2026-03-10 contact acceptable absence mode=telephone                                | MISSED   |
    | one of which the provider recorded the outcome | 2026-03-10 contact acceptable absence; 2026-03-17 scheduled P1; 2026-03-17 work P1  | EXCUSED  |
    """,  # noqa: E501
    EXCUSED=EXCUSED,
    MET=MET,
    MISSED=MISSED,
)
def test_a_miss_is_excused_if_all_that_was_offered_was_an_acceptable_absence(
    facts: Any, expected: Any
) -> None:
    assert missed(*facts) == expected


def test_periods_are_anchored_on_the_start_and_clamped_to_month_ends() -> None:
    known = [f.order("2027-01-31", "2027-06-29"), EXEMPT]
    found = assessed("2027-12-31", *known).findings("ContactStandardMissed")
    assert [(f.event.period_start.isoformat(), f.event.period_end.isoformat()) for f in found] == [
        ("2027-01-31", "2027-02-27"),
        ("2027-02-28", "2027-03-30"),
        ("2027-03-31", "2027-04-29"),
        ("2027-04-30", "2027-05-30"),
        ("2027-05-31", "2027-06-29"),
    ]
    assert [one.key for one in found][1] == "S1/2027-02-28"


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2026-03-30", MET), ("2026-03-31", MET), ("2026-04-01", MISSED)],
    ids=["before its last day", "on its last day", "the day after: judged"],
)
def test_a_period_is_judged_when_it_is_over(today: str, expected: Any) -> None:
    assert missed(on=today) == expected


def test_the_case_waits_for_the_day_after_the_period() -> None:
    wake_on = assessed("2026-03-10", f.order("2026-03-05", "2027-03-04")).months_wake_on
    assert wake_on == date(2026, 4, 5)


@table(
    """
    | case                                               | facts                             | periods                              |
    | ends_on is the last day of the third: three tested |                                   | ["03-05", "04-05", "05-05"]          |
    | varied to a day less: two                          | 2026-04-20 varied ends=2026-06-03 | ["03-05", "04-05"]                   |
    | extended: four                                     | 2026-04-20 varied ends=2026-07-04 | ["03-05", "04-05", "05-05", "06-05"] |
    | revoked within the second: the first only          | 2026-05-03 revoked                | ["03-05"]                            |
    | quashed on the last day of the second              | 2026-05-04 revoked quashed        | ["03-05"]                            |
    | revoked on the first of the third                  | 2026-05-05 revoked                | ["03-05", "04-05"]                   |
    | told that it ran out                               | 2026-06-04 ended expired          | ["03-05", "04-05", "05-05"]          |
    | died on its very last day                          | 2026-06-04 died                   | ["03-05", "04-05"]                   |
    | died within the second: the first only             | 2026-05-03 died                   | ["03-05"]                            |
    | supervision ended within the second                | 2026-05-03 ended                  | ["03-05"]                            |
    | revoked on the first day: none                     | 2026-03-05 revoked                | []                                   |
    """,  # noqa: E501
)
def test_the_last_part_period_is_not_tested(facts: Any, periods: list[str]) -> None:
    known = [f.order("2026-03-05", "2026-06-04"), *facts, EXEMPT]
    said = assessed("2027-12-31", *known)
    assert [one.key for one in said.findings("ContactStandardMissed")] == [
        f"S1/2026-{start}" for start in periods
    ]
    assert said.wake_on is None


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        pytest.param(("unpaid_work",), MET, id="stand-alone unpaid work: no standard"),
        pytest.param(("unpaid_work", "rar"), MISSED, id="unpaid work and a RAR: a standard"),
        pytest.param(("rar",), MISSED, id="a RAR: a standard"),
        pytest.param((), MISSED, id="no requirement recorded: a standard"),
    ],
)
@pytest.mark.parametrize("kind", ["community_order", "suspended_sentence_order"])
def test_a_stand_alone_unpaid_work_order_has_no_standard(kind: str, only: Any, expected: Any) -> None:
    imposed = f.order("2026-03-01", "2026-03-31", ", ".join(only), kind=kind)
    assert missed(order=imposed) == expected
    assert [
        *assessed("2026-04-01", imposed, *several("video", range(3, 5)), EXEMPT).open("VideoShareExceeded")
    ] == (["S1/2026-03-01"] if expected else [])


def test_a_standard_holds_for_the_whole_months_in_which_the_order_is_more_than_unpaid_work() -> None:
    known = [
        f.order("2026-01-01", "2026-08-31", "unpaid_work"),
        f.varied("2026-03-15", "2026-08-31", "unpaid_work, rar"),
        f.varied("2026-07-01", "2026-08-31", "unpaid_work"),
        EXEMPT,
    ]
    found = assessed("2026-12-31", *known).findings("ContactStandardMissed")
    assert [one.key for one in found] == ["S1/2026-04-01", "S1/2026-05-01", "S1/2026-06-01"]


def test_a_licence_has_the_standard_from_release_and_post_sentence_supervision_has_not() -> None:
    video = f.contact("2025-08-10", mode="video")
    known = [f.custodial("2025-01-01"), f.released("2025-04-10", "2025-07-15", "2026-04-09"), video, EXEMPT]
    said = assessed("2026-12-31", *known)
    assert [one.key for one in said.findings("ContactStandardMissed")] == [
        "S1/2025-04-10",
        "S1/2025-05-10",
        "S1/2025-06-10",
    ]
    assert said.findings("VideoShareExceeded") == []


def test_after_a_recall_the_months_count_from_the_new_release() -> None:
    known = [
        f.custodial("2026-01-01"),
        f.released("2026-02-01", "2026-12-31"),
        f.taken("2026-03-20", "recall"),
        f.released("2026-05-10", "2026-07-31"),
        EXEMPT,
    ]
    found = assessed("2026-12-31", *known).findings("ContactStandardMissed")
    assert [(f.key, f.event.excused) for f in found] == [
        ("S1/2026-02-01", False),
        ("S1/2026-03-01", True),
        ("S1/2026-04-01", True),
        ("S1/2026-05-10", False),
        ("S1/2026-06-10", False),
    ]


def test_several_sentences_have_each_its_own_months() -> None:
    known = [
        f.order("2026-03-05", "2026-05-04"),
        f.order("2026-03-20", "2026-05-19", id="S2"),
        f.contact("2026-04-10", sentence="S1"),
        EXEMPT,
    ]
    found = assessed("2026-12-31", *known).findings("ContactStandardMissed")
    assert sorted([one.key for one in found]) == ["S1/2026-03-05", "S2/2026-03-20", "S2/2026-04-20"]


@table(
    """
    | case                                             | facts                                                                                      | expected |
    | E12                                              | 2026-03-01, 2026-03-02 contact; 2026-03-05, 2026-03-06, 2026-03-07 contact mode=video      | [(3, 5)] |
    | E13                                              | 2026-03-01, 2026-03-02 contact; 2026-03-05, 2026-03-06 contact mode=video                  | []       |
    | one contact, by video                            | 2026-03-05 contact mode=video                                                              | [(1, 1)] |
    | calls count                                      | 2026-03-01, 2026-03-02 contact mode=telephone; 2026-03-05, 2026-03-06 contact mode=video   | []       |
    | online does not                                  | 2026-03-01, 2026-03-02 contact mode=online; 2026-03-05, 2026-03-06 contact mode=video      | [(2, 2)] |
    | CONT-9 an empty month gives no alert             |                                                                                            | []       |
    | no video                                         | 2026-03-01, 2026-03-02, 2026-03-03 contact mode=telephone                                  | []       |
    | video not attended                               | 2026-03-05, 2026-03-06, 2026-03-07 contact unacceptable absence mode=video                 | []       |
    | sessions and other contacts are not of the total | 2026-03-05 contact mode=video; 2026-03-09 work; 2026-03-10 contact national_standard=false | [(1, 1)] |
    """,  # noqa: E501
)
def test_video_is_at_most_half_of_the_attended_contacts(facts: Any, expected: Any) -> None:
    found = assessed("2026-04-01", MARCH, *facts, EXEMPT).findings("VideoShareExceeded")
    assert [(f.event.video, f.event.total) for f in found] == expected


def test_the_share_of_video_is_judged_at_the_close() -> None:
    known = [MARCH, *several("video", range(5, 8)), EXEMPT]
    assert assessed("2026-03-31", *known).findings("VideoShareExceeded") == []
    (finding,) = assessed("2026-04-01", *known).findings("VideoShareExceeded")
    assert finding.key == "S1/2026-03-01"
    assert finding.rules == ("CONT-4", "CONT-9", "CONT-10")
