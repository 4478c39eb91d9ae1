"""What the contacts service says of facts about one person, as its tests ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from services.contacts.app import SERVICE
from shared.engine.assessment import Finding, evidence
from shared.policy import Policy
from tests import casebook, policies
from tests import facts as f
from tests.casebook import Assessed
from tests.policies import Fields

POLICY = casebook.policy_of(SERVICE)

EXEMPT = f.risk("2020-01-01", "very_high", id="A0")
"""A risk that keeps the last third of supervision from being reset."""

MARCH = f.order("2026-03-01", "2026-03-31")
"""An order of one monthly period, 1 to 31 March."""

MET: list[tuple[int, bool]] = []
MISSED = [(0, False)]
EXCUSED = [(0, True)]


def assessed(day: str | date, *facts: f.Fact, policy: Policy = POLICY) -> Assessed:
    """What the service concludes on a day."""
    return casebook.on(day, SERVICE, *facts, policy=policy)


def missed(*facts: f.Fact, order: f.Fact = MARCH, on: str = "2026-04-01") -> list[tuple[int, bool]]:
    """(attended, excused) of each period missed."""
    found = casebook.on(on, SERVICE, order, *facts, EXEMPT).open("ContactStandardMissed")
    return [(event.attended, event.excused) for event in found.values()]


def due(type: str, *facts: f.Fact, on: str) -> dict[str, str]:
    """Each item that is or was open, by key: the last day in time, or how it was closed."""
    case = casebook.on(on, SERVICE, *facts)
    return {key: event.due_on.isoformat() for key, event in case.open(type).items()} | case.closed(type)


def overdue(type: str, *facts: f.Fact, on: str = "2026-12-01") -> dict[str, str]:
    """Each thing that was not done in time, by key: the last day on which it was."""
    case = casebook.on(on, SERVICE, *facts)
    assert case.closed(type) == {}
    return {key: event.due_on.isoformat() for key, event in case.open(type).items()}


def changed(folder: Path, more: str = "", **values: str | Fields | Sequence[Fields]) -> Policy:
    """The service's policy with other values."""
    return policies.changed(SERVICE, folder, more, **values)


def rests_on(finding: Finding, *facts: f.Fact) -> list[int]:
    """The places in the list of the facts that a finding rests on."""
    ids = [fact.id for fact in f.told(facts)]
    return [ids.index(id) for id in evidence(finding.because)]
