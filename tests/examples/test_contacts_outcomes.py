"""What an outcome means: worked examples of CONT-12 and 14 and UPW-12."""

from typing import Any

import pytest

from tests.examples.facts import (
    contact,
    order,
    revoked,
    scheduled,
    session,
    work,
)
from tests.examples.play import Example


def result(name: str, given: str, type: str | None, **found: Any) -> Example:
    """What one outcome gives."""
    options = {"acceptable_reason": found.pop("reason")} if "reason" in found else {}
    stands: dict[str, list[dict[str, Any]]] = {
        "ContactMissed": [],
        "ContactExcused": [],
        "AbsenceUndecided": [],
    }
    if type:
        stands[type] = [{"contact_id": "C1", "sentence_id": "S1", "missed_on": "2026-06-10"} | found]
    facts = [order("2026-06-01"), contact("C1", "2026-06-10", given, **options)]
    return Example(name, facts, "2026-06-10", stands)


OUTCOMES = [
    result("complied", "complied", None),
    result("failed to comply", "failed_to_comply", "ContactMissed", outcome="failed_to_comply"),
    result("sent home for behaviour", "sent_home_behaviour", "ContactMissed", outcome="sent_home_behaviour"),
    result("unacceptable absence", "unacceptable_absence", "ContactMissed", outcome="unacceptable_absence"),
    result("failed to attend is undecided", "failed_to_attend", "AbsenceUndecided"),
    result("medical", "acceptable_absence", "ContactExcused", reason="medical"),
    result("sent home by the service", "sent_home_service", None),
    result("rescheduled by the service", "rescheduled_by_service", None),
    result("rescheduled by the person", "rescheduled_by_person", None),
    result("suspended", "suspended", None),
    result("warrant outstanding", "warrant_outstanding", None),
    *[
        Example(
            f"an absence for {reason}",
            [
                order("2026-06-01"),
                contact("C1", "2026-06-10", "acceptable_absence", acceptable_reason=reason),
            ],
            "2026-06-10",
            {
                "ContactExcused": [{"acceptable_reason": reason, "missed_on": "2026-06-10"}],
                "ContactMissed": [],
            },
        )
        for reason in (
            "employment",
            "family",
            "court",
            "holiday",
            "religious",
            "in_custody",
            "stood_down",
            "other",
        )
    ],
    Example(
        "a failure that is not of national standard is not enforceable",
        [order("2026-06-01"), contact("C1", "2026-06-10", "unacceptable_absence", national_standard=False)],
        "2026-06-20",
        {"ContactMissed": [], "EnforcementActionRequired": []},
    ),
    Example(
        "an undecided absence decided as a failure",
        [
            order("2026-06-01"),
            contact("C1", "2026-06-10", "failed_to_attend"),
            contact("C1", "2026-06-10", "unacceptable_absence", recorded="2026-06-12", id="decided"),
        ],
        "2026-06-12",
        {"AbsenceUndecided": [], "ContactMissed": [{"contact_id": "C1"}]},
        {"AbsenceUndecided": ["resolved"]},
    ),
    Example(
        "an undecided absence decided as acceptable",
        [
            order("2026-06-01"),
            contact("C1", "2026-06-10", "failed_to_attend"),
            contact("C1", "2026-06-10", "acceptable_absence", recorded="2026-06-12", id="decided"),
        ],
        "2026-06-12",
        {"AbsenceUndecided": [], "ContactExcused": [{"contact_id": "C1"}], "ContactMissed": []},
        {"AbsenceUndecided": ["resolved"]},
    ),
    Example(
        "a failure taken back",
        [
            order("2026-06-01"),
            contact("C1", "2026-06-10", "unacceptable_absence"),
            contact("C1", "2026-06-10", "complied", recorded="2026-06-12", id="c"),
        ],
        "2026-06-12",
        {"ContactMissed": []},
        {"ContactMissed": ["corrected"]},
    ),
    Example(
        "a failure that never happened (another person's)",
        [
            order("2026-06-01"),
            contact("C1", "2026-06-10", "unacceptable_absence"),
            contact("C1", "2026-06-10", "unacceptable_absence", recorded="2026-06-12", id="c", voided=True),
        ],
        "2026-06-12",
        {"ContactMissed": []},
        {"ContactMissed": ["corrected"]},
    ),
    Example(
        "another kind of failure supersedes the first",
        [
            order("2026-06-01"),
            contact("C1", "2026-06-10", "unacceptable_absence"),
            contact("C1", "2026-06-10", "failed_to_comply", recorded="2026-06-12", id="c"),
        ],
        "2026-06-12",
        {"ContactMissed": [{"outcome": "failed_to_comply"}]},
        {"ContactMissed": ["superseded"]},
    ),
    Example(
        "a correction that arrives before what it corrects",
        [
            order("2026-06-01"),
            contact("C1", "2026-06-10", "complied", recorded="2026-06-12", id="newer"),
            contact("C1", "2026-06-10", "unacceptable_absence", recorded="2026-06-11", id="older"),
        ],
        "2026-06-13",
        {"ContactMissed": []},
        {"ContactMissed": []},
    ),
    Example(
        "supervision ends while an absence is undecided",
        [order("2026-06-01"), contact("C1", "2026-06-10", "failed_to_attend"), revoked("2026-06-12")],
        "2026-06-13",
        {"AbsenceUndecided": []},
        {"AbsenceUndecided": ["ended"]},
    ),
    Example(
        "a failure stays on record when supervision ends",
        [order("2026-06-01"), contact("C1", "2026-06-10", "unacceptable_absence"), revoked("2026-06-12")],
        "2026-06-13",
        {"ContactMissed": [{"contact_id": "C1"}]},
    ),
    Example(
        "a contact after the end is no failure",
        [order("2026-06-01"), revoked("2026-06-12"), contact("C1", "2026-06-13", "unacceptable_absence")],
        "2026-06-13",
        {"ContactMissed": []},
    ),
    Example(
        "nor is one before the sentence",
        [order("2026-06-01"), contact("C1", "2026-05-31", "unacceptable_absence", recorded="2026-06-13")],
        "2026-06-13",
        {"ContactMissed": []},
    ),
    Example(
        "one on the last day is",
        [order("2026-06-01", ends="2026-06-30"), contact("C1", "2026-06-30", "unacceptable_absence")],
        "2026-06-30",
        {"ContactMissed": [{"missed_on": "2026-06-30"}]},
    ),
    Example(
        "a provider's session missed is a failure under its requirement",
        [order("2026-06-01", work()), session("W1", "2026-06-10", "UPW", "unacceptable_absence", minutes=0)],
        "2026-06-10",
        {
            "ContactMissed": [
                {"contact_id": "W1", "sentence_id": "S1", "requirement_id": "UPW", "missed_on": "2026-06-10"}
            ]
        },
    ),
    Example(
        "a stand-down of unpaid work is never a failure",
        [
            order("2026-06-01", work()),
            session(
                "W1", "2026-06-10", "UPW", "acceptable_absence", acceptable_reason="stood_down", minutes=0
            ),
            session("W2", "2026-06-11", "UPW", "sent_home_service", minutes=120),
        ],
        "2026-06-11",
        {"ContactMissed": [], "EnforcementActionRequired": []},
    ),
    Example(
        "a contact planned and not recorded is no failure",
        [order("2026-06-01"), scheduled("C1", "2026-06-10")],
        "2026-06-11",
        {"ContactMissed": [], "ContactExcused": [], "AbsenceUndecided": []},
    ),
]


@pytest.mark.parametrize("example", [*OUTCOMES], ids=lambda e: e.name)
def test_an_outcome(example: Example) -> None:
    example.check()
