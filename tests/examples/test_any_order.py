"""Every worked example told in another order of arrival ends in the same findings.

Left out is what follows from a decision (who was free that day), and what was told of too late.
"""

import json

import pytest

from tests.examples.play import Example, as_json, play
from tests.examples.test_allocation_clock import CLOCK
from tests.examples.test_allocation_end import ENDS
from tests.examples.test_allocation_tiers import MANDATES
from tests.examples.test_contacts_months import MONTHS
from tests.examples.test_contacts_outcomes import OUTCOMES
from tests.examples.test_enforcement_answers import ANSWERS
from tests.examples.test_enforcement_court import COURT
from tests.examples.test_referrals_requirements import ACTIVITIES, DONE
from tests.examples.test_referrals_work import BEGUN, HOURS
from tests.ledger import Ledger

DECIDED = {"CaseAllocated", "AllocationDue", "AllocationOverdue", "SupervisionEnded"}
EXAMPLES = [
    example
    for examples in (CLOCK, MANDATES, ENDS, MONTHS, OUTCOMES, ANSWERS, COURT, BEGUN, HOURS, ACTIVITIES, DONE)
    for example in examples
    # The same id with another body: the first to arrive wins.
    if len({fact.id for fact in example.facts}) == len(example.facts)
]


def findings(ledger: Ledger) -> list[tuple[str, str]]:
    """Type and data of what stands, without the reasons."""
    return sorted(
        (event.type, json.dumps(as_json(event) | {"why": None}, sort_keys=True))
        for event in ledger.standing_events()
        if event.type not in DECIDED
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_the_last_told_first(example: Example) -> None:
    in_order = findings(play(example.facts, example.until))
    assert findings(play(list(reversed(example.facts)), example.until)) == in_order
