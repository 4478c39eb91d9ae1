"""The states of a referral to an accredited programme (AP-13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.words import ProgrammeStatus
from services.referrals.facts import StatusChange
from services.referrals.view import ReferralsView
from shared.engine.assessment import once_a_day

FIRST: ProgrammeStatus = "awaiting_assessment"


@dataclass(frozen=True, slots=True)
class ProgrammeStates:
    """The changes of state that stand, in order, and those refused, each with the state that stood."""

    stood: tuple[StatusChange, ...] = ()
    refused: tuple[tuple[StatusChange, ProgrammeStatus], ...] = ()

    @property
    def now(self) -> ProgrammeStatus:
        """The state that stands."""
        return self.stood[-1].status if self.stood else FIRST

    def last(self, *statuses: ProgrammeStatus) -> StatusChange | None:
        """The change to the state that stands, if that is one of these."""
        return self.stood[-1] if self.stood and self.stood[-1].status in statuses else None


NONE = ProgrammeStates()


@once_a_day
def programme_states(view: ReferralsView) -> Mapping[str, ProgrammeStates]:
    """AP-13: by referral, the states that followed one another as the table of transitions allows.

    A change that the table does not have is refused and changes nothing; the same state again is none.
    """
    changes: dict[str, list[StatusChange]] = defaultdict(list)
    for change in sorted(view.case.status_changes.values(), key=lambda c: (c.changed_on, *c.stamp)):
        if view.today.reached(change.changed_on):
            changes[change.referral_id].append(change)
    return {referral_id: _followed(view, told) for referral_id, told in changes.items()}


def _followed(view: ReferralsView, changes: list[StatusChange]) -> ProgrammeStates:
    stood: list[StatusChange] = []
    refused: list[tuple[StatusChange, ProgrammeStatus]] = []
    state = FIRST
    for change in changes:
        table = view.policy.on(change.changed_on).table("programme_transitions")
        if change.status == state:
            continue
        if change.status in str(table.get(state, "")).split():
            stood.append(change)
            state = change.status
        else:
            refused.append((change, state))
    return ProgrammeStates(tuple(stood), tuple(refused))


def states_of(view: ReferralsView, referral_id: str) -> ProgrammeStates:
    """The states of one referral."""
    return programme_states(view).get(referral_id, NONE)
