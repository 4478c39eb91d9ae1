"""How long what is held about a person is kept after supervision has ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from shared.calendar import add_months

if TYPE_CHECKING:
    from services.allocation.view import AllocationView

RetainedAs = Literal["mappa", "sexual_offence", "partner_violence", "extremism_offence", "other"]


@dataclass(frozen=True, slots=True)
class Retention:
    """What is held about a person is kept up to and including `until`, which follows from the two others."""

    ended_on: date
    until: date
    kind: RetainedAs


def retention(view: AllocationView) -> Retention | None:
    """SH-12: until when it is kept; None while any sentence is not over, or its end is not known.

    It counts from the end of the last supervision. Of several reasons to keep it, the longest time counts.
    """
    ends = [period.over_on for period in view.supervision.values()]
    known = [end for end in ends if end is not None and view.today.reached(end)]
    if not known or len(known) < len(ends):
        return None
    ended_on = max(known)
    years = view.policy.on(ended_on, None).table("retention_after_end")
    until, kind = max((add_months(ended_on, 12 * int(years[kind])), kind) for kind in _kinds(view))
    return Retention(ended_on, until, kind)


def _kinds(view: AllocationView) -> Iterator[RetainedAs]:
    """All reasons to keep it that anything ever gave, be it no longer so."""
    yield "other"
    sentences = [period.sentence for period in view.supervision.values()]
    if any(one.mappa is not None for one in view.assessments) or any(
        one.kind == "mappa" for one in view.registrations
    ):
        yield "mappa"
    if any(one.sexual_offence for one in sentences) or any(o.sexual_offence_ever for o in view.assessments):
        yield "sexual_offence"
    if any(one.partner_violence for one in sentences):
        yield "partner_violence"
    if any(one.extremism_offence for one in sentences):
        yield "extremism_offence"
