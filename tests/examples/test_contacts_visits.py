"""Home visits: worked examples of CONT-7 and 8.

The order of 1 April 2026 was allocated on the 2nd. Monday 4 May and Monday 25 May 2026 are bank holidays:
from 4 May, twenty business days are over on Tuesday 2 June.
"""

from typing import Any

import pytest

from tests.examples.case_facts import registered
from tests.examples.contacts_facts import allocated, left, lifted, taken
from tests.examples.facts import Fact, contact, died, order, practitioner, revoked, risk
from tests.examples.play import Example

DUE = {"sentence_id": "S1", "registration": "G1", "due_on": "2026-06-02"}
FLAG = registered("2026-05-04")


def flagged(*facts: Fact, rosh: str = "low") -> list[Fact]:
    """Domestic abuse registered on 4 May 2026."""
    return [*allocated("2026-04-02", "2026-04-01", rosh=rosh), FLAG, *facts]


def two(*facts: Fact) -> list[Fact]:
    """The same under a second sentence of that day."""
    [po, first, known] = allocated("2026-04-02", "2026-04-01")
    return [po, first, order("2026-04-01", sentence="S2"), known, FLAG, *facts]


def visited(day: str, outcome: str = "complied", name: str = "V1", **options: Any) -> Fact:
    return contact(name, day, outcome, kind="home_visit", **options)


def stands(
    name: str, facts: list[Fact], until: str, required: list[dict[str, Any]], overdue: list[dict[str, Any]]
) -> Example:
    return Example(name, facts, until, {"HomeVisitRequired": required, "HomeVisitOverdue": overdue})


def due(name: str, facts: list[Fact], until: str, on: str) -> Example:
    """Required and not overdue."""
    return stands(name, facts, until, [DUE | {"due_on": on}], [])


def neither(name: str, facts: list[Fact], until: str = "2026-06-30") -> Example:
    return stands(name, facts, until, [], [])


