"""Every worked example told in another order of arrival ends in the same findings.

Left out is what follows from a decision (who was free that day), and what was told of too late.
"""

import json
from collections.abc import Set

import pytest

from tests.examples.play import Example, as_json, play
from tests.examples.test_allocation_clock import CLOCK
from tests.examples.test_allocation_end import ENDS
from tests.examples.test_allocation_tiers import MANDATES
from tests.examples.test_contacts_checks import CHECKS
from tests.examples.test_contacts_edges import ODD_CONTACTS, ODD_STEPS, ODD_VISITS
from tests.examples.test_contacts_first_steps import APPOINTMENTS, PLANS
from tests.examples.test_contacts_follow_up import FOLLOW_UP, REPEAL
from tests.examples.test_contacts_handover import CUSTODY, HANDOVER
from tests.examples.test_contacts_months import MONTHS
from tests.examples.test_contacts_odd_plans import ODD_PLANS, ODD_RESETS
from tests.examples.test_contacts_outcomes import OUTCOMES
from tests.examples.test_contacts_overdue import FOR_ALL, IN_ADVANCE, OVERDUE
from tests.examples.test_contacts_plans import REGIMES, RISK
from tests.examples.test_contacts_reset import BEGINS, EXEMPT, RESUMES
from tests.examples.test_contacts_reviews import AFTER, REVIEWS, SEVERAL
from tests.examples.test_contacts_suspensions import ENDS as SUSPENSIONS_END
from tests.examples.test_contacts_suspensions import REQUESTS
from tests.examples.test_contacts_visits import VISITS
from tests.examples.test_enforcement_answers import ANSWERS
from tests.examples.test_enforcement_court import COURT
from tests.examples.test_referrals_requirements import ACTIVITIES, DONE
from tests.examples.test_referrals_work import BEGUN, HOURS
from tests.ledger import Ledger

DECIDED = {"CaseAllocated", "AllocationDue", "AllocationOverdue", "SupervisionEnded"}
AFTER_ALLOCATION = {"PartnerCheckDue", "HomeVisitRequired", "HomeVisitOverdue"}
"""Due so many days after a decision."""
ALLOCATIONS = (CLOCK, MANDATES, ENDS)
CONTACTS = (
    *(MONTHS, OUTCOMES, OVERDUE, IN_ADVANCE, FOR_ALL, HANDOVER, CUSTODY, ODD_CONTACTS, ODD_STEPS),
    *(RISK, REGIMES, REVIEWS, SEVERAL, AFTER, APPOINTMENTS, PLANS),
    *(REQUESTS, SUSPENSIONS_END, REPEAL, BEGINS, EXEMPT, RESUMES, FOLLOW_UP, ODD_PLANS, ODD_RESETS),
)
OTHERS = (ANSWERS, COURT, BEGUN, HOURS, ACTIVITIES, DONE)
EXAMPLES = [
    example
    for examples in (*ALLOCATIONS, *CONTACTS, *OTHERS)
    for example in examples
    # The same id with another body: the first to arrive wins.
    if len({fact.id for fact in example.facts}) == len(example.facts)
]

ALLOCATED = [example for examples in (VISITS, CHECKS, ODD_VISITS) for example in examples]
"""Examples of what is due after an allocation, which is a decision: these facts stay the first."""
FIRST = {"PractitionerUpdated", "SentenceImposed", "RiskAssessed"}


def findings(ledger: Ledger, but: Set[str] = DECIDED) -> list[tuple[str, str]]:
    """Type and data of what stands, without the reasons."""
    return sorted(
        (event.type, json.dumps(as_json(event) | {"why": None}, sort_keys=True))
        for event in ledger.standing_events()
        if event.type not in but
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_the_last_told_first(example: Example) -> None:
    but = DECIDED | AFTER_ALLOCATION
    in_order = findings(play(example.facts, example.until), but)
    assert findings(play(list(reversed(example.facts)), example.until), but) == in_order


@pytest.mark.parametrize("example", ALLOCATED, ids=lambda e: e.name)
def test_the_last_told_first_after_an_allocation(example: Example) -> None:
    first = [fact for fact in example.facts if type(fact.data).__name__ in FIRST]
    others = [fact for fact in example.facts if type(fact.data).__name__ not in FIRST]
    in_order = findings(play(example.facts, example.until))
    assert findings(play([*first, *reversed(others)], example.until)) == in_order
