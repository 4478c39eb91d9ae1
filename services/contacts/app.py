"""The contacts service: do the person and the practitioner meet as they should?"""

from pathlib import Path

from schemas.contacts import AbsenceUndecided
from services.contacts.case import MONTHLY_REGISTERS, REGISTERS, ContactsCase, ContactsMonth
from services.contacts.rules import MONTH_RULES, PERIOD_RULES, RULES
from services.contacts.status import case_overview, month_overview, periods_overview, region_overview
from services.contacts.summary import summary
from services.contacts.view import ContactsView, extent
from shared.engine.assessment import View
from shared.engine.service import CaseModel, MonthRules, Months, Service
from shared.probation import POLICY
from shared.probation.access import is_limited
from shared.probation.delivery import DELIVERY_REGISTERS, DELIVERY_TYPES, DeliveryCase
from shared.probation.plausible import implausible_dates

HERE = Path(__file__).parent

SERVICE = Service(
    name="contacts",
    reads=("court", "prison", "practice", "providers", "allocation", "referrals", "clock"),
    person=CaseModel(
        kind="person",
        limited=is_limited,
        case=ContactsCase,
        registers=REGISTERS,
        view=ContactsView,
        rules=RULES,
        overview=case_overview,
        followed=(AbsenceUndecided,),
        months=Months(
            part=ContactsMonth,
            registers=MONTHLY_REGISTERS,
            extent=extent,
            rules=MonthRules(rules=MONTH_RULES, overview=month_overview),
            period_rules=MonthRules(rules=PERIOD_RULES, overview=periods_overview),
            summary=summary,
        ),
    ),
    entities=(
        CaseModel(
            kind="region",
            case=DeliveryCase,
            registers=DELIVERY_REGISTERS,
            view=View,
            rules=(),
            overview=region_overview,
            notice_of=DELIVERY_TYPES,
        ),
    ),
    merged_by="PersonMerged",
    unmerged_by="PersonUnmerged",
    erased_by="PersonErased",
    implausible=implausible_dates,
    policy=HERE / "policy.toml",
    common_policy=(POLICY,),
    migrations=HERE / "migrations",
)
