"""Contact plans as tests speak of them: from which day, what, and how often."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from schemas.contacts import ContactPlanSet
from services.contacts.app import SERVICE
from services.contacts.overview import Overview
from services.contacts.rules.plan import contact_plan_set
from shared.engine.assessment import Day, Finding
from shared.policy import Policy
from tests.contacts.facts import POLICY, Known, order, risk

Plans = list[tuple[str, str | int | None]]
"""Of each plan its first day, and its frequency in the standard regime or else its regime."""


def findings(
    *facts: Any, on: str, sentence: str = "S1", policy: Policy = POLICY, day: Day | None = None
) -> list[Finding]:
    """The plans of a sentence that have begun by a day."""
    of = Overview(Known(*facts).case, policy)
    found = list(contact_plan_set(of, day or Day(date.fromisoformat(on))))
    return [finding for finding in found if finding.event.sentence_id == sentence]


def plans(
    *facts: Any, on: str = "2026-12-31", sentence: str = "S1", policy: Policy = POLICY
) -> list[ContactPlanSet]:
    """What is published of a sentence by a day."""
    return [finding.event for finding in findings(*facts, on=on, sentence=sentence, policy=policy)]


def planned(*facts: Any, on: str = "2026-12-31", sentence: str = "S1", policy: Policy = POLICY) -> Plans:
    """The same in short."""
    return [
        (
            event.from_.isoformat(),
            event.face_to_face_every_days if event.regime == "standard" else event.regime,
        )
        for event in plans(*facts, on=on, sentence=sentence, policy=policy)
    ]


TWO_YEARS = order("2026-01-01", "2027-12-31")
"""An order of two years: its first four weeks are 1 to 28 January 2026."""

CURFEW = order("2026-01-01", "2027-12-31", only=("curfew", "unpaid_work"))
"""An order with two requirements, R1 and R2, neither a rehabilitation activity."""

MEDIUM = risk("2026-01-01", "medium", id="A1")

WEEKLY = ("2026-01-01", 7)
FORTNIGHTLY = ("2026-01-29", 14)


def changed(
    folder: Path, name: str, before: str, value: str, *, until: str | None = None, then: str = ""
) -> Policy:
    """The policy with another value of that name, and from a day on with yet another."""
    text = SERVICE.policy.read_text()
    head, found, tail = text.partition(f'name = "{name}"\nvalue = {before}\n')
    assert found
    block = f'name = "{name}"\nvalue = {value}\n'
    if until:
        rest = tail.split("[[value]]")[0]
        block += f'effective_to = {until}\n{rest}\n[[value]]\nname = "{name}"\nvalue = {then}\n'
        block += f"effective_from = {until}\n"
    path = folder / "policy.toml"
    path.write_text(head + block + tail)
    return Policy.load(path, SERVICE.name)
