"""Limited access: on which days only people with a grant may see what is in a case."""

from __future__ import annotations

from datetime import date

from shared.probation.case import SupervisedCase
from shared.probation.facts import AccessChange


def is_limited(case: SupervisedCase, day: date) -> bool:
    """Does any restriction of access to the case apply on that day?

    Of each restriction the change that took effect last counts.
    """
    if not case.accesses:
        return False  # the common case
    latest: dict[str, AccessChange] = {}
    for change in sorted(case.accesses.values(), key=lambda c: (c.effective_on, *c.stamp)):
        if change.effective_on <= day:
            latest[change.access_id] = change
    return any(change.limited for change in latest.values())
