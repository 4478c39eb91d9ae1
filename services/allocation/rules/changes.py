"""Changes of practitioner: which sentences are to go to somebody else (ALLOC-2)."""

from dataclasses import dataclass

from services.allocation.view import AllocationView, SupervisedSentence
from shared.engine.assessment import once_a_day
from shared.probation.facts import PractitionerChange
from shared.probation.practitioners import changes_under_way


@dataclass(frozen=True, slots=True)
class Change:
    """A live sentence that is to go to somebody else than `had_it`, who had it on the day of the request."""

    supervised: SupervisedSentence
    had_it: str
    request: PractitionerChange


@once_a_day
def changes_wanted(view: AllocationView) -> list[Change]:
    """ALLOC-2: a change of practitioner needs a request, and each request is fulfilled once.

    A request from before the sentence had a practitioner has no effect. A manager may refuse it as long as
    nobody else has taken the sentence; the last decision since the request counts.
    """
    case, today = view.case, view.today
    found = []
    for supervised in view.live:
        changes = changes_under_way(
            supervised.sentence_id, case.changes.values(), supervised.allocations, case.decisions.values()
        )
        for change in changes:
            if change.had_it is not None and change.open_on(today):
                found.append(Change(supervised, change.had_it, change.request))
    return found
