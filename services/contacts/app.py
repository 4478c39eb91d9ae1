"""The contacts service: do the person and the practitioner meet as they should?"""

from __future__ import annotations

from pathlib import Path

from services.contacts.case import MONTHLY_REGISTERS, REGISTERS, ContactsCase, ContactsMonth
from services.contacts.rules import MONTH_RULES, RULES
from services.contacts.rules.standing import standing
from services.contacts.shown import shown
from services.contacts.summary import summary
from services.contacts.view import ContactsView, extent
from shared.engine.service import CaseModel, Months, Service

HERE = Path(__file__).parent

SERVICE = Service(
    name="contacts",
    reads=("court", "prison", "practice", "providers", "allocation", "referrals", "clock"),
    person=CaseModel(
        kind="person",
        case=ContactsCase,
        registers=REGISTERS,
        view=ContactsView,
        rules=RULES,
        overview=standing,
        months=Months(
            part=ContactsMonth,
            registers=MONTHLY_REGISTERS,
            extent=extent,
            rules=MONTH_RULES,
            overview=shown,
            summary=summary,
        ),
    ),
    merged_by="PersonMerged",
    policy=HERE / "policy.toml",
    migrations=HERE / "migrations",
)