VISITS = [
    due("E18: low, domestic abuse registered on a bank holiday", flagged(), "2026-05-04", "2026-06-02"),
    *[
        due(f"and at {words} risk", flagged(rosh=words.replace(" ", "_")), "2026-05-04", "2026-06-02")
        for words in ("medium", "high", "very high")
    ],
    due(
        "registered on the Tuesday after it: a day later",
        [*allocated("2026-04-02", "2026-04-01"), registered("2026-05-05")],
        "2026-05-05",
        "2026-06-03",
    ),
    due(
        "for child protection as well",
        [*allocated("2026-04-02", "2026-04-01"), registered("2026-05-04", "child_protection")],
        "2026-05-04",
        "2026-06-02",
    ),
    *[
        neither(f"not for {kind}", [*allocated("2026-04-02", "2026-04-01"), registered("2026-05-04", kind)])
        for kind in (
            "mappa",
            "stalking",
            "intensive_supervision_court",
            "national_security_division",
        )
    ],
    due(
        "registered long before the sentence: from the allocation",
        [registered("2025-03-03"), *allocated()],
        "2026-06-02",
        "2026-06-30",
    ),
    due(
        "allocated at one minute to midnight in London in summer",
        [registered("2025-03-03"), *allocated(recorded="2026-06-08T22:59:00Z")],
        "2026-06-09",
        "2026-07-06",
    ),
    due(
        "and at a quarter past: from the next day, though it is not yet midnight in Greenwich",
        [registered("2025-03-03"), *allocated(recorded="2026-06-08T23:15:00Z")],
        "2026-06-09",
        "2026-07-07",
    ),
    neither(
        "a registration that takes effect in a fortnight asks for nothing yet",
        [*allocated(), registered("2026-06-15", recorded="2026-06-03")],
        "2026-06-14",
    ),
    due(
        "on that day it does",
        [*allocated(), registered("2026-06-15", recorded="2026-06-03")],
        "2026-06-15",
        "2026-07-13",
    ),
    stands("on the last day the visit is not overdue", flagged(), "2026-06-02", [DUE], []),
    stands("the day after it is, and still required", flagged(), "2026-06-03", [DUE], [DUE]),
    Example(
        "visited on the last day: done, and never overdue",
        flagged(visited("2026-06-02")),
        "2026-06-30",
        {"HomeVisitRequired": [], "HomeVisitOverdue": []},
        {"HomeVisitRequired": ["resolved"], "HomeVisitOverdue": []},
    ),
    Example(
        "visited a day late: done, and it stays overdue",
        flagged(visited("2026-06-03")),
        "2026-06-30",
        {"HomeVisitRequired": [], "HomeVisitOverdue": [DUE]},
        {"HomeVisitRequired": ["resolved"]},
    ),
    Example(
        "the visit of the last day told of a week later: it never was overdue",
        flagged(visited("2026-06-02", recorded="2026-06-09")),
        "2026-06-30",
        {"HomeVisitRequired": [], "HomeVisitOverdue": []},
        {"HomeVisitRequired": ["resolved"], "HomeVisitOverdue": ["corrected"]},
    ),
    *[
        stands(
            f"the visit was {words}: none took place",
            flagged(visited("2026-05-18", outcome)),
            "2026-06-03",
            [DUE],
            [DUE],
        )
        for words, outcome in (
            ("missed without a reason", "unacceptable_absence"),
            ("missed for a good reason", "acceptable_absence"),
            ("put off by the service", "rescheduled_by_service"),
        )
    ],
    stands(
        "seen at the office only",
        flagged(contact("C1", "2026-05-18")),
        "2026-06-03",
        [DUE],
        [DUE],
    ),
    Example(
        "the visit turns out to have been another person's: required again, and overdue",
        flagged(visited("2026-05-18"), visited("2026-05-18", recorded="2026-06-08", id="c", voided=True)),
        "2026-06-08",
        {"HomeVisitRequired": [DUE], "HomeVisitOverdue": [DUE]},
    ),
    Example(
        "the visit turns out to have been missed",
        flagged(
            visited("2026-05-18"),
            visited("2026-05-18", "unacceptable_absence", recorded="2026-06-08", id="c"),
        ),
        "2026-06-08",
        {"HomeVisitRequired": [DUE], "HomeVisitOverdue": [DUE], "ContactMissed": [{"contact_id": "V1"}]},
    ),
    Example(
        "the registration was lifted on the last day: no longer required",
        flagged(lifted("2026-06-02")),
        "2026-06-30",
        {"HomeVisitRequired": [], "HomeVisitOverdue": []},
        {"HomeVisitRequired": ["resolved"]},
    ),
    stands(
        "lifted when it was overdue: it stays overdue, and is required no longer",
        flagged(lifted("2026-06-08")),
        "2026-06-30",
        [],
        [DUE],
    ),
    stands(
        "lifted, and added again on 1 June: twenty business days from then",
        flagged(lifted("2026-05-11"), registered("2026-06-01")),
        "2026-06-29",
        [DUE | {"due_on": "2026-06-29"}],
        [],
    ),
    stands(
        "and overdue on 30 June",
        flagged(lifted("2026-05-11"), registered("2026-06-01")),
        "2026-06-30",
        [DUE | {"due_on": "2026-06-29"}],
        [DUE | {"due_on": "2026-06-29"}],
    ),
    Example(
        "the registration was another person's",
        flagged(registered("2026-05-04", recorded="2026-06-08", id="c", voided=True)),
        "2026-06-30",
        {"HomeVisitRequired": [], "HomeVisitOverdue": []},
        {"HomeVisitRequired": ["corrected"], "HomeVisitOverdue": ["corrected"]},
    ),
    stands(
        "two registrations, each with its own day",
        flagged(registered("2026-05-11", "child_protection", "G2")),
        "2026-05-31",
        [DUE, {"registration": "G2", "due_on": "2026-06-09"}],
        [],
    ),
    neither(
        "one visit after both is enough",
        flagged(registered("2026-05-11", "child_protection", "G2"), visited("2026-05-20")),
    ),
    stands(
        "two sentences: a visit for one is none for the other",
        two(visited("2026-05-20")),
        "2026-06-30",
        [DUE | {"sentence_id": "S2"}],
        [DUE | {"sentence_id": "S2"}],
    ),
    neither(
        "one that names no sentence is for both",
        two(visited("2026-05-20", sentence_id=None)),
    ),
    Example(
        "the person died before the visit",
        flagged(died("2026-05-18")),
        "2026-06-30",
        {"HomeVisitRequired": [], "HomeVisitOverdue": []},
        {"HomeVisitRequired": ["ended"]},
    ),
    Example(
        "the order was revoked on the day on which the visit was due",
        flagged(revoked("2026-06-02")),
        "2026-06-30",
        {"HomeVisitRequired": [], "HomeVisitOverdue": []},
        {"HomeVisitRequired": ["ended"]},
    ),
    stands(
        "revoked a day after it was overdue: that stays on record",
        flagged(revoked("2026-06-04")),
        "2026-06-30",
        [],
        [DUE],
    ),
    Example(
        "in custody over the last day: the visit is not overdue",
        flagged(taken("2026-05-18")),
        "2026-06-30",
        {"HomeVisitOverdue": []},
    ),
    Example(
        "out of custody on the last day of April: what is registered in May is due as ever",
        [*allocated("2026-04-02", "2026-04-01"), taken("2026-04-13"), left("2026-04-30"), FLAG],
        "2026-06-03",
        {"HomeVisitRequired": [DUE], "HomeVisitOverdue": [DUE]},
    ),
]

LATE_ALLOCATION = [
    due(
        "registered on 1 June, allocated on 10 June: from the allocation",
        [practitioner(day="2020-01-01"), order("2026-06-01"), registered("2026-06-01"), risk("2026-06-10")],
        "2026-06-10",
        "2026-07-08",
    ),
    due(
        "allocated on 2 June, registered on 10 June: from the registration",
        [*allocated(), registered("2026-06-10")],
        "2026-06-10",
        "2026-07-08",
    ),
]


@pytest.mark.parametrize("example", [*VISITS, *LATE_ALLOCATION], ids=lambda e: e.name)
def test_a_home_visit(example: Example) -> None:
    example.check()
