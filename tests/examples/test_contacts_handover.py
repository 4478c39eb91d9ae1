"""Contacts missed in a hand-over, and what custody does: worked examples of CONT-30 and part 5.

Another region is asked on 8 June 2026 and accepts on the 22nd.
"""

from typing import Any

import pytest

from tests.examples.case_facts import transfer_accepted, transfer_requested
from tests.examples.contacts_facts import left, taken
from tests.examples.facts import (
    Fact,
    contact,
    order,
    prison_sentence,
    released,
    risk,
    scheduled,
    work,
)
from tests.examples.play import Example

ORDER = order("2026-06-01")
ASKED, ACCEPTED = transfer_requested("2026-06-08"), transfer_accepted("2026-06-22")


def missed(day: str, outcome: str = "unacceptable_absence", **options: Any) -> Fact:
    return contact("C1", day, outcome, **options)


def offered(day: str, **options: Any) -> Fact:
    return scheduled("C1", day, **{"recorded": "2026-06-03"} | options)


def failure(name: str, *facts: Fact, until: str = "2026-07-31") -> Example:
    """The contact missed is a failure of the person."""
    found = {"ContactMissed": [{"contact_id": "C1"}], "EnforcementActionRequired": [{"contact_id": "C1"}]}
    return Example(name, [ORDER, *facts], until, found)


def service(name: str, *facts: Fact, until: str = "2026-07-31") -> Example:
    """The service's fault: nobody's failure."""
    return Example(name, [ORDER, *facts], until, {"ContactMissed": [], "EnforcementActionRequired": []})


HANDOVER = [
    service("missed in the hand-over without an appointment", ASKED, missed("2026-06-15"), ACCEPTED),
    service(
        "the person was not told of the appointment",
        offered("2026-06-15", notified=False),
        ASKED,
        missed("2026-06-15"),
        ACCEPTED,
    ),
    failure("the person was told of it", offered("2026-06-15"), ASKED, missed("2026-06-15"), ACCEPTED),
    failure(
        "told of the new time in the hand-over",
        ASKED,
        offered("2026-06-15", notified=False),
        offered("2026-06-17", recorded="2026-06-10", id="c"),
        missed("2026-06-17"),
        ACCEPTED,
    ),
    failure("missed before anybody asked for a hand-over", missed("2026-06-05"), ASKED, ACCEPTED),
    failure("missed after it", ASKED, ACCEPTED, missed("2026-06-24")),
    service("nobody has accepted yet", ASKED, missed("2026-06-15"), until="2026-06-16"),
    failure(
        "the other region had accepted, which is told of after the failure",
        ASKED,
        missed("2026-06-24"),
        transfer_accepted("2026-06-22", recorded="2026-06-30"),
    ),
    service(
        "the second of two hand-overs",
        ASKED,
        transfer_accepted("2026-06-10"),
        transfer_requested("2026-06-29", "T2"),
        missed("2026-07-06"),
        transfer_accepted("2026-07-13", "T2"),
    ),
    failure(
        "missed between two hand-overs",
        ASKED,
        transfer_accepted("2026-06-10"),
        missed("2026-06-17"),
        transfer_requested("2026-06-29", "T2"),
        transfer_accepted("2026-07-13", "T2"),
    ),
    failure(
        "the request was about another person",
        ASKED,
        missed("2026-06-15"),
        transfer_requested("2026-06-08", recorded="2026-06-17", id="c", voided=True),
    ),
    Example(
        "a hand-over told of after the failure: it was the service's",
        [ORDER, missed("2026-06-15"), transfer_requested("2026-06-08", recorded="2026-06-17")],
        "2026-06-30",
        {"ContactMissed": [], "EnforcementActionRequired": []},
        {"ContactMissed": ["corrected"]},
    ),
    Example(
        "excused in the hand-over is excused as ever",
        [ORDER, ASKED, missed("2026-06-15", "acceptable_absence"), ACCEPTED],
        "2026-06-30",
        {"ContactExcused": [{"contact_id": "C1", "acceptable_reason": "medical"}], "ContactMissed": []},
    ),
    Example(
        "attended in the hand-over counts as ever",
        [ORDER, ASKED, contact("C1", "2026-06-15"), ACCEPTED],
        "2026-07-01",
        {"ContactStandardMissed": []},
    ),
    Example(
        "a second failure in the hand-over is none: no breach",
        [
            order("2026-01-05", ends="2027-12-31"),
            contact("F1", "2026-05-18", "unacceptable_absence"),
            ASKED,
            missed("2026-06-15"),
            ACCEPTED,
        ],
        "2026-06-30",
        {"ContactMissed": [{"contact_id": "F1"}], "BreachRequired": []},
    ),
]

