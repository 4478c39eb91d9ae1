"""The monthly standard and the share of video (CONT-2 to CONT-5, CONT-9 to CONT-12, CONT-17)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import EXCUSED, EXEMPT, MARCH, MET, MISSED, assessed, missed


def several(mode: str, days: range, outcome: str = "complied") -> list[Any]:
    return [f.contact(f"2026-03-{n:02d}", outcome, mode=mode) for n in days]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], MISSED, id="no contact at all: missed"),
        pytest.param([f.contact("2026-03-01")], MET, id="face-to-face on the first day: met"),
        pytest.param([f.contact("2026-03-31")], MET, id="face-to-face on the last day: met"),
        pytest.param(
            [f.contact("2026-02-28"), f.contact("2026-04-01")], MISSED, id="the days around it: missed"
        ),
        pytest.param([f.contact("2026-03-10", mode="video")], MET, id="CONT-5 video counts"),
        pytest.param(several("telephone", range(3, 5)), MISSED, id="E15 two telephone calls only: missed"),
        pytest.param(several("online", range(3, 5)), MISSED, id="CONT-16 online check-ins count nothing"),
        pytest.param([f.home_visit("2026-03-10")], MET, id="a home visit counts"),
        pytest.param(
            [f.contact("2026-03-10", kind="session")], MET, id="the practitioner's own session counts"
        ),
        pytest.param(
            [f.contact("2026-03-10", national_standard=False)],
            MISSED,
            id="CONT-12 no national standard: not counted",
        ),
        pytest.param(
            [f.work("2026-03-10")], MISSED, id="a provider's session is no contact with the officer"
        ),
        pytest.param(
            [f.contact("2026-03-10", sentence="S2")], MISSED, id="a contact counts for its sentence only"
        ),
        pytest.param([f.scheduled("2026-03-10")], MISSED, id="only arranged: missed"),
    ],
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


AWAY = f.contact("2026-03-10", "acceptable_absence")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([AWAY], EXCUSED, id="the only contact offered: excused"),
        pytest.param(
            [AWAY, f.contact("2026-03-17", "acceptable_absence")], EXCUSED, id="all offered: excused"
        ),
        pytest.param([AWAY, f.contact("2026-03-17")], MET, id="another attended: met"),
        pytest.param([AWAY, f.contact("2026-03-17", "unacceptable_absence")], MISSED, id="another missed"),
        pytest.param([AWAY, f.contact("2026-03-17", "failed_to_attend")], MISSED, id="another undecided"),
        pytest.param(
            [AWAY, f.contact("2026-03-17", "sent_home_service")], MISSED, id="sent home another time"
        ),
        pytest.param(
            [AWAY, f.contact("2026-03-17", "rescheduled_by_service")], EXCUSED, id="another was moved away"
        ),
        pytest.param([AWAY, f.scheduled("2026-03-17")], MISSED, id="another has no outcome"),
        pytest.param([AWAY, f.scheduled("2026-03-10")], EXCUSED, id="its own appointment is no other"),
        pytest.param([AWAY, f.scheduled("2026-04-02")], EXCUSED, id="one of the next period"),
        pytest.param(
            [AWAY, f.scheduled("2026-03-17", notified=False)], EXCUSED, id="one nobody told the person"
        ),
        pytest.param(
            [AWAY, f.scheduled("2026-03-17", national_standard=False)], EXCUSED, id="one that does not count"
        ),
        pytest.param([AWAY, f.scheduled("2026-03-17", mode="telephone")], EXCUSED, id="a call arranged"),
        pytest.param(
            [AWAY, f.contact("2026-03-17", mode="telephone")], EXCUSED, id="a telephone call besides"
        ),
        pytest.param(
            [AWAY, f.scheduled("2026-03-17", sentence="S2")], EXCUSED, id="one for another sentence"
        ),
        pytest.param(
            [f.contact("2026-03-10", "acceptable_absence", mode="telephone")],
            MISSED,
            id="only a call was offered",
        ),
        pytest.param(
            [AWAY, f.scheduled("2026-03-17", id="P1"), f.work("2026-03-17", id="P1")],
            EXCUSED,
            id="one of which the provider recorded the outcome",
        ),
    ],
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


@pytest.mark.parametrize(
    ("facts", "periods"),
    [
        pytest.param(
            [], ["03-05", "04-05", "05-05"], id="ends_on is the last day of the third: three tested"
        ),
        pytest.param(
            [f.varied("2026-04-20", "2026-06-03")], ["03-05", "04-05"], id="varied to a day less: two"
        ),
        pytest.param(
            [f.varied("2026-04-20", "2026-07-04")], ["03-05", "04-05", "05-05", "06-05"], id="extended: four"
        ),
        pytest.param([f.revoked("2026-05-03")], ["03-05"], id="revoked within the second: the first only"),
        pytest.param(
            [f.revoked("2026-05-04", "quashed")], ["03-05"], id="quashed on the last day of the second"
        ),
        pytest.param([f.revoked("2026-05-05")], ["03-05", "04-05"], id="revoked on the first of the third"),
        pytest.param(
            [f.ended("2026-06-04", "expired")], ["03-05", "04-05", "05-05"], id="told that it ran out"
        ),
        pytest.param([f.died("2026-06-04")], ["03-05", "04-05"], id="died on its very last day"),
        pytest.param([f.died("2026-05-03")], ["03-05"], id="died within the second: the first only"),
        pytest.param([f.ended("2026-05-03")], ["03-05"], id="supervision ended within the second"),
        pytest.param([f.revoked("2026-03-05")], [], id="revoked on the first day: none"),
    ],
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


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [*several("face_to_face", range(1, 3)), *several("video", range(5, 8))], [(3, 5)], id="E12"
        ),
        pytest.param([*several("face_to_face", range(1, 3)), *several("video", range(5, 7))], [], id="E13"),
        pytest.param(several("video", range(5, 6)), [(1, 1)], id="one contact, by video"),
        pytest.param(
            [*several("telephone", range(1, 3)), *several("video", range(5, 7))], [], id="calls count"
        ),
        pytest.param(
            [*several("online", range(1, 3)), *several("video", range(5, 7))], [(2, 2)], id="online does not"
        ),
        pytest.param([], [], id="CONT-9 an empty month gives no alert"),
        pytest.param(several("telephone", range(1, 4)), [], id="no video"),
        pytest.param(several("video", range(5, 8), "unacceptable_absence"), [], id="video not attended"),
        pytest.param(
            [
                *several("video", range(5, 6)),
                f.work("2026-03-09"),
                f.contact("2026-03-10", national_standard=False),
            ],
            [(1, 1)],
            id="sessions and other contacts are not of the total",
        ),
    ],
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
