"""What a month of contact must hold: worked examples of CONT-2 to 5 and 9 to 11."""

from typing import Any

import pytest

from tests.examples.facts import (
    contact,
    died,
    order,
    prison_sentence,
    rar,
    released,
    revoked,
    varied,
    work,
)
from tests.examples.play import Example

JANUARY = {"sentence_id": "S1", "period_start": "2027-01-31", "period_end": "2027-02-27"}


def month(
    name: str, *contacts: Any, missed: dict[str, Any] | None = None, video: dict[str, Any] | None = None
) -> Example:
    """What stands after 1 to 30 June 2026, the first month of an order."""
    stands = {
        "ContactStandardMissed": [missed] if missed is not None else [],
        "VideoShareExceeded": [video] if video is not None else [],
    }
    return Example(name, [order("2026-06-01"), *contacts], "2026-07-01", stands)


def seen(day: int, mode: str = "face_to_face", outcome: str = "complied", **options: Any) -> Any:
    return contact(f"C{day}", f"2026-06-{day:02}", outcome, mode=mode, **options)


MONTHS = [
    Example(
        "on the last day of a month nothing is missed yet",
        [order("2026-06-01")],
        "2026-06-30",
        {"ContactStandardMissed": []},
    ),
    month(
        "the day after it is",
        missed={"period_start": "2026-06-01", "period_end": "2026-06-30", "attended": 0, "excused": False},
    ),
    month("one face-to-face contact is enough", seen(30)),
    month("one on the first day of the month", seen(1)),
    month("one in the next month does not help", contact("C1", "2026-07-01"), missed={"attended": 0}),
    month(
        "E15: telephone never replaces", seen(2, "telephone"), seen(16, "telephone"), missed={"attended": 0}
    ),
    month("nor does the online check-in", seen(2, "online"), missed={"attended": 0}),
    month("a video contact counts", seen(2, "video"), video={"video": 1, "total": 1}),
    month(
        "E12: three of five by video are too many, the month is met",
        seen(1, "video"),
        seen(8, "video"),
        seen(15, "video"),
        seen(22),
        seen(29),
        video={"period_start": "2026-06-01", "period_end": "2026-06-30", "video": 3, "total": 5},
    ),
    month("E13: two of four are not", seen(1, "video"), seen(8, "video"), seen(15), seen(22)),
    month("telephone counts among all contacts", seen(1, "video"), seen(8, "telephone"), missed=None),
    month("an absence by video is no contact by video", seen(1, "video", "unacceptable_absence"), seen(8)),
    month(
        "a contact that is not of national standard does not count",
        seen(2, national_standard=False),
        missed={"attended": 0},
    ),
    month(
        "an unacceptable absence is no contact, and no excuse",
        seen(2, outcome="unacceptable_absence"),
        missed={"excused": False},
    ),
    month(
        "the only contact offered was excused",
        seen(2, outcome="acceptable_absence"),
        missed={"attended": 0, "excused": True},
    ),
    month(
        "excused and failed: two were offered, no excuse",
        seen(2, outcome="acceptable_absence"),
        seen(9, outcome="unacceptable_absence"),
        missed={"excused": False},
    ),
    month("excused once and seen once: met", seen(2, outcome="acceptable_absence"), seen(9)),
    month(
        "sent home by the service is not attended",
        seen(2, outcome="sent_home_service"),
        missed={"attended": 0},
    ),
    month(
        "rescheduled is not attended",
        seen(2, outcome="rescheduled_by_person"),
        missed={"attended": 0, "excused": False},
    ),
    Example(
        "E16: months anchored on 31 January 2027, clamped to the end of the month",
        [order("2027-01-31")],
        "2027-07-01",
        {
            "ContactStandardMissed": [
                {"period_start": "2027-01-31", "period_end": "2027-02-27"},
                {"period_start": "2027-02-28", "period_end": "2027-03-30"},
                {"period_start": "2027-03-31", "period_end": "2027-04-29"},
                {"period_start": "2027-04-30", "period_end": "2027-05-30"},
                {"period_start": "2027-05-31", "period_end": "2027-06-29"},
            ]
        },
    ),
    Example(
        "in a leap year the first ends on 28 February",
        [order("2028-01-31")],
        "2028-03-01",
        {"ContactStandardMissed": [{"period_start": "2028-01-31", "period_end": "2028-02-28"}]},
    ),
    Example(
        "anchored on 30 January of a common year",
        [order("2027-01-30")],
        "2027-03-30",
        {
            "ContactStandardMissed": [
                {"period_start": "2027-01-30", "period_end": "2027-02-27"},
                {"period_start": "2027-02-28", "period_end": "2027-03-29"},
            ]
        },
    ),
    Example(
        "E17: a contact of 20 February told of on 5 March restores the month",
        [order("2027-01-31"), contact("C1", "2027-02-20", recorded="2027-03-05")],
        "2027-03-05",
        {"ContactStandardMissed": []},
        {"ContactStandardMissed": ["corrected"]},
    ),
    Example(
        "a contact corrected to an absence opens the month again",
        [
            order("2027-01-31"),
            contact("C1", "2027-02-20"),
            contact("C1", "2027-02-20", "failed_to_comply", recorded="2027-03-05", id="c"),
        ],
        "2027-03-05",
        {"ContactStandardMissed": [JANUARY | {"excused": False}], "ContactMissed": [{"contact_id": "C1"}]},
    ),
    Example(
        "a contact moved to another month by a correction",
        [
            order("2027-01-31"),
            contact("C1", "2027-02-27"),
            contact("C1", "2027-02-28", recorded="2027-03-05", id="c"),
        ],
        "2027-03-31",
        {"ContactStandardMissed": [JANUARY]},
    ),
    Example(
        "a missed month becomes an excused one",
        [order("2027-01-31"), contact("C1", "2027-02-20", "acceptable_absence", recorded="2027-03-05")],
        "2027-03-05",
        {"ContactStandardMissed": [JANUARY | {"excused": True}]},
        {"ContactStandardMissed": ["superseded"]},
    ),
    Example(
        "the last part of a month is not tested",
        [order("2026-06-01", ends="2026-07-15")],
        "2026-09-01",
        {"ContactStandardMissed": [{"period_start": "2026-06-01"}]},
    ),
    Example(
        "nothing is tested after a revocation, and the broken month not at all",
        [order("2026-06-01"), revoked("2026-07-20")],
        "2026-12-01",
        {"ContactStandardMissed": [{"period_start": "2026-06-01"}]},
    ),
    Example(
        "nothing is tested after a death",
        [order("2026-06-01"), died("2026-06-20")],
        "2026-12-01",
        {"ContactStandardMissed": []},
    ),
    Example(
        "a year of twelve whole months has all of them tested",
        [order("2026-06-01")],
        "2027-12-01",
        {"ContactStandardMissed": [{}] * 12},
    ),
    Example(
        "an order made longer is tested on",
        [order("2026-06-01", ends="2026-06-30"), varied("2026-06-20", "2026-08-31")],
        "2026-10-01",
        {"ContactStandardMissed": [{"period_start": f"2026-0{m}-01"} for m in (6, 7, 8)]},
    ),
    Example(
        "a licence is anchored on the release",
        [prison_sentence("2025-01-06"), released("2026-06-10", "2026-12-09")],
        "2026-07-10",
        {
            "ContactStandardMissed": [
                {"sentence_id": "L1", "period_start": "2026-06-10", "period_end": "2026-07-09"}
            ]
        },
    ),
    Example(
        "nothing is tested in post-sentence supervision",
        [prison_sentence("2023-01-06"), released("2023-06-10", "2023-07-09", "2024-06-09")],
        "2024-07-10",
        {"ContactStandardMissed": [{"sentence_id": "L1", "period_end": "2023-07-09"}]},
    ),
    Example(
        "an order with unpaid work alone has no monthly standard",
        [order("2026-06-01", work())],
        "2026-09-01",
        {"ContactStandardMissed": []},
    ),
    Example(
        "one with a RAR beside it has",
        [order("2026-06-01", work(), rar())],
        "2026-07-01",
        {"ContactStandardMissed": [{}]},
    ),
    Example(
        "a contact for a sentence nobody knows says nothing until the sentence is told of",
        [contact("C1", "2026-06-10", "unacceptable_absence"), order("2026-06-01", recorded="2026-06-20")],
        "2026-06-20",
        {"ContactMissed": [{"contact_id": "C1", "missed_on": "2026-06-10"}]},
    ),
    Example(
        "and nothing at all while it is not",
        [contact("C1", "2026-06-10", "unacceptable_absence"), order("2026-06-01", sentence="S2")],
        "2026-06-20",
        {"ContactMissed": [], "AbsenceUndecided": [], "EnforcementActionRequired": []},
    ),
]


@pytest.mark.parametrize("example", [*MONTHS], ids=lambda e: e.name)
def test_a_month(example: Example) -> None:
    example.check()
