"""Unpaid work: worked examples of UPW-1, 2, 6, 7, 12 to 14 and 18."""

from typing import Any

import pytest

from tests.examples.facts import (
    Fact,
    employment_need,
    order,
    revoked,
    session,
    work,
)
from tests.examples.play import Example


def learning(name: str, day: str, minutes: int = 600, **options: Any) -> Fact:
    return session(name, day, "UPW", activity="employment_training_education", minutes=minutes, **options)


def start(name: str, sentenced: str, due: str, day_after: str) -> list[Example]:
    facts = [order(sentenced, work())]
    overdue = [{"sentence_id": "S1", "requirement_id": "UPW", "due_on": due}]
    return [
        Example(f"{name}: not yet", facts, due, {"UnpaidWorkStartOverdue": []}),
        Example(f"{name}: overdue the day after", facts, day_after, {"UnpaidWorkStartOverdue": overdue}),
        Example(
            f"{name}: begun on the last day",
            [*facts, session("U1", due, "UPW")],
            day_after,
            {
                "UnpaidWorkStartOverdue": [],
                "InterventionStarted": [{"requirement_id": "UPW", "started_on": due}],
            },
        ),
    ]


BEGUN = [
    *start("E38: sentenced on Christmas Eve 2026", "2026-12-24", "2027-01-26", "2027-01-27"),
    *start("sentenced on Maundy Thursday 2026", "2026-04-02", "2026-05-05", "2026-05-06"),
    Example(
        "a session missed is no start",
        [order("2026-06-01", work()), session("U1", "2026-06-10", "UPW", "unacceptable_absence", minutes=0)],
        "2026-06-30",
        {
            "InterventionStarted": [],
            "UnpaidWorkStartOverdue": [{"due_on": "2026-06-29"}],
            "UnpaidWorkCredited": [],
        },
    ),
    Example(
        "begun late it stays overdue",
        [order("2026-06-01", work()), session("U1", "2026-07-06", "UPW")],
        "2026-07-06",
        {"UnpaidWorkStartOverdue": [{}], "InterventionStarted": [{"started_on": "2026-07-06"}]},
    ),
    Example(
        "told of late, it was begun in time",
        [order("2026-06-01", work()), session("U1", "2026-06-29", "UPW", recorded="2026-07-06")],
        "2026-07-06",
        {"UnpaidWorkStartOverdue": [], "InterventionStarted": [{"started_on": "2026-06-29"}]},
        {"UnpaidWorkStartOverdue": ["corrected"]},
    ),
    Example(
        "an earlier session told of later moves the start",
        [
            order("2026-06-01", work()),
            session("U2", "2026-06-12", "UPW"),
            session("U1", "2026-06-10", "UPW", recorded="2026-06-15"),
        ],
        "2026-06-15",
        {
            "InterventionStarted": [{"started_on": "2026-06-10"}],
            "UnpaidWorkCredited": [
                {
                    "session_id": "U1",
                    "minutes": 420,
                    "worked_minutes": 420,
                    "ordered_minutes": 6000,
                    "as": "work",
                },
                {"session_id": "U2", "minutes": 420, "worked_minutes": 840},
            ],
        },
        {"InterventionStarted": ["superseded"]},
    ),
    Example(
        "nothing is overdue after the order ended",
        [order("2026-06-01", work()), revoked("2026-06-15")],
        "2026-08-01",
        {"UnpaidWorkStartOverdue": []},
    ),
]

