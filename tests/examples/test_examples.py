"""The worked examples of `*.txt`, played through the four services (`reader` says how they are written).

Each is also told in another order of arrival, and must end in the same findings. Left out there is what
follows from a decision (who was free that day), and what was told of too late.

Each gives the same events, byte for byte, if services keep no case from one fact to the next.
"""

import json
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Any

import pytest

from schemas import language
from shared.engine import engine
from tests.examples.play import Example, as_json, play
from tests.examples.reader import read
from tests.ledger import Published

EXAMPLES = {file.stem: read(file) for file in sorted(Path(__file__).parent.glob("*.txt"))}

DECIDED = {"CaseAllocated", "AllocationDue", "AllocationOverdue", "SupervisionEnded"}
AFTER_ALLOCATION = {"PartnerCheckDue", "HomeVisitRequired", "HomeVisitOverdue"}
"""Due so many days after a decision."""

ALLOCATED = ("contacts_visits", "contacts_odd_visits", "contacts_checks")
"""Examples of what is due after an allocation, which is a decision: these facts stay the first."""
FIRST = {"PractitionerUpdated", "SentenceImposed", "RiskAssessed"}

IN_ORDER = (
    "allocation_changes",
    "allocation_choice",
    "allocation_over_time",
    "allocation_tiers",
    "contacts_second_look",
    "contacts_visits_late_allocation",
    "enforcement_letters",
    "referrals_course",
)
"""Examples of which the order of arrival is a part."""


OTHERS = [topic for topic in EXAMPLES if topic not in IN_ORDER + ALLOCATED]


def each(topics: Iterable[str]) -> list[Any]:
    return [pytest.param(e, id=f"{topic}: {e.name}") for topic in topics for e in EXAMPLES[topic]]


NUMBERED = [pytest.param(n, *e.values, id=e.id) for n, e in enumerate(each(EXAMPLES))]


def told_once(example: Example) -> bool:
    """Of the same id with another body the first to arrive wins: then the order matters."""
    return len({fact.id for fact in example.facts}) == len(example.facts)


@pytest.mark.parametrize("example", each(EXAMPLES))
def test_a_worked_example(example: Example) -> None:
    example.check()


def findings(ledger: Published, but: Set[str] = DECIDED) -> list[tuple[str, str]]:
    """Type and data of what stands, without the reasons."""
    return sorted(
        (event.type, json.dumps(as_json(event) | {"why": None}, sort_keys=True))
        for event in ledger.standing_events()
        if event.type not in but
    )


@pytest.mark.parametrize("example", [one for one in each(OTHERS) if told_once(one.values[0])])
def test_the_last_told_first(example: Example) -> None:
    but = DECIDED | AFTER_ALLOCATION
    assert findings(example.told_in_reverse, but) == findings(example.told, but)


@pytest.mark.parametrize("example", each(ALLOCATED))
def test_the_last_told_first_after_an_allocation(example: Example) -> None:
    first = [fact for fact in example.facts if fact.type in FIRST]
    others = [fact for fact in example.facts if fact.type not in FIRST]
    assert findings(play([*first, *reversed(others)], example.until)) == findings(example.told)


@pytest.mark.parametrize(("number", "example"), NUMBERED)
def test_what_is_kept_says_what_is_worked_out_anew(
    number: int, example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every second example is told in reverse order: all in both would take as long again.
    facts, kept = example.facts, example.told
    if number % 2:
        facts, kept = [*reversed(facts)], example.told_in_reverse
    monkeypatch.setattr(engine, "CASES_OPEN", 0)
    anew = play(facts, example.until)
    assert [*map(language.render, anew.published)] == [*map(language.render, kept.published)]
