"""The allocation service: who supervises whom, and until when."""

from pathlib import Path
from typing import get_args

from schemas.words import Region
from services.allocation.case import (
    PERSON,
    PRACTITIONER,
    REGION,
    AllocationCase,
    PractitionerCase,
    RegionCase,
)
from services.allocation.facts import units_named
from services.allocation.rules import PERSON_RULES, PRACTITIONER_RULES, REGION_RULES
from services.allocation.rules.choice import allocation_keys, choose
from services.allocation.status import person_overview, practitioner_overview, region_overview
from services.allocation.view import AllocationView, PractitionerView, RegionView
from shared.engine.service import CaseModel, Service
from shared.probation import POLICY
from shared.probation.access import is_limited
from shared.probation.plausible import implausible_dates

HERE = Path(__file__).parent

SERVICE = Service(
    name="allocation",
    reads=("court", "prison", "practice", "workforce", "contacts", "referrals", "clock"),
    person=CaseModel(
        kind="person",
        limited=is_limited,
        case=AllocationCase,
        registers=PERSON,
        view=AllocationView,
        rules=PERSON_RULES,
        overview=person_overview,
    ),
    entities=(
        CaseModel(
            kind="practitioner",
            case=PractitionerCase,
            registers=PRACTITIONER,
            view=PractitionerView,
            rules=PRACTITIONER_RULES,
            overview=practitioner_overview,
        ),
        CaseModel(
            kind="region",
            case=RegionCase,
            registers=REGION,
            view=RegionView,
            rules=REGION_RULES,
            overview=region_overview,
            subjects=frozenset(get_args(Region)),
            notice_of=frozenset(REGION),
        ),
    ),
    decide=choose,
    decision_keys=allocation_keys,
    merged_by="PersonMerged",
    unmerged_by="PersonUnmerged",
    erased_by="PersonErased",
    implausible=implausible_dates,
    pools_named=units_named,
    policy=HERE / "policy.toml",
    common_policy=(POLICY,),
    migrations=HERE / "migrations",
)
