"""Where enforcement stands, for those who query the cases. No rule reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from schemas.published import OpenItem
from services.enforcement.episodes import Breach, BreachHistory
from services.enforcement.facts import Absence
from services.enforcement.recall.shown import recall_status, shown_recalls
from services.enforcement.reviews import AbsenceReview, absence_reviews
from services.enforcement.sentences import EnforcedSentence
from services.enforcement.view import EnforcementView
from shared.calendar import months_beginning
from shared.engine.assessment import Finding, Overview

STATUSES = (
    *("", "ended", "supervised", "breach_required", "recall_considered"),
    *("in_breach", "recall_in_progress", "recalled"),
)
"""Of one sentence; of several the gravest counts for the case."""


def overview(view: EnforcementView, findings: Sequence[Finding]) -> Overview:
    """The gravest status of all sentences, region and practitioner of the latest, and what is shown."""
    latest = view.sentences_in_order[-1] if view.case.sentences else None
    accountable = view.accountable_today(latest.sentence_id) if latest else None
    return Overview(
        status=max(
            (_status(view, enforced, findings) for enforced in view.enforced),
            key=STATUSES.index,
            default="",
        ),
        region=latest.region if latest else None,
        practitioner=accountable.practitioner_id if accountable else None,
        shown=_shown(view, findings),
    )


def _status(view: EnforcementView, enforced: EnforcedSentence, findings: Sequence[Finding]) -> str:
    if enforced.period.end(view.today) is not None:
        return "ended"
    id = enforced.sentence.sentence_id
    history = next((h for h in view.breaches if h.order.sentence.sentence_id == id), None)
    if history is not None and history.current.live:
        return "in_breach"
    if history is not None and history.current.review is not None:
        return "breach_required"
    return recall_status(view, id, findings)


def _shown(view: EnforcementView, findings: Sequence[Finding]) -> dict[str, Any] | None:
    """What is shown of a case, as JSON; each entry names its sentence, where that is, and the practitioner.

    `open`: what waits for somebody; `breaches` and `recalls`: all of them, with their steps; `warnings`:
    those that hold, until the last day on which they bind; `failures`: those about which something had to be
    done, with the day of the letter; `recognitions`: how often progress was recognised.
    """
    shown = {
        "open": [*_open(view, findings)],
        "breaches": [
            _breach(view, history, breach) for history in view.breaches for breach in history.breaches
        ],
        "recalls": [{**_whose(view, id), **recall} for id, recall in shown_recalls(view)],
        "warnings": [*_warnings(view)],
        "failures": [*_failures(view)],
        "recognitions": recognitions(view),
    }
    return shown if any(shown.values()) else None


def recognitions(view: EnforcementView) -> int:
    """ENF-38: how often progress was recognised. Nothing depends on it."""
    return len(view.case.recognitions)


def _whose(view: EnforcementView, sentence_id: str) -> dict[str, Any]:
    """The sentence, where it is supervised today, and who has it."""
    sentence = view.case.sentences[sentence_id]
    region, pdu = view.place_today(sentence)
    accountable = view.accountable_today(sentence_id)
    practitioner = accountable.practitioner_id if accountable else None
    return {"sentence_id": sentence_id, "region": region, "pdu": pdu, "practitioner": practitioner}


def _open(view: EnforcementView, findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    missed_on = {a.contact_id: a.missed_on for a in view.case.failures.values()}
    started = {b.key: b.started for history in view.breaches for b in history.breaches if b.started}
    for finding in findings:
        event = finding.event
        if not isinstance(event, OpenItem) or finding.closed(view.today) is not None:
            continue
        contact_id, action_id = getattr(event, "contact_id", None), getattr(event, "action_id", None)
        action = view.case.actions.get(action_id) if action_id else started.get(finding.key)
        stay = view.case.taken.get(getattr(event, "custody_id", None) or "")
        asked_on = getattr(event, "requested_on", None) or (stay.taken_on if stay else None)
        yield {
            **_whose(view, event.sentence_id),  # type: ignore[attr-defined]  # all items here have one
            "item": type(event).__name__,
            "key": finding.key,
            "since": asked_on or missed_on.get(contact_id or "") or (action.taken_on if action else None),
            "due_on": event.due_on,  # type: ignore[attr-defined]
        }


def _breach(view: EnforcementView, history: BreachHistory, breach: Breach) -> dict[str, Any]:
    order = history.order
    days = {
        action.action: action.taken_on
        for action in reversed(order.actions)
        if breach.since <= action.taken_on
        and (breach.closed_on is None or action.taken_on <= breach.closed_on)
    }
    heard = [h for h in order.hearings if breach.since <= h.heard_on and breach.started is not None]
    if breach.closed_on is not None:
        heard = [h for h in heard if h.heard_on <= breach.closed_on]
    last = heard[-1] if heard else None
    packed_on, laid_on = days.get("breach_pack_completed"), days.get("breach_information_laid")
    return {
        **_whose(view, order.sentence.sentence_id),
        "key": breach.key,
        "stage": _stage(view, order, breach, heard=bool(heard), laid=laid_on, packed=packed_on),
        "failed_on": breach.opener.missed_on if breach.opener else None,
        "started_on": breach.started.taken_on if breach.started else None,
        "packed_on": packed_on,
        "laid_on": laid_on,
        "heard_on": heard[0].heard_on if heard else None,
        "concluded_on": breach.closed_on if breach.concluded is not None else None,
        "outcome": last.outcome if last is not None and breach.concluded == last else None,
        "sanction": last.sanction if last is not None and breach.concluded == last else None,
        "fine_pounds": last.fine_pounds if last is not None and breach.concluded == last else None,
        "after_review": _follows_review(view, order, breach),
    }


def _stage(
    view: EnforcementView,
    order: EnforcedSentence,
    breach: Breach,
    *,
    heard: bool,
    laid: date | None,
    packed: date | None,
) -> str:
    """How far a breach has come. It is over with the order as well."""
    over_on = order.ended_on if order.stayed is None else None
    if breach.closed_on is not None or (over_on is not None and view.today.reached(over_on)):
        return "over"
    if breach.started is None:
        return "required"
    if heard:
        return "before_court"
    if laid is not None:
        return "information_laid"
    return "initiated" if packed is None else "pack_completed"


def _follows_review(view: EnforcementView, order: EnforcedSentence, breach: Breach) -> bool:
    """ENF-40: did a breach begin within 12 months of a manager's review of absences on its order?"""
    if breach.started is None:
        return False
    on = breach.started.taken_on

    def precedes(review: AbsenceReview) -> bool:
        values = view.values(review.requested_on, order.sentence)
        last = months_beginning(review.requested_on, values.integer("absence_review_months"))
        return review.requested_on <= on <= last

    return any(precedes(review) for review in absence_reviews(order, view.today, view.policy))


def _warnings(view: EnforcementView) -> Iterator[dict[str, Any]]:
    for enforced in view.enforced:
        for warned in enforced.warnings:
            if enforced.ended_on is None or not view.today.reached(enforced.ended_on):
                yield {
                    **_whose(view, enforced.sentence.sentence_id),
                    "action": warned.action.action,
                    "given_on": warned.action.taken_on,
                    "until": warned.until,
                }


def _failures(view: EnforcementView) -> Iterator[dict[str, Any]]:
    for enforced in view.enforced:
        for failure in enforced.failures:
            if view.demands_action(failure):
                yield {
                    **_whose(view, enforced.sentence.sentence_id),
                    "contact_id": failure.contact_id,
                    "failed_on": failure.missed_on,
                    "letter_on": _letter_on(view, enforced, failure),
                }


def _letter_on(view: EnforcementView, enforced: EnforcedSentence, failure: Absence) -> date | None:
    letters = view.values(failure.missed_on, enforced.sentence).texts("letter_actions")
    return next((a.taken_on for a in enforced.answers(failure) if a.action in letters), None)
