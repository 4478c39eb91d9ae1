"""The referrals service: interventions and their places, and requirements until they are completed."""

from pathlib import Path
from typing import get_args

from schemas.words import Region
from services.referrals.case import REGISTERS, ReferralsCase
from services.referrals.choice.choose import choose, referral_keys
from services.referrals.market.case import PROVIDER, REGION, ProviderCase, RegionCase
from services.referrals.market.status import provider_overview, region_overview
from services.referrals.market.view import ProviderView, RegionView
from services.referrals.rules import PERSON_RULES, PROVIDER_RULES, REGION_RULES
from services.referrals.status import overview
from services.referrals.view import ReferralsView
from shared.engine.service import CaseModel, Service
from shared.probation import POLICY
from shared.probation.access import is_limited
from shared.probation.delivery import DELIVERY_TYPES
from shared.probation.plausible import implausible_dates

HERE = Path(__file__).parent

SERVICE = Service(
    name="referrals",
    reads=("court", "prison", "practice", "providers", "allocation", "clock"),
    person=CaseModel(
        kind="person",
        limited=is_limited,
        case=ReferralsCase,
        registers=REGISTERS,
        view=ReferralsView,
        rules=PERSON_RULES,
        overview=overview,
    ),
    entities=(
        CaseModel(
            kind="provider",
            case=ProviderCase,
            registers=PROVIDER,
            view=ProviderView,
            rules=PROVIDER_RULES,
            overview=provider_overview,
        ),
        CaseModel(
            kind="region",
            case=RegionCase,
            registers=REGION,
            view=RegionView,
            rules=REGION_RULES,
            overview=region_overview,
            subjects=frozenset(get_args(Region)),
            notice_of=DELIVERY_TYPES,
        ),
    ),
    decide=choose,
    decision_keys=referral_keys,
    merged_by="PersonMerged",
    unmerged_by="PersonUnmerged",
    erased_by="PersonErased",
    implausible=implausible_dates,
    policy=HERE / "policy.toml",
    common_policy=(POLICY,),
    migrations=HERE / "migrations",
)
