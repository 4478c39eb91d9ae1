"""Changes of practitioner and transfers: which sentences are to go to somebody else (ALLOC-2, ALLOC-21)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

from schemas.allocation import CaseTransferred
from services.allocation.facts import Allocation
from services.allocation.managed import ManagedSentence
from services.allocation.view import AllocationView
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record
from shared.probation.facts import TransferAcceptance
from shared.probation.names import name_key
from shared.probation.place import place_on
from shared.probation.practitioners import changes_under_way


@dataclass(frozen=True, slots=True)
class Change:
    """A live sentence that is to go to somebody else than `had_it`, who had it on the day of the request.

    `because` are the request and, if a manager approved it, that decision (ALLOC-15).
    """

    managed: ManagedSentence
    had_it: str
    because: tuple[Record, ...]


@once_a_day
def changes_wanted(view: AllocationView) -> list[Change]:
    """ALLOC-2: a change of practitioner needs a request, and each request is fulfilled once.

    A request from before the sentence had a practitioner has no effect. A manager may refuse it as long as
    nobody else has taken the sentence; the last decision since the request counts.
    """
    case, today = view.case, view.today
    found = []
    for managed in view.live:
        changes = changes_under_way(
            managed.sentence_id,
            case.changes.values(),
            managed.allocations,
            case.decisions.values(),
            partial(view.change_needs_approval, sentence=managed.sentence),
        )
        for change in changes:
            if change.had_it is not None and change.open_on(today):
                decided = [answer for answer in change.answers if today.reached(answer.decided_on)]
                approval = [answer for answer in decided[-1:] if answer.approved]
                found.append(Change(managed, change.had_it, (change.request, *approval)))
    return found


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer that was accepted: who had the case then, and who has it there (None: nobody yet)."""

    accepted: TransferAcceptance
    before: Allocation | None
    taken: Allocation | None


@once_a_day
def transfers(view: AllocationView) -> list[Transfer]:
    """ALLOC-21: the transfers accepted by today, in order.

    Taken when somebody of the receiving unit has the case, who may have had it before. One that nobody had
    taken when the next was accepted never took place.
    """
    accepted = [t for t in view.transfers if view.today.reached(t.accepted_on)]
    found = []
    for transfer, following in zip_longest(accepted, accepted[1:]):
        before = [a for a in view.allocations if a.allocated_on < transfer.accepted_on]
        since = [
            a
            for a in view.allocations
            if a.allocated_on >= transfer.accepted_on
            and (following is None or a.allocated_on < following.accepted_on)
        ]
        held = before[-1:]
        taken = next((a for a in (*held, *since) if _received(transfer, a, held)), None)
        found.append(Transfer(transfer, held[0] if held else None, taken))
    return found


def transfer_wanted(view: AllocationView) -> TransferAcceptance | None:
    """ALLOC-21: the transfer that nobody has taken yet; until then the sending side keeps the case."""
    latest = transfers(view)[-1:]
    return latest[0].accepted if latest and latest[0].taken is None else None


def case_transferred(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-21: a case has moved to another region or delivery unit, where somebody is responsible for it."""
    for transfer in transfers(view):
        accepted, taken = transfer.accepted, transfer.taken
        if taken is None:
            continue
        sentence = view.case.sentences.get(taken.sentence_id)
        if sentence is None:
            continue
        yield Finding(
            event=CaseTransferred.model_validate(
                {
                    "transfer_id": accepted.transfer_id,
                    "from_region": transfer.before.region if transfer.before else sentence.region,
                    "to_region": accepted.to_region,
                    "to_pdu": accepted.to_pdu,
                    "practitioner_id": taken.practitioner_id,
                }
            ),
            key=accepted.transfer_id,
            rules=("ALLOC-21",),
            because=(accepted, taken),
            policy=view.values(accepted.accepted_on, sentence).version,
        )


def places(view: AllocationView, managed: Sequence[ManagedSentence]) -> list[tuple[str, str]]:
    """ALLOC-16, ALLOC-21: the region and delivery unit where each sentence belongs, that of the latest first.

    A transfer takes along all sentences from before it. It does not restart any clock.
    """
    view.reached(transfer.accepted_on for transfer in view.transfers)
    today = view.today.waited_for
    accepted = [t for t in view.transfers if t.accepted_on <= today]
    found = []
    for one in managed:
        region, pdu = place_on(one.sentence, accepted, today)
        since = max((t.accepted_on for t in accepted), default=one.starts_on)
        found.append((max(since, one.starts_on), one.sentence_id, region, pdu))
    latest_first = [(region, pdu) for _, _, region, pdu in sorted(found, reverse=True)]
    return list(dict.fromkeys(latest_first))


def _received(transfer: TransferAcceptance, made: Allocation, held: Sequence[Allocation]) -> bool:
    """Is somebody of the receiving side responsible by this allocation?"""
    if made.region == transfer.to_region and name_key(made.pdu) == name_key(transfer.to_pdu):
        return True
    return made.reason == "transfer" and made not in held and made.region == transfer.to_region
