"""The referrals service: the requirements of sentences, from referral to completion."""

from pathlib import Path

from services.referrals.case import REGISTERS, ReferralsCase
from services.referrals.rules import RULES
from services.referrals.status import overview
from services.referrals.view import ReferralsView
from shared.engine.service import CaseModel, Service
from shared.probation import POLICY
from shared.probation.access import is_limited
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
        rules=RULES,
        overview=overview,
    ),
    merged_by="PersonMerged",
    erased_by="PersonErased",
    implausible=implausible_dates,
    policy=HERE / "policy.toml",
    common_policy=(POLICY,),
    migrations=HERE / "migrations",
)
