"""Contact plans as tests speak of them: from which day, what, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from schemas.contacts import ContactPlanSet
from shared.engine.assessment import Finding
from shared.policy import Policy
from tests import facts as f
from tests.contacts.said import POLICY, assessed, changed
from tests.policies import Fields

Plans = list[tuple[str, str | int | None]]
"""Of each plan its first day, and its frequency in the standard regime or else its regime."""

Packages = list[tuple[str, str | int | None, int | None, str | None]]
"""Of each plan its first day, its package, its yearly contacts and the last day of early engagement.

Without a package: "?" if it is not known and else the regime, and the frequency.
"""


def findings(
    *facts: f.Fact, on: str = "2026-12-31", sentence: str = "S1", policy: Policy = POLICY
) -> list[Finding]:
    """What is found of the plans of a sentence by a day."""
    found = assessed(on, *facts, policy=policy).findings("ContactPlanSet")
    return [finding for finding in found if finding.event.sentence_id == sentence]


def plans(
    *facts: f.Fact, on: str = "2026-12-31", sentence: str = "S1", policy: Policy = POLICY
) -> list[ContactPlanSet]:
    """The plans of a sentence that have begun by a day."""
    return [finding.event for finding in findings(*facts, on=on, sentence=sentence, policy=policy)]


def planned(*facts: f.Fact, on: str = "2026-12-31", sentence: str = "S1", policy: Policy = POLICY) -> Plans:
    """The same in short."""
    return [
        (plan.from_.isoformat(), plan.face_to_face_every_days if plan.regime == "standard" else plan.regime)
        for plan in plans(*facts, on=on, sentence=sentence, policy=policy)
    ]


def packaged(*facts: f.Fact, policy: Policy, on: str = "2026-12-31", sentence: str = "S1") -> Packages:
    """What is published of a sentence by a day where there are packages."""
    out: Packages = []
    for plan in plans(*facts, on=on, sentence=sentence, policy=policy):
        first, days, ends_on = (
            plan.from_.isoformat(),
            plan.face_to_face_every_days,
            plan.early_engagement_ends_on,
        )
        if plan.package is not None:
            assert days is None
            assert not plan.package_unknown
            assert ends_on is not None
            out.append((first, plan.package, plan.yearly_contacts, ends_on.isoformat()))
        else:
            assert plan.yearly_contacts is None
            assert ends_on is None
            out.append((first, "?" if plan.package_unknown else plan.regime, days, None))
    return out


TWO_YEARS = f.order("2026-01-01", "2027-12-31")
"""An order of two years: its first four weeks are 1 to 28 January 2026."""

CURFEW = f.order("2026-01-01", "2027-12-31", "curfew R1, unpaid_work R2")
"""An order with two requirements, R1 and R2, neither a rehabilitation activity."""

MEDIUM = f.risk("2026-01-01", id="A1")
TIER_A = f.tier("2025-12-01", "A")
WEEKLY = ("2026-01-01", 7)
FORTNIGHTLY = ("2026-01-29", 14)


def introduced(folder: Path, region: str, day: str, **values: str | Sequence[Fields]) -> Policy:
    """The policy with packages in a region for supervision that starts from a day on."""
    packages = f"""
[[value]]
name = "contact_regime"
value = "packages"
region = "{region}"
effective_from = {day}
key_date = "start of supervision"
source = "a trial"
confidence = "assumption"
"""
    return changed(folder, packages, **values)
