"""The enforcement service: what must be done about a failure, and what follows if it happens again."""

from __future__ import annotations

from pathlib import Path

from services.enforcement.case import REGISTERS, EnforcementCase
from services.enforcement.rules import RULES, EnforcementView, overview
from shared.engine.service import CaseModel, Service

HERE = Path(__file__).parent

SERVICE = Service(
    name="enforcement",
    reads=("court", "prison", "practice", "contacts", "allocation", "clock"),
    person=CaseModel(
        kind="person",
        case=EnforcementCase,
        registers=REGISTERS,
        view=EnforcementView,
        rules=RULES,
        overview=overview,
    ),
    merged_by="PersonMerged",
    policy=HERE / "policy.toml",
    migrations=HERE / "migrations",
)
