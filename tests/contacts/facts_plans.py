"""Contact plans as tests speak of them: from which day, what, and how often."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from schemas.contacts import ContactPlanSet
from services.contacts.app import SERVICE
from services.contacts.plans.rules import contact_plan_set
from services.contacts.view import ContactsView
from shared.engine.assessment import Day, Finding
from shared.policy import Policy
from tests.contacts.facts import POLICY, Known, order, recorded, risk, tier

Plans = list[tuple[str, str | int | None]]
"""Of each plan its first day, and its frequency in the standard regime or else its regime."""


def findings(
    *facts: Any, on: str, sentence: str = "S1", policy: Policy = POLICY, day: Day | None = None
) -> list[Finding]:
    """The plans of a sentence that have begun by a day."""
    of = ContactsView(Known(*facts).case, policy).on(day or Day(date.fromisoformat(on)))
    found = list(contact_plan_set(of))
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


Packages = list[tuple[str, str | int | None, int | None, str | None]]
"""Of each plan its first day, its package, its yearly contacts and the last day of early engagement.

Without a package: "?" if it is not known and else the regime, and the frequency.
"""


def packaged(*facts: Any, policy: Policy, on: str = "2026-12-31", sentence: str = "S1") -> Packages:
    """What is published of a sentence by a day where there are packages."""
    out: Packages = []
    for event in plans(*facts, on=on, sentence=sentence, policy=policy):
        first, days = event.from_.isoformat(), event.face_to_face_every_days
        ends_on = event.early_engagement_ends_on
        if event.package is not None:
            assert days is None
            assert not event.package_unknown
            assert ends_on is not None
            out.append((first, event.package, event.yearly_contacts, ends_on.isoformat()))
        else:
            assert event.yearly_contacts is None
            assert ends_on is None
            out.append((first, "?" if event.package_unknown else event.regime, days, None))
    return out


TWO_YEARS = order("2026-01-01", "2027-12-31")
"""An order of two years: its first four weeks are 1 to 28 January 2026."""

CURFEW = order("2026-01-01", "2027-12-31", only=("curfew", "unpaid_work"))
"""An order with two requirements, R1 and R2, neither a rehabilitation activity."""

MEDIUM = risk("2026-01-01", "medium", id="A1")

TIER_A = recorded("2025-12-01", tier("A"))

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
    return SERVICE.load_policy(path)


def introduced(folder: Path, region: str, day: str, other: Path = SERVICE.policy) -> Policy:
    """The policy (or another one) with packages in a region for supervision that starts from a day on."""
    path = folder / "policy.toml"
    path.write_text(
        other.read_text()
        + f"""
[[value]]
name = "contact_regime"
value = "packages"
region = "{region}"
effective_from = {day}
key_date = "start of supervision"
source = "a trial"
confidence = "assumption"
"""
    )
    return SERVICE.load_policy(path)
