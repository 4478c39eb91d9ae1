"""Odd cases of visits, contacts and first steps: recorded oddly, told of late, for no sentence (part 5)."""

from typing import Any

import pytest

from tests.examples.case_facts import (
    registered,
    transfer_accepted,
    transfer_requested,
)
from tests.examples.contacts_facts import allocated, left, lifted, taken
from tests.examples.facts import (
    Fact,
    contact,
    died,
    order,
    prison_sentence,
    released,
    scheduled,
    session,
)
from tests.examples.play import Example
from tests.examples.test_contacts_visits import DUE, FLAG, flagged, neither, stands, visited

ORDER = order("2026-06-01")
SECOND = order("2026-06-01", sentence="S2")


def none_of(name: str, type: str, facts: list[Fact], until: str, *withdrawn: str) -> Example:
    return Example(name, facts, until, {type: []}, {type: withdrawn})


ODD_VISITS = [
    *[
        stands(
            f"a call by {mode} recorded as a home visit is none",
            flagged(visited("2026-05-18", mode=mode)),
            "2026-06-03",
            [DUE],
            [DUE],
        )
        for mode in ("telephone", "video")
    ],
    Example(
        "a home visit counts as face-to-face contact of the month",
        [ORDER, visited("2026-06-15")],
        "2026-07-01",
        {"ContactStandardMissed": []},
    ),
    stands(
        "the home visit turns out to have been at the office",
        flagged(visited("2026-05-18"), contact("V1", "2026-05-18", recorded="2026-06-08", id="c")),
        "2026-06-08",
        [DUE],
        [DUE],
    ),
    Example(
        "the registration turns out to be for stalking",
        flagged(registered("2026-05-04", "stalking", recorded="2026-06-08", id="c")),
        "2026-06-30",
        {"HomeVisitRequired": [], "HomeVisitOverdue": []},
        {"HomeVisitRequired": ["corrected"], "HomeVisitOverdue": ["corrected"]},
    ),
    Example(
        "the lifting of 11 May is told of when the visit is overdue: it never was",
        flagged(registered("2026-05-11", active=False, recorded="2026-06-08")),
        "2026-06-30",
        {"HomeVisitRequired": [], "HomeVisitOverdue": []},
        {"HomeVisitOverdue": ["corrected"]},
    ),
    stands(
        "the lifting was an error",
        flagged(
            lifted("2026-05-11"),
            registered("2026-05-11", active=False, recorded="2026-06-08", id="c", voided=True),
        ),
        "2026-06-30",
        [DUE],
        [DUE],
    ),
    Example(
        "out of custody again, the visit becomes overdue after all",
        flagged(taken("2026-05-18"), left("2026-06-08")),
        "2026-11-30",
        {"HomeVisitRequired": [{"registration": "G1"}], "HomeVisitOverdue": [{"registration": "G1"}]},
    ),
    Example(
        "dead before the last day, which is told of after it",
        flagged(died("2026-05-20", recorded="2026-06-10")),
        "2026-06-30",
        {"HomeVisitRequired": [], "HomeVisitOverdue": []},
        {"HomeVisitOverdue": ["corrected"]},
    ),
    neither(
        "a registration after the order is over",
        [*allocated("2026-04-02", "2026-04-01", ends="2026-04-30"), FLAG],
    ),
]

NAMELESS: dict[str, Any] = {"sentence_id": None}

