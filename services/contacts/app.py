"""The contacts service: do the person and the practitioner meet as they should?"""

from __future__ import annotations

from pathlib import Path

from services.contacts.case import MONTHLY_REGISTERS, REGISTERS, ContactsCase, ContactsMonth, began
from services.contacts.gist import gist
from services.contacts.overview import Overview
from services.contacts.rules import assess, assess_month, assess_periods
from services.contacts.rules.periods import periods_ending
from shared.engine.service import CaseModel, Months, Service, Spans

HERE = Path(__file__).parent

SERVICE = Service(
    name="contacts",
    reads=("court", "prison", "practice", "providers", "allocation", "referrals", "clock"),
    person=CaseModel(
        kind="person",
        case=ContactsCase,
        registers=REGISTERS,
        assess=assess,
        months=Months(
            part=ContactsMonth,
            registers=MONTHLY_REGISTERS,
            began=began,
            assess=assess_month,
            spans=Spans(days=periods_ending, assess=assess_periods),
            view=Overview,
            gist=gist,
        ),
    ),
    merged_by="PersonMerged",
    policy=HERE / "policy.toml",
    migrations=HERE / "migrations",
)
