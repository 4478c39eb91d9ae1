"""The enforcement service: what must be done about a failure, and what follows if it happens again."""

from pathlib import Path

from services.enforcement.case import REGISTERS, EnforcementCase
from services.enforcement.rules import RULES
from services.enforcement.status import overview
from services.enforcement.view import EnforcementView
from shared.engine.service import CaseModel, Service
from shared.probation import POLICY
from shared.probation.access import is_limited
from shared.probation.plausible import implausible_dates

HERE = Path(__file__).parent

SERVICE = Service(
    name="enforcement",
    reads=("court", "prison", "practice", "contacts", "allocation", "clock"),
    person=CaseModel(
        kind="person",
        limited=is_limited,
        case=EnforcementCase,
        registers=REGISTERS,
        view=EnforcementView,
        rules=RULES,
        overview=overview,
    ),
    merged_by="PersonMerged",
    unmerged_by="PersonUnmerged",
    erased_by="PersonErased",
    implausible=implausible_dates,
    policy=HERE / "policy.toml",
    common_policy=(POLICY,),
    migrations=HERE / "migrations",
)
