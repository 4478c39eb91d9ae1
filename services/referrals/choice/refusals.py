"""Why a place that was wanted was not granted, as the case remembers it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import zip_longest

from services.referrals.view import ReferralsView

LISTED = "listed"
"""Why a request that only asks whether a need can be met is not granted: it can."""
NO_PLACE = "no_place"
"""Nothing that would do is listed."""
STRUCTURED_FIRST = "structured_first"
"""A structured intervention is listed that meets the need."""


def last_refusal(view: ReferralsView, key: str) -> str | None:
    """Why a request was last refused; None if it never was."""
    known = view.case.refusals.get(key)
    return known[-1][1] if known else None


def last_refused(
    view: ReferralsView, key: str, such: Callable[[str], bool]
) -> tuple[str, date | None] | None:
    """Why a request was last refused for such a reason, and the day from which another reason held.

    No day while it is the latest reason. None if the request was never refused for such a reason.
    """
    known = view.case.refusals.get(key, [])
    following = (day for day, _ in known[1:])
    found = [(reason, until) for (_, reason), until in zip_longest(known, following) if such(reason)]
    return found[-1] if found else None


def full_interventions(reason: str | None) -> list[tuple[str, str]]:
    """The providers and interventions whose places are taken, from the reason of a refusal."""
    if reason is None or not reason.startswith("full "):
        return []
    return [(provider, id) for provider, _, id in (one.partition("/") for one in reason.split(" ")[1:])]
