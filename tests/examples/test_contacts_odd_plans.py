"""Odd cases of plans, Reset and suspension: met on one day, told of late, happening twice (part 5)."""

import pytest

from tests.examples.case_facts import decision, plan, registered, suspension_requested
from tests.examples.contacts_facts import left, lifted, taken
from tests.examples.facts import (
    died,
    order,
    prison_sentence,
    released,
    requirement,
    revoked,
    risk,
    session,
    varied,
)
from tests.examples.play import Example
from tests.examples.test_contacts_edges import NAMELESS, SECOND, none_of
from tests.examples.test_contacts_follow_up import seen
from tests.examples.test_contacts_plans import MEDIUM, at, every, planned
from tests.examples.test_contacts_reset import case, licence, reset
from tests.examples.test_contacts_suspensions import AGREED, ASKED, SUSPENDED, no_longer
from tests.examples.test_contacts_suspensions import at as suspended_at

FLAGGED = registered("2024-08-05", "child_protection")

ODD_RESETS = [
    reset(
        "two registrations, one lifted: the other still exempts",
        case(FLAGGED, registered("2024-08-06", "mappa", "G2"), lifted("2024-12-02", "child_protection")),
        "2025-03-31",
    ),
    reset(
        "registered on the first day of the last third: not suspended",
        case(registered("2025-03-02", "child_protection")),
        "2025-03-31",
    ),
    reset(
        "lifted on that day: suspended",
        case(FLAGGED, lifted("2025-03-02", "child_protection")),
        "2025-03-31",
        "2025-03-02",
    ),
    reset(
        "registered for one day",
        case(registered("2025-04-14", "child_protection"), lifted("2025-04-15", "child_protection")),
        "2025-04-30",
        "2025-03-02",
        "2025-04-15",
        resumed="2025-04-14",
    ),
    reset(
        "a new sentence in the last third: contact is resumed",
        case(order("2025-04-14", sentence="S2", ends="2026-04-13")),
        "2025-05-31",
        "2025-03-02",
        resumed="2025-04-14",
    ),
    reset(
        "made longer in January, which is told of in the last third: it never was suspended",
        case(varied("2025-01-15", "2025-12-31", recorded="2025-04-14")),
        "2025-06-30",
    ),
    none_of(
        "dead before the last third, which is told of in it",
        "ContactSuspended",
        case(died("2025-02-10", recorded="2025-04-01")),
        "2025-04-30",
        "corrected",
    ),
    Example(
        "a follow-up that named no sentence",
        licence("2024-07-01", "2025-06-30", seen("2025-05-01", **NAMELESS)),
        "2025-05-31",
        {"ResetFollowUpDue": []},
        {"ResetFollowUpDue": ["resolved"]},
    ),
    Example(
        "suspended by the manager when Reset began: the manager's refusal brings no contact back",
        [
            risk("2023-06-01", rosh="low", needs=[]),
            prison_sentence("2022-12-05"),
            released("2023-06-05", "2023-12-04", "2024-12-04"),
            plan("2023-06-19", sentence="L1"),
            suspension_requested("2024-01-15"),
            decision("2024-01-15"),
            decision("2024-08-05", name="M2", approved=False),
        ],
        "2024-09-30",
        {
            "ContactResumed": [],
            "ContactPlanSet": [
                {"face_to_face_every_days": 7},
                {"face_to_face_every_days": 30},
                {"regime": "post_sentence_supervision"},
                {"regime": "suspended", "from": "2024-01-15"},
            ],
        },
    ),
    Example(
        "refused, asked for again, agreed to again",
        suspended_at(
            "low",
            ASKED,
            AGREED,
            no_longer("2024-02-14"),
            suspension_requested("2024-03-04", "Q2"),
            decision("2024-03-04", name="M3"),
        ),
        "2024-04-30",
        {
            "ContactSuspended": [SUSPENDED, SUSPENDED | {"from": "2024-03-04", "approval": "M3"}],
            "ContactResumed": [{"from": "2024-02-15"}],
        },
    ),
]

ODD_PLANS = [
    planned(
        "the other sentence's review ends with the other sentence",
        at(
            "medium",
            SECOND,
            plan("2026-07-15", sentence="S2", every=10),
            revoked("2026-08-10", sentence="S2"),
        ),
        "2026-08-31",
        *MEDIUM,
        *[plan | {"sentence_id": "S2"} for plan in MEDIUM],
        every(10, "2026-07-15"),
        every(10, "2026-07-15", sentence="S2"),
        {"sentence_id": "S1", "face_to_face_every_days": 14},
    ),
    planned(
        "risk rises while the person is held: weekly from the day of leaving",
        at("medium", taken("2026-08-03"), risk("2026-08-10", "A2", rosh="high"), left("2026-09-07")),
        "2026-09-30",
        *MEDIUM,
        every(None, "2026-08-03", "custody"),
        every(7, "2026-09-07"),
    ),
    planned(
        "requirements done under one sentence, the other still asks for a weekly contact",
        [
            risk("2024-12-20", rosh="high"),
            order("2025-01-06", requirement("drug_rehabilitation", 1, id="DR"), ends="2026-12-31"),
            order("2025-01-06", sentence="S2", ends="2026-12-31"),
            session("D1", "2025-03-03", "DR"),
        ],
        "2025-04-30",
        every(7, "2025-01-06"),
        every(7, "2025-01-06", sentence="S2"),
    ),
]


@pytest.mark.parametrize("example", [*ODD_RESETS, *ODD_PLANS], ids=lambda e: e.name)
def test_an_odd_plan(example: Example) -> None:
    example.check()
