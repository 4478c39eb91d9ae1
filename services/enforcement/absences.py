"""Absences as contacts published them: those of which the reason was awaited, and one finding a contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.enforcement.case import EnforcementCase
from services.enforcement.facts import Absence
from shared.calendar import london_date
from shared.engine.assessment import Day
from shared.engine.case import Resolution


@dataclass(frozen=True, slots=True)
class AwaitedDecision:
    """An absence of which the reason was awaited, until `over_on`; None if it still is."""

    absence: Absence
    over_on: date | None


def awaited_decisions(case: EnforcementCase, today: Day) -> list[AwaitedDecision]:
    """The absences of which the reason is or was awaited, one a contact, by day.

    If a decided finding stands, it says when the decision was made, whichever arrives first. An absence that
    was resolved without one turned out to be none. But on the day on which it is told that is not known yet:
    contacts withdraws the undecided absence just before it publishes what was decided.
    """
    decided = newest_by_contact(case.failures | case.excused)
    found = [AwaitedDecision(absence, absence.decided_on) for absence in decided if absence.decided_on]
    known = {absence.contact_id for absence in decided}
    latest: dict[str, Absence] = {}
    for absence in sorted(case.undecided.values(), key=lambda absence: _latest(absence, case.resolutions)):
        latest[absence.contact_id] = absence
    for contact_id, absence in latest.items():
        end = case.resolutions.get(absence.event_id)
        none = end is not None and end.reason == "resolved" and today.after(_told_on(end))
        if contact_id not in known and not none:
            over = end is not None and end.reason != "superseded"
            found.append(AwaitedDecision(absence, end.on if end and over else None))
    return sorted(found, key=lambda awaited: (awaited.absence.missed_on, awaited.absence.contact_id))


def newest_by_contact(absences: Mapping[str, Absence]) -> list[Absence]:
    """One absence a contact, by day: the newer, while a finding and the one that replaces it both stand."""
    newest: dict[str, Absence] = {}
    for absence in absences.values():
        known = newest.get(absence.contact_id)
        if known is None or absence.stamp > known.stamp:
            newest[absence.contact_id] = absence
    return sorted(newest.values(), key=lambda a: (a.missed_on, a.contact_id))


def _told_on(end: Resolution) -> date:
    """The day on which contacts told that an absence was resolved."""
    return london_date(datetime.fromtimestamp(end.recorded // 1_000_000, UTC))


def _latest(absence: Absence, resolutions: Mapping[str, Resolution]) -> tuple[bool, int, int, str]:
    """Sorts undecided absences of one contact: the one still open last, else the one resolved last."""
    end = resolutions.get(absence.event_id)
    return (end is None, absence.recorded, end.recorded if end else 0, absence.event_id)
