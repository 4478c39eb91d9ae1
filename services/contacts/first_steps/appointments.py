"""The first appointment of supervision: by when it is due, and what is one (ALLOC-22)."""

from __future__ import annotations

from datetime import date

from services.contacts.facts import Appointment, Contact
from services.contacts.view import ContactsView
from shared.policy import Values
from shared.probation.supervision import Stage


def first_appointment_due(view: ContactsView, stage: Stage) -> date | None:
    """ALLOC-22: the last day on which a first appointment is in time; None while the person is held.

    SH-9: days on which the region offers no contact do not count.
    """
    days = "first_appointment_days_order" if stage.kind == "order" else "first_appointment_days_licence"
    return view.due_on(stage.first, days, stage.sentence, "contact")


def may_be_first(contact: Contact | Appointment, values: Values) -> bool:
    """Is it of a kind and in a form in which a first appointment may be?"""
    return contact.kind in values.texts("first_appointment_kinds") and contact.mode in values.texts(
        "first_appointment_modes"
    )
