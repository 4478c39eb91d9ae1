"""Suspension in post-sentence supervision: the practitioner asks for it, the manager agrees (CONT-19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal

import msgspec

from services.contacts.facts import SuspensionRequest
from services.contacts.suspensions.live import LiveStage
from services.contacts.view import ContactsView
from shared.engine.case import Record
from shared.probation.facts import ManagerDecision

RefusalReason = Literal[
    "not_post_sentence_supervision", "risk_not_low", "rehabilitative_need", "not_approved"
]


class Approved(msgspec.Struct, frozen=True):
    """A request that was granted: contact may be suspended from `first` up to, but not on, `until`."""

    request: SuspensionRequest
    decision: ManagerDecision
    first: date
    until: date
    because: tuple[Record, ...]
    ended_by: tuple[Record, ...]


class Refused(msgspec.Struct, frozen=True):
    """A request that was refused on a day."""

    request: SuspensionRequest
    day: date
    reason: RefusalReason
    because: tuple[Record, ...]


class Objection(msgspec.Struct, frozen=True):
    """Whether risk or need is against a suspension from a day on (`stands`), and the record that says so."""

    day: date
    reason: Literal["risk_not_low", "rehabilitative_need"]
    stands: bool
    record: Record


def answers(view: ContactsView, sentence_id: str, live: Iterable[LiveStage]) -> Iterator[Approved | Refused]:
    """CONT-19: the answers to all requests for one sentence, by the day of the request.

    A request is decided by the first decision on or after its day that names it, or names none. If the facts
    are against it on its very day it is refused then, without waiting for the manager; they are looked at
    again on the day of the decision. One that is undecided when supervision ends lapses; one made after it
    leads to nothing.
    """
    requests = [r for r in view.case.suspension_requests.values() if r.sentence_id == sentence_id]
    if not requests:
        return
    over_on = view.supervision[sentence_id].over_on
    decisions = [
        decision
        for decision in view.case.decisions.values()
        if decision.sentence_id == sentence_id and decision.about == "contact_suspension"
    ]
    decisions.sort(key=lambda d: (d.decided_on, *d.stamp))
    own = [one for one in live if one.sentence.sentence_id == sentence_id]
    objections = _objections(view, sentence_id)
    for request in sorted(requests, key=lambda r: (r.requested_on, *r.stamp)):
        asked_on = request.requested_on
        if over_on is not None and asked_on >= over_on:
            continue
        refused = _refused(own, objections, asked_on, request)
        if refused is not None:
            yield refused
            continue
        later = [
            decision
            for decision in decisions
            if decision.decided_on >= asked_on and decision.about_id in (None, request.request_id)
        ]
        if not later or (over_on is not None and later[0].decided_on >= over_on):
            continue
        decision = later[0]
        refused = _refused(own, objections, decision.decided_on, request, decision)
        if refused is not None:
            yield refused
        elif not decision.approved:
            yield Refused(request, decision.decided_on, "not_approved", (request, decision))
        else:
            yield _approved(view, own, objections, request, decision, later[1:])


def _objections(view: ContactsView, sentence_id: str) -> list[Objection]:
    """What the assessments and the sentence's plans say of risk and need, in order.

    CONT-19: what was said last of a need holds, and on one day what the plan says. An assessment that scored
    no need at all says nothing of it.
    """
    sentence = view.case.sentences[sentence_id]
    found = []
    for risk in view.assessments:
        day = risk.assessed_on
        values = view.values(day, sentence)
        found.append(Objection(day, "risk_not_low", risk.rosh not in values.texts("suspension_rosh"), risk))
        if risk.needs:
            severities = values.texts("rehabilitative_need_severities")
            need = any(scored.severity in severities for scored in risk.needs)
            found.append(Objection(day, "rehabilitative_need", need, risk))
    for plan in view.sentence_plans(sentence_id):
        found.append(Objection(plan.completed_on, "rehabilitative_need", plan.rehabilitative_need, plan))
    return sorted(found, key=lambda objection: objection.day)  # those of one day stay in this order


def _refused(
    own: Sequence[LiveStage],
    objections: Sequence[Objection],
    day: date,
    request: SuspensionRequest,
    decision: ManagerDecision | None = None,
) -> Refused | None:
    """The refusal, if the facts of that day are against it: the stage, the risk (unknown is not low), a need.

    CONT-18: contact in post-sentence supervision serves rehabilitation, and goes on while there is need.
    """
    asked: tuple[Record, ...] = (request,) if decision is None else (request, decision)
    live = next((one for one in own if one.on(day)), None)
    if live is None or not live.post_sentence:
        because = asked if live is None else (*asked, *live.stage.because)
        return Refused(request, day, "not_post_sentence_supervision", because)
    risk, need = (_latest(objections, day, reason) for reason in ("risk_not_low", "rehabilitative_need"))
    if risk is None or risk.stands:
        return Refused(request, day, "risk_not_low", asked if risk is None else (*asked, risk.record))
    if need is not None and need.stands:
        return Refused(request, day, "rehabilitative_need", (*asked, need.record))
    return None


def _latest(objections: Sequence[Objection], day: date, reason: str) -> Objection | None:
    return next((o for o in reversed(objections) if o.day <= day and o.reason == reason), None)


def _approved(
    view: ContactsView,
    own: Sequence[LiveStage],
    objections: Sequence[Objection],
    request: SuspensionRequest,
    decision: ManagerDecision,
    later: Sequence[ManagerDecision],
) -> Approved:
    """CONT-20: it ends by itself the day the risk rises or a need is found, and soon after a refusal.

    It does not come back when these pass: that takes a new request.
    """
    first = over_on = decision.decided_on
    for one in own:
        if one.post_sentence and one.on(over_on):
            over_on = one.until
    ends: list[tuple[date, tuple[Record, ...]]] = [(over_on, ())]
    for objection in objections:
        # Of several statements of one day only the last counts.
        if (
            objection.day > first
            and objection.stands
            and _latest(objections, objection.day, objection.reason) == objection
        ):
            ends.append((objection.day, (objection.record,)))
    for refusal in later:
        if not refusal.approved:
            values = view.values(refusal.decided_on, own[0].sentence)
            day = values.within(refusal.decided_on, "suspension_ends_after_refusal_days")
            ends.append((day, (refusal,)))
    until, ended_by = min(ends, key=lambda end: end[0])
    because: list[Record] = [record for one in own if one.on(first) for record in one.stage.because]
    because += [request, decision]
    for reason in ("risk_not_low", "rehabilitative_need"):
        if (said := _latest(objections, first, reason)) is not None:
            because.append(said.record)
    return Approved(request, decision, first, until, tuple(because), ended_by)