HOURS = [
    Example(
        "39 hours are too few",
        [order("2026-06-01", work(39))],
        "2026-06-01",
        {"RequirementInvalid": [{"requirement_id": "UPW", "sentence_id": "S1", "reason": "hours_below_40"}]},
    ),
    Example("40 hours are not", [order("2026-06-01", work(40))], "2026-06-01", {"RequirementInvalid": []}),
    Example(
        "300 hours are not too many",
        [order("2026-06-01", work(300))],
        "2026-06-01",
        {"RequirementInvalid": []},
    ),
    Example(
        "301 hours are",
        [order("2026-06-01", work(301))],
        "2026-06-01",
        {"RequirementInvalid": [{"reason": "hours_above_300"}]},
    ),
    Example(
        "200 and 100 of one occasion are 300: not too many",
        [order("2026-06-01", work(200)), order("2026-06-01", work(100, "UPW2"), sentence="S2")],
        "2026-06-01",
        {"RequirementInvalid": []},
    ),
    Example(
        "200 and 200 concurrent are 200",
        [order("2026-06-01", work(200)), order("2026-06-01", work(200, "UPW2", "UPW"), sentence="S2")],
        "2026-06-01",
        {"RequirementInvalid": []},
    ),
    Example(
        "200 and 200 of two occasions are allowed",
        [order("2026-06-01", work(200)), order("2026-06-02", work(200, "UPW2"), sentence="S2")],
        "2026-06-02",
        {"RequirementInvalid": []},
    ),
    Example(
        "E43: at 20 per cent 30 of 150 hours may be learning",
        [
            order("2024-01-08", work(150)),
            employment_need("2024-01-08"),
            *[learning(f"E{n}", f"2024-01-{9 + n}") for n in range(1, 5)],
        ],
        "2024-01-31",
        {
            "UnpaidWorkCredited": [
                {
                    "session_id": f"E{n}",
                    "minutes": 600,
                    "as": "employment_training_education",
                    "worked_minutes": 600 * n,
                }
                for n in range(1, 4)
            ],
            "EmploymentCapExceeded": [{"requirement_id": "UPW", "session_id": "E4", "cap_minutes": 1800}],
        },
    ),
    Example(
        "E43: of 45 hours nine, and what goes over is not credited",
        [
            order("2024-01-08", work(45)),
            employment_need("2024-01-08"),
            learning("E1", "2024-01-10"),
            session("U1", "2024-01-11", "UPW"),
        ],
        "2024-01-31",
        {
            "UnpaidWorkCredited": [
                {"session_id": "E1", "minutes": 540, "worked_minutes": 540},
                {"session_id": "U1", "minutes": 420, "worked_minutes": 960, "ordered_minutes": 2700},
            ],
            "EmploymentCapExceeded": [{"session_id": "E1", "cap_minutes": 540}],
        },
    ),
    Example(
        "E43: at 30 per cent 45 of 150 hours, from May 2024",
        [
            order("2024-05-01", work(150)),
            employment_need("2024-05-01"),
            *[learning(f"E{n}", f"2024-05-{9 + n}") for n in range(1, 6)],
        ],
        "2024-05-31",
        {
            "UnpaidWorkCredited": [
                {"session_id": "E1", "minutes": 600},
                {"session_id": "E2", "minutes": 600},
                {"session_id": "E3", "minutes": 600},
                {"session_id": "E4", "minutes": 600},
                {"session_id": "E5", "minutes": 300, "worked_minutes": 2700},
            ],
            "EmploymentCapExceeded": [{"session_id": "E5", "cap_minutes": 2700}],
        },
    ),
    Example(
        "just the share is not over it",
        [order("2024-01-08", work(50)), employment_need("2024-01-08"), learning("E1", "2024-01-10")],
        "2024-01-31",
        {"UnpaidWorkCredited": [{"minutes": 600}], "EmploymentCapExceeded": []},
    ),
    Example(
        "sent home by the service: the minutes worked are credited",
        [order("2026-06-01", work()), session("U1", "2026-06-10", "UPW", "sent_home_service", minutes=90)],
        "2026-06-10",
        {"UnpaidWorkCredited": [{"session_id": "U1", "minutes": 90}], "ContactMissed": []},
    ),
    Example(
        "stood down: nothing is credited and nothing missed",
        [
            order("2026-06-01", work()),
            session(
                "U1", "2026-06-10", "UPW", "acceptable_absence", acceptable_reason="stood_down", minutes=0
            ),
        ],
        "2026-06-10",
        {"UnpaidWorkCredited": [], "ContactMissed": []},
    ),
    Example(
        "no more is credited than is left, and then it is done",
        [
            order("2026-06-01", work(40)),
            *[session(f"U{n}", f"2026-06-{9 + n}", "UPW", minutes=900) for n in range(1, 4)],
        ],
        "2026-06-12",
        {
            "UnpaidWorkCredited": [
                {"session_id": "U1", "minutes": 900, "worked_minutes": 900},
                {"session_id": "U2", "minutes": 900, "worked_minutes": 1800},
                {"session_id": "U3", "minutes": 600, "worked_minutes": 2400, "ordered_minutes": 2400},
            ],
            "RequirementCompleted": [
                {
                    "requirement_id": "UPW",
                    "sentence_id": "S1",
                    "kind": "unpaid_work",
                    "completed_on": "2026-06-12",
                    "amount": 2400,
                }
            ],
        },
    ),
    Example(
        "nothing is credited before the sentence or after the end",
        [
            order("2026-06-01", work(), ends="2026-07-31"),
            session("U0", "2026-05-31", "UPW", recorded="2026-06-02"),
            session("U1", "2026-07-31", "UPW"),
            session("U2", "2026-08-01", "UPW"),
        ],
        "2026-08-02",
        {"UnpaidWorkCredited": [{"session_id": "U1", "worked_minutes": 420}]},
    ),
    Example(
        "a session taken back is taken off, and what was done is not",
        [
            order("2026-06-01", work(40)),
            *[session(f"U{n}", f"2026-06-{9 + n}", "UPW", minutes=900) for n in range(1, 4)],
            session("U1", "2026-06-10", "UPW", minutes=900, recorded="2026-06-15", id="v", voided=True),
        ],
        "2026-06-15",
        {
            "UnpaidWorkCredited": [
                {"session_id": "U2", "worked_minutes": 900},
                {"session_id": "U3", "minutes": 900, "worked_minutes": 1800},
            ],
            "RequirementCompleted": [],
        },
        {"RequirementCompleted": ["corrected"]},
    ),
    Example(
        "a period of twelve months that ended before the law changed: back to court",
        [order("2025-02-03", work(), ends="2026-08-02")],
        "2026-02-03",
        {
            "ReturnToCourtRequired": [
                {"requirement_id": "UPW", "sentence_id": "S1", "options": ["revoke_and_resentence", "extend"]}
            ]
        },
    ),
    Example(
        "not on its last day",
        [order("2025-02-03", work(), ends="2026-08-02")],
        "2026-02-02",
        {"ReturnToCourtRequired": []},
    ),
    Example(
        "twelve months beginning on 29 February 2024 end on 28 February 2025",
        [order("2024-02-29", work(), ends="2025-08-02")],
        "2025-03-01",
        {"ReturnToCourtRequired": [{}]},
    ),
    Example(
        "and not before",
        [order("2024-02-29", work(), ends="2025-08-02")],
        "2025-02-28",
        {"ReturnToCourtRequired": []},
    ),
    Example(
        "after the law changed the order's end is the limit",
        [order("2025-06-02", work(), ends="2026-12-01")],
        "2026-07-01",
        {"ReturnToCourtRequired": []},
    ),
    Example(
        "an order quashed has nobody return to court",
        [order("2025-02-03", work(), ends="2026-08-02"), revoked("2026-03-02", "quashed")],
        "2026-03-03",
        {"ReturnToCourtRequired": []},
        {"ReturnToCourtRequired": ["ended"]},
    ),
]


@pytest.mark.parametrize("example", [*BEGUN], ids=lambda e: e.name)
def test_the_start_of_unpaid_work(example: Example) -> None:
    example.check()


@pytest.mark.parametrize("example", [*HOURS], ids=lambda e: e.name)
def test_hours_of_unpaid_work(example: Example) -> None:
    example.check()
