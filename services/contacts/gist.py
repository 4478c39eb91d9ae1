"""What a case keeps of each of its months, so that the rules about the case need not look at months."""

from __future__ import annotations

from services.contacts.case import ContactsMonth, Gist
from services.contacts.overview import Overview


def gist(of: Overview, month: ContactsMonth) -> Gist | None:  # noqa: ARG001
    """The gist of one month; None if there is nothing to keep of it."""
    return None