ODD_CONTACTS = [
    Example(
        "an appointment for both sentences without an outcome is overdue, once",
        [ORDER, SECOND, scheduled("C1", "2026-06-10", recorded="2026-06-02", **NAMELESS)],
        "2026-06-11",
        {"OutcomeOverdue": [{"contact_id": "C1", "scheduled_on": "2026-06-10"}]},
    ),
    Example(
        "a contact for both sentences that the person missed is a failure, once",
        [ORDER, SECOND, contact("C1", "2026-06-10", "unacceptable_absence", **NAMELESS)],
        "2026-06-11",
        {"ContactMissed": [{"contact_id": "C1", "missed_on": "2026-06-10"}]},
    ),
    Example(
        "one for both of which the reason is awaited is undecided, once",
        [ORDER, SECOND, contact("C1", "2026-06-10", "failed_to_attend", **NAMELESS)],
        "2026-06-11",
        {"AbsenceUndecided": [{"contact_id": "C1", "missed_on": "2026-06-10"}]},
    ),
    Example(
        "under one sentence a failure that names none is its own",
        [ORDER, contact("C1", "2026-06-10", "unacceptable_absence", **NAMELESS)],
        "2026-06-11",
        {"ContactMissed": [{"contact_id": "C1", "sentence_id": "S1"}]},
    ),
    Example(
        "who came in the hand-over and behaved so that they were sent home has failed",
        [
            ORDER,
            transfer_requested("2026-06-08"),
            contact("C1", "2026-06-15", "sent_home_behaviour"),
            transfer_accepted("2026-06-22"),
        ],
        "2026-06-30",
        {"ContactMissed": [{"contact_id": "C1", "outcome": "sent_home_behaviour"}]},
    ),
    *[
        none_of(
            f"an outcome of {day} for the appointment of {of}",
            "OutcomeOverdue",
            [ORDER, scheduled("C1", of, recorded="2026-06-02"), contact("C1", day)],
            "2026-10-01",
            *gone,
        )
        for of, day, gone in (
            ("2026-06-30", "2026-07-01", ("resolved",)),
            ("2026-06-10", "2026-08-12", ("resolved",)),
            ("2026-07-01", "2026-06-29", ()),
            ("2026-09-01", "2026-06-29", ()),
        )
    ],
    Example(
        "decided half an hour after midnight in London, the eve in Greenwich",
        [
            ORDER,
            contact("C1", "2026-06-10", "failed_to_attend"),
            contact(
                "C1", "2026-06-10", "unacceptable_absence", recorded="2026-06-15T23:30:00Z", id="decided"
            ),
        ],
        "2026-06-16",
        {"ContactMissed": [{"contact_id": "C1", "missed_on": "2026-06-10", "decided_on": "2026-06-16"}]},
    ),
    Example(
        "a session missed cannot be recorded in advance either",
        [
            ORDER,
            session("D1", "2026-06-10", outcome="unacceptable_absence", minutes=0, recorded="2026-06-08"),
        ],
        "2026-06-30",
        {"ContactMissed": [], "EnforcementActionRequired": []},
    ),
    none_of(
        "dead before the appointment, which is told of when it is overdue",
        "OutcomeOverdue",
        [
            ORDER,
            scheduled("C1", "2026-06-10", recorded="2026-06-02"),
            died("2026-06-08", recorded="2026-06-12"),
        ],
        "2026-06-30",
        "corrected",
    ),
]

ODD_STEPS = [
    none_of(
        "dead before the fifth day, which is told of after it",
        "InitialAppointmentOverdue",
        [ORDER, died("2026-06-05", recorded="2026-06-20")],
        "2026-06-30",
        "corrected",
    ),
    Example(
        "a death that was another person's: the first appointment is overdue after all",
        [ORDER, died("2026-06-05"), died("2026-06-05", recorded="2026-07-20", id="c", voided=True)],
        "2026-07-20",
        {
            "InitialAppointmentOverdue": [{"due_on": "2026-06-08"}],
            "ContactStandardMissed": [{"period_start": "2026-06-01"}],
        },
    ),
    Example(
        "out of custody again, the first appointment becomes overdue after all",
        [ORDER, taken("2026-06-03"), left("2026-06-10")],
        "2026-08-31",
        {"InitialAppointmentOverdue": [{"sentence_id": "S1"}]},
    ),
    Example(
        "a contact that names no sentence is no first one of a sentence yet to come",
        [ORDER, contact("C1", "2026-06-03", **NAMELESS), order("2026-06-15", sentence="S2")],
        "2026-06-30",
        {"InitialAppointmentOverdue": [{"sentence_id": "S2", "due_on": "2026-06-22"}]},
    ),
    Example(
        "first seen after the first release, not after the second",
        [
            prison_sentence("2025-01-06"),
            released("2026-06-10", "2027-12-09"),
            contact("I1", "2026-06-11", sentence_id="L1", kind="initial"),
            taken("2026-07-20", "recall", sentence="L1"),
            left("2026-09-07"),
            released("2026-09-07", "2027-12-09"),
        ],
        "2026-10-31",
        {"InitialAppointmentOverdue": [{"sentence_id": "L1", "due_on": "2026-09-08"}]},
    ),
]


@pytest.mark.parametrize("example", [*ODD_VISITS, *ODD_CONTACTS, *ODD_STEPS], ids=lambda e: e.name)
def test_an_odd_case(example: Example) -> None:
    example.check()
