"""The referrals service: what it reads, what it knows of a person, what it concludes."""

from pathlib import Path

from services.referrals.case import REGISTERS, ReferralsCase
from services.referrals.rules import RULES, overview
from services.referrals.rules.view import RequirementsView
from shared.engine.service import CaseModel, Service

HERE = Path(__file__).parent

SERVICE = Service(
    name="referrals",
    reads=("court", "prison", "practice", "providers", "allocation", "clock"),
    person=CaseModel(
        kind="person",
        case=ReferralsCase,
        registers=REGISTERS,
        view=RequirementsView,
        rules=RULES,
        overview=overview,
    ),
    merged_by="PersonMerged",
    policy=HERE / "policy.toml",
    migrations=HERE / "migrations",
)