MEDIUM = risk("2026-05-20")
JUNE = {"period_start": "2026-06-01", "period_end": "2026-06-30"}


def held(since: str, until: str | None, name: str = "K1") -> list[Fact]:
    return [taken(since, name=name), *([left(until, name)] if until else [])]


def spans(name: str, facts: list[Fact], until: str, *stretches: tuple[str, str | None]) -> Example:
    """In custody from a day to another."""
    on = {"sentence_id": "S1", "ground": "custody"}
    return Example(
        name,
        [ORDER, *facts],
        until,
        {
            "ContactSuspended": [on | {"from": first} for first, _ in stretches],
            "ContactResumed": [on | {"from": last} for _, last in stretches if last],
        },
    )


CUSTODY = [
    spans("remanded: contact is suspended", held("2026-08-03", None), "2026-08-03", ("2026-08-03", None)),
    spans(
        "and resumed on leaving", held("2026-08-03", "2026-09-07"), "2026-09-07", ("2026-08-03", "2026-09-07")
    ),
    spans(
        "two stays that overlap are one suspension",
        [*held("2026-08-03", "2026-09-07"), *held("2026-08-20", "2026-10-01", "K2")],
        "2026-10-31",
        ("2026-08-03", "2026-10-01"),
    ),
    spans(
        "two that do not are two",
        [*held("2026-08-03", "2026-08-10"), *held("2026-09-01", "2026-09-15", "K2")],
        "2026-10-31",
        ("2026-08-03", "2026-08-10"),
        ("2026-09-01", "2026-09-15"),
    ),
    spans(
        "held since before the sentence: from its first day",
        held("2026-05-11", "2026-06-15"),
        "2026-06-30",
        ("2026-06-01", "2026-06-15"),
    ),
    spans("out before the sentence: nothing", held("2026-05-11", "2026-05-29"), "2026-06-30"),
    Example(
        "nobody fails in custody",
        [ORDER, *held("2026-06-08", "2026-06-22"), missed("2026-06-15")],
        "2026-06-30",
        {"ContactMissed": [], "EnforcementActionRequired": []},
    ),
    Example(
        "custody that is told of later takes the failure back",
        [ORDER, missed("2026-06-15"), taken("2026-06-08", recorded="2026-06-17")],
        "2026-06-30",
        {"ContactMissed": []},
        {"ContactMissed": ["corrected"]},
    ),
    Example(
        "the month in custody is excused",
        [ORDER, taken("2026-06-01")],
        "2026-07-01",
        {"ContactStandardMissed": [JUNE | {"excused": True}]},
    ),
    Example(
        "the month before is not",
        [ORDER, taken("2026-07-06")],
        "2026-07-06",
        {"ContactStandardMissed": [JUNE | {"excused": False}]},
    ),
    Example(
        "a stay told of late labels the missed month",
        [ORDER, taken("2026-06-01", recorded="2026-07-06")],
        "2026-07-06",
        {"ContactStandardMissed": [JUNE | {"excused": True}]},
        {"ContactStandardMissed": ["superseded"]},
    ),
    Example(
        "recalled, and released to nothing but the rest of the licence",
        [
            MEDIUM,
            prison_sentence("2025-01-06"),
            released("2026-06-10", "2027-12-09"),
            taken("2026-07-20", "recall", sentence="L1"),
            left("2026-09-07"),
            released("2026-09-07", "2027-12-09"),
        ],
        "2026-09-30",
        {"ContactSuspended": [{"sentence_id": "L1", "from": "2026-07-20", "ground": "custody"}]},
    ),
    Example(
        "Reset begins while the person is held: out of custody contact stays suspended",
        [
            risk("2024-06-20"),
            order("2024-07-01", ends="2025-06-30"),
            taken("2025-02-10"),
            left("2025-04-14"),
        ],
        "2025-04-30",
        {
            "ContactPlanSet": [
                {"face_to_face_every_days": 7, "from": "2024-07-01"},
                {"face_to_face_every_days": 14, "from": "2024-07-29"},
                {"regime": "custody", "from": "2025-02-10"},
                {"regime": "suspended", "face_to_face_every_days": None, "from": "2025-04-14"},
            ]
        },
    ),
    Example(
        "unpaid work alone: in custody, and out of it",
        [order("2026-06-01", work()), *held("2026-08-03", "2026-09-07")],
        "2026-09-30",
        {
            "ContactPlanSet": [
                {"regime": "unpaid_work_only", "from": "2026-06-01"},
                {"regime": "custody", "from": "2026-08-03"},
                {"regime": "unpaid_work_only", "from": "2026-09-07"},
            ]
        },
    ),
]


@pytest.mark.parametrize("example", [*HANDOVER, *CUSTODY], ids=lambda e: e.name)
def test_a_handover_or_custody(example: Example) -> None:
    example.check()
