"""Suspension in post-sentence supervision: the practitioner asks for it, the manager agrees (CONT-19)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

import msgspec

from services.contacts.facts import Decision, SuspensionRequest
from services.contacts.reset import Live
from services.contacts.view import ContactsView
from shared.engine.case import Record

RefusalReason = Literal[
    "not_post_sentence_supervision", "risk_not_low", "rehabilitative_need", "not_approved"
]


class Approved(msgspec.Struct, frozen=True):
    """A request that was granted: contact may be suspended from `first` up to, but not on, `until`."""

    request: SuspensionRequest
    decision: Decision
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


class Fact(msgspec.Struct, frozen=True):
    """Whether something stands in the way of a suspension from a day on, and what says so."""

    day: date
    reason: Literal["risk_not_low", "rehabilitative_need"]
    stands: bool
    record: Record


def answers(of: ContactsView, sentence_id: str, lives: Sequence[Live]) -> Iterator[Approved | Refused]:
    """The answers to all requests for one sentence, by the day of the request.

    A request is decided by the first decision on or after its day. If the facts stand against it on its very
    day it is refused then, without waiting for the manager; they are looked at again on the day of the
    decision. One that is undecided when supervision ends lapses; one made after it leads to nothing.
    """
    requests = [r for r in of.case.suspension_requests.values() if r.sentence_id == sentence_id]
    over_on = of.courses[sentence_id].over_on
    if not requests:
        return
    decisions = sorted(
        (
            decision
            for decision in of.case.decisions.values()
            if decision.sentence_id == sentence_id and decision.about == "contact_suspension"
        ),
        key=lambda d: (d.decided_on, *d.stamp),
    )
    own = [live for live in lives if live.sentence.sentence_id == sentence_id]
    facts = _facts(of, sentence_id)
    for request in sorted(requests, key=lambda r: (r.requested_on, *r.stamp)):
        asked_on = request.requested_on
        if over_on is not None and asked_on >= over_on:
            continue
        refused = _against(own, facts, asked_on, request)
        if refused is not None:
            yield refused
            continue
        later = [decision for decision in decisions if decision.decided_on >= asked_on]
        if not later or (over_on is not None and later[0].decided_on >= over_on):
            continue
        decision = later[0]
        refused = _against(own, facts, decision.decided_on, request, decision)
        if refused is not None:
            yield refused
        elif not decision.approved:
            yield Refused(request, decision.decided_on, "not_approved", (request, decision))
        else:
            yield _approved(of, own, facts, request, decision, later[1:])


def _facts(of: ContactsView, sentence_id: str) -> list[Fact]:
    """What the assessments and the sentence's plans say of risk and need, in order.

    CONT-19: the latest word on a need holds, and on one day that of the plan. An assessment that scored no
    need at all says nothing of it.
    """
    sentence = of.sentences[sentence_id]
    facts = []
    for risk in of.risks:
        day = risk.assessed_on
        values = of.values(day, sentence)
        facts.append(Fact(day, "risk_not_low", risk.rosh not in values.texts("suspension_rosh"), risk))
        if risk.needs:
            severities = values.texts("rehabilitative_need_severities")
            need = any(scored.severity in severities for scored in risk.needs)
            facts.append(Fact(day, "rehabilitative_need", need, risk))
    for plan in of.plans(sentence_id):
        facts.append(Fact(plan.completed_on, "rehabilitative_need", plan.rehabilitative_need, plan))
    return sorted(facts, key=lambda fact: fact.day)  # those of one day stay in this order


def _against(
    own: Sequence[Live],
    facts: Sequence[Fact],
    day: date,
    request: SuspensionRequest,
    decision: Decision | None = None,
) -> Refused | None:
    """What the facts of that day have against it: the stage, the risk (unknown is not low), a need.

    CONT-18: contact in post-sentence supervision serves rehabilitation, and goes on while there is need.
    """
    asked: tuple[Record, ...] = (request,) if decision is None else (request, decision)
    live = next((live for live in own if live.on(day)), None)
    if live is None or not live.post_sentence:
        because = asked if live is None else (*asked, *live.stretch.because)
        return Refused(request, day, "not_post_sentence_supervision", because)
    risk, need = (_latest(facts, day, reason) for reason in ("risk_not_low", "rehabilitative_need"))
    if risk is None or risk.stands:
        return Refused(request, day, "risk_not_low", asked if risk is None else (*asked, risk.record))
    if need is not None and need.stands:
        return Refused(request, day, "rehabilitative_need", (*asked, need.record))
    return None


def _latest(facts: Sequence[Fact], day: date, reason: str) -> Fact | None:
    return next((fact for fact in reversed(facts) if fact.day <= day and fact.reason == reason), None)


def _approved(
    of: ContactsView,
    own: Sequence[Live],
    facts: Sequence[Fact],
    request: SuspensionRequest,
    decision: Decision,
    later: Sequence[Decision],
) -> Approved:
    """CONT-20: it ends by itself the day the risk rises or a need is found, and soon after a refusal.

    It does not come back when these pass: that takes a new request.
    """
    first = decision.decided_on
    over_on = first
    for live in own:
        if live.post_sentence and live.on(over_on):
            over_on = live.until
    ends: list[tuple[date, tuple[Record, ...]]] = [(over_on, ())]
    for fact in facts:
        # Of several statements of one day only the last counts.
        if fact.day > first and fact.stands and _latest(facts, fact.day, fact.reason) is fact:
            ends.append((fact.day, (fact.record,)))
    for refusal in later:
        if not refusal.approved:
            values = of.values(refusal.decided_on, own[0].sentence)
            day = values.within(refusal.decided_on, "suspension_ends_after_refusal_days")
            ends.append((day, (refusal,)))
    until, ended_by = min(ends, key=lambda end: end[0])
    because: list[Record] = [record for live in own if live.on(first) for record in live.stretch.because]
    because += [request, decision]
    for reason in ("risk_not_low", "rehabilitative_need"):
        if (said := _latest(facts, first, reason)) is not None:
            because.append(said.record)
    return Approved(request, decision, first, until, tuple(because), ended_by)
