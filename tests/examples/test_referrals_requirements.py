"""Activities, referrals and what is done: worked examples of RAR-3, 4 and 6."""

import pytest

from tests.examples.facts import (
    Fact,
    died,
    order,
    rar,
    requirement,
    revoked,
    session,
    varied,
    work,
    workdays,
)
from tests.examples.facts import contact as supervision
from tests.examples.play import Example


def days(count: int, first: str = "2026-06-08", requirement: str = "RAR") -> list[Fact]:
    return [session(f"D{n}", day, requirement) for n, day in enumerate(workdays(first, count), 1)]


ACTIVITIES = [
    Example(
        "E50: two activities and a supervision appointment on one day use one day",
        [
            order("2026-06-01", rar(20)),
            session("D1", "2026-06-08"),
            session("D2", "2026-06-08"),
            supervision("C1", "2026-06-08", requirement_id="RAR"),
        ],
        "2026-06-09",
        {
            "RarDayUsed": [{"requirement_id": "RAR", "date": "2026-06-08", "used": 1, "ordered": 20}],
            "RarLimitReached": [],
        },
    ),
    Example(
        "E50: on a twenty-first day the limit is reached",
        [order("2026-06-01", rar(20)), *days(21)],
        "2026-06-29",
        {
            "RarDayUsed": [
                {"date": day, "used": n, "ordered": 20} for n, day in enumerate(workdays("2026-06-08", 20), 1)
            ],
            "RarLimitReached": [{"requirement_id": "RAR", "session_id": "D21"}],
            "RequirementCompleted": [
                {"requirement_id": "RAR", "kind": "rar", "completed_on": "2026-06-27", "amount": 20}
            ],
        },
    ),
    Example(
        "a second activity on the last day does not reach it",
        [order("2026-06-01", rar(2)), *days(2), session("D3", "2026-06-09")],
        "2026-06-10",
        {"RarDayUsed": [{"used": 1}, {"used": 2}], "RarLimitReached": [], "RequirementCompleted": [{}]},
    ),
    Example(
        "a supervision appointment alone uses none",
        [order("2026-06-01", rar(20)), supervision("C1", "2026-06-08", requirement_id="RAR")],
        "2026-06-08",
        {"RarDayUsed": []},
    ),
    Example(
        "an activity missed uses none",
        [
            order("2026-06-01", rar(20)),
            session("D1", "2026-06-08", outcome="unacceptable_absence", minutes=0),
        ],
        "2026-06-08",
        {"RarDayUsed": [], "ContactMissed": [{"contact_id": "D1", "requirement_id": "RAR"}]},
    ),
    Example(
        "an activity that turns out a failure gives its day back",
        [
            order("2026-06-01", rar(20)),
            *days(2),
            session("D1", "2026-06-08", outcome="failed_to_comply", recorded="2026-06-10", id="c"),
        ],
        "2026-06-10",
        {"RarDayUsed": [{"date": "2026-06-09", "used": 1}], "ContactMissed": [{"contact_id": "D1"}]},
        {"RarDayUsed": ["corrected", "superseded"]},
    ),
    Example(
        "a day told of late is counted where it belongs",
        [
            order("2026-06-01", rar(1)),
            session("D2", "2026-06-09"),
            session("D1", "2026-06-08", recorded="2026-06-10"),
        ],
        "2026-06-10",
        {
            "RarDayUsed": [{"date": "2026-06-08", "used": 1}],
            "RarLimitReached": [{"session_id": "D2"}],
            "RequirementCompleted": [{"completed_on": "2026-06-08"}],
        },
    ),
    Example(
        "a RAR of no day is none",
        [order("2026-06-01", rar(0))],
        "2026-06-01",
        {"RequirementInvalid": [{"requirement_id": "RAR", "reason": "rar_below_1"}]},
    ),
    Example(
        "days done are kept when the court changes their number",
        [
            order("2026-06-01", rar(20)),
            *days(2),
            varied("2026-06-10", "2027-05-31", rar(3)),
            session("D3", "2026-06-11"),
        ],
        "2026-06-11",
        {
            "RarDayUsed": [{"used": 1}, {"used": 2}, {"used": 3, "ordered": 3}],
            "RequirementCompleted": [{"completed_on": "2026-06-11", "amount": 3}],
        },
    ),
]

DONE = [
    Example(
        "a programme is done when its sessions are",
        [
            order("2026-06-01", requirement("accredited_programme", 2, "AP", programme="TSP")),
            *days(2, requirement="AP"),
        ],
        "2026-06-09",
        {
            "RequirementCompleted": [
                {
                    "requirement_id": "AP",
                    "kind": "accredited_programme",
                    "completed_on": "2026-06-09",
                    "amount": 2,
                }
            ]
        },
    ),
    Example(
        "not when one is missing",
        [
            order("2026-06-01", requirement("accredited_programme", 2, "AP", programme="TSP")),
            *days(1, requirement="AP"),
        ],
        "2026-06-09",
        {"RequirementCompleted": [], "RarDayUsed": []},
    ),
    Example(
        "each requirement of an order is done by itself",
        [
            order("2026-06-01", rar(1), work(40)),
            session("D1", "2026-06-08"),
            *[session(f"U{n}", f"2026-06-{9 + n}", "UPW", minutes=1200) for n in (1, 2)],
        ],
        "2026-06-11",
        {
            "RequirementCompleted": [
                {"requirement_id": "RAR", "amount": 1},
                {"requirement_id": "UPW", "amount": 2400, "completed_on": "2026-06-11"},
            ]
        },
    ),
    Example(
        "a requirement done stays done when the order is revoked afterwards",
        [order("2026-06-01", rar(1)), session("D1", "2026-06-08"), revoked("2026-06-20")],
        "2026-06-21",
        {"RequirementCompleted": [{}], "SupervisionEnded": [{}]},
    ),
    Example(
        "nothing is done after a death",
        [order("2026-06-01", rar(1)), died("2026-06-05"), session("D1", "2026-06-08")],
        "2026-06-09",
        {"RequirementCompleted": [], "RarDayUsed": []},
    ),
    Example(
        "unpaid work is referred on the day of the sentence",
        [order("2026-06-01", work())],
        "2026-06-01",
        {
            "ReferralMade": [
                {"sentence_id": "S1", "requirement_id": "UPW", "kind": "unpaid_work", "made_on": "2026-06-01"}
            ]
        },
    ),
    Example(
        "a referral for a sentence that never happened is taken back",
        [
            order("2026-06-01", work()),
            order("2026-06-01", work(), recorded="2026-06-02", id="v", voided=True),
        ],
        "2026-06-02",
        {"ReferralMade": []},
        {"ReferralMade": ["corrected"]},
    ),
    Example(
        "women, young adults and others are named on the referral",
        [
            order(
                "2026-06-01",
                work(),
                person={"born_on": "2004-01-01", "sex": "female", "cohorts": ["young_adult"]},
            )
        ],
        "2026-06-01",
        {"ReferralMade": [{"cohorts": ["young_adult", "women"]}]},
    ),
]


@pytest.mark.parametrize("example", [*ACTIVITIES], ids=lambda e: e.name)
def test_days_of_activity(example: Example) -> None:
    example.check()


@pytest.mark.parametrize("example", [*DONE], ids=lambda e: e.name)
def test_a_requirement(example: Example) -> None:
    example.check()
