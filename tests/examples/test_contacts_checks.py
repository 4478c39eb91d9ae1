"""Checks with other agencies: worked examples of CONT-27.

Allocated on Tuesday 2 June 2026: ten business days are over on the 16th.
"""

from typing import Any

import pytest

from tests.examples.case_facts import partner_check
from tests.examples.contacts_facts import allocated
from tests.examples.facts import Fact, died, order, requirement, revoked
from tests.examples.play import Example

SAFEGUARDING = "safeguarding_and_domestic_abuse"
YOUTH = "youth_offending_services"
YOUNG = {"born_on": "2008-05-11", "sex": "male", "cohorts": ["young_adult"]}


def item(
    name: str, facts: list[Fact], until: str, due_on: str | None, check: str = SAFEGUARDING, **found: Any
) -> Example:
    """One item of the checklist, open or not."""
    stands = [{"check": check, "due_on": due_on} | found] if due_on else []
    return Example(name, facts, until, {"PartnerCheckDue": stands}, only={"check": check})


CHECKS = [
    item("open from the day of the allocation", allocated(), "2026-06-02", "2026-06-16", sentence_id="S1"),
    item("open on, though the day is past", allocated(), "2026-06-30", "2026-06-16"),
    item(
        "allocated on 17 December: due on 5 January",
        allocated("2026-12-17", "2026-12-14"),
        "2026-12-17",
        "2027-01-05",
    ),
    item(
        "allocated at one minute to midnight in London",
        allocated(recorded="2026-06-08T22:59:00Z"),
        "2026-06-09",
        "2026-06-22",
    ),
    item(
        "allocated at a quarter past midnight in London, still the 8th in Greenwich",
        allocated(recorded="2026-06-08T23:15:00Z"),
        "2026-06-09",
        "2026-06-23",
    ),
    item("answered", [*allocated(), partner_check("2026-06-12", SAFEGUARDING)], "2026-06-30", None),
    item(
        "answered a week late", [*allocated(), partner_check("2026-06-23", SAFEGUARDING)], "2026-06-30", None
    ),
    item(
        "another agency's answer is none of this one's",
        [*allocated(), partner_check("2026-06-12", "health")],
        "2026-06-30",
        "2026-06-16",
    ),
    item(
        "the answer for another sentence is none for this one",
        [*allocated(), partner_check("2026-06-12", SAFEGUARDING, sentence="S2")],
        "2026-06-30",
        "2026-06-16",
    ),
    item(
        "the answer was about another person",
        [
            *allocated(),
            partner_check("2026-06-12", SAFEGUARDING),
            partner_check("2026-06-12", SAFEGUARDING, recorded="2026-06-19", id="c", voided=True),
        ],
        "2026-06-30",
        "2026-06-16",
    ),
    item("not allocated: not yet", [order("2026-06-01")], "2026-06-30", None),
    item("the person died", [*allocated(), died("2026-06-08")], "2026-06-30", None),
    item("the order was revoked", [*allocated(), revoked("2026-06-08")], "2026-06-30", None),
    item(
        "somebody of eighteen comes from the youth offending service",
        allocated(person=YOUNG),
        "2026-06-02",
        "2026-06-16",
        YOUTH,
    ),
    item("somebody of thirty-six does not", allocated(), "2026-06-30", None, YOUTH),
    item(
        "its answer closes its item",
        [*allocated(person=YOUNG), partner_check("2026-06-12", YOUTH)],
        "2026-06-30",
        None,
        YOUTH,
    ),
    item(
        "and no other",
        [*allocated(person=YOUNG), partner_check("2026-06-12", YOUTH)],
        "2026-06-30",
        "2026-06-16",
    ),
]

TREATMENT = requirement("mental_health_treatment", 12, id="MH")


def treated(*facts: Fact) -> list[Fact]:
    """With a treatment requirement."""
    given = allocated()
    return [given[0], order("2026-06-01", TREATMENT), given[2], *facts]


CHECKS += [
    item("a treatment requirement calls for health", treated(), "2026-06-02", "2026-06-16", "health"),
    item(
        "which answers",
        treated(partner_check("2026-06-12", "health")),
        "2026-06-30",
        None,
        "health",
    ),
    Example(
        "answered and revoked: the items left are ended",
        [*allocated(), partner_check("2026-06-12", SAFEGUARDING), revoked("2026-06-15")],
        "2026-06-30",
        {"PartnerCheckDue": []},
    ),
]


@pytest.mark.parametrize("example", CHECKS, ids=lambda e: e.name)
def test_a_check(example: Example) -> None:
    example.check()
