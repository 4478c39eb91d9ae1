"""Recall: when it is considered, whether its papers are sent in time, and which type the law prescribes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.enforcement import (
    BreachedCondition,
    RecallConsidered,
    RecallDeadlineMissed,
    RecallTypeDetermined,
)
from services.enforcement.facts import Absence
from services.enforcement.recall.kinds import last_day, recall_kind, returned
from services.enforcement.recall.licences import STEPS, Licence
from services.enforcement.view import EnforcementView
from shared.calendar import london_date
from shared.engine.assessment import Finding
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.facts import TakenIntoCustody
from shared.probation.supervision import SupervisionPeriod


def recall_considered(view: EnforcementView) -> Iterator[Finding]:
    """ENF-26, ENF-39: recall is considered when a person on licence fails again after a final warning.

    There is no statutory count: a practitioner or manager judges. A final warning is in force for 12 months
    (SH-4). The item names the condition that was breached. It is resolved when somebody recommends recall, or
    decides on something else. While a recall is in progress no other is considered.
    """
    for licence in view.licences:
        for failure in licence.failures:
            values = view.values(failure.missed_on, licence.sentence)
            final = [
                warning
                for warning in licence.warnings(failure)
                if warning.action in values.texts("recall_after_warnings")
            ]
            if not final or licence.recall_in_progress_on(failure.missed_on):
                continue
            yield Finding(
                event=RecallConsidered(
                    sentence_id=licence.sentence.sentence_id,
                    contact_id=failure.contact_id,
                    conditions=[
                        BreachedCondition(condition_id=condition.condition_id, kind=condition.kind)
                        for condition in licence.breached(failure, values.texts("conditions_of_contact"))
                    ],
                ),
                key=f"{licence.sentence.sentence_id}/{failure.contact_id}",
                rules=("ENF-26", "ENF-39"),
                because=_because(licence, failure, final[-1]),
                policy=values.version,
                resolved_on=_considered_on(licence, failure, values),
                ended_on=licence.over_on,
            )


def recall_considered_in_custody(view: EnforcementView) -> Iterator[Finding]:
    """ENF-35: recall is considered when a person on licence is remanded or sentenced, or recalled on another
    licence."""
    for licence in view.licences:
        id = licence.sentence.sentence_id
        for stay in sorted(view.case.taken.values(), key=lambda stay: (stay.taken_on, stay.custody_id)):
            if (
                (stay.reason == "recall" and stay.sentence_id in (None, id))
                or not licence.in_force(stay.taken_on)
                or not view.today.reached(stay.taken_on)
                or licence.recall_in_progress_on(stay.taken_on)
            ):
                continue
            values = view.values(stay.taken_on, licence.sentence)
            yield Finding(
                event=RecallConsidered(sentence_id=id, custody_id=stay.custody_id),
                key=f"{id}/{stay.custody_id}",
                rules=("ENF-35",),
                because=_because(licence, stay),
                policy=values.version,
                resolved_on=_considered_on(licence, stay, values),
                ended_on=licence.over_on,
            )


def recall_deadline_missed(view: EnforcementView) -> Iterator[Finding]:
    """ENF-27: Part A goes to the public protection casework section within 24 hours of the manager's
    agreement.

    The hours are elapsed hours, by night, at weekends and across a change of the clocks, and custody does not
    stop them. This is a record: papers that are sent late do not undo it.
    """
    for licence in view.licences:
        for recall in licence.recalls:
            due_at = recall.part_a_due_at(view.policy, licence.sentence.region)
            if recall.agreed is None or due_at is None:
                continue
            sent = [
                action
                for action in licence.actions
                if action.action == "recall_part_a_sent" and recall.begun.taken_at <= action.taken_at
            ]
            dropped = recall.dropped_by is not None and recall.dropped_by.taken_at <= due_at
            if dropped or any(action.taken_at <= due_at for action in sent):
                continue
            due_on = london_date(due_at)
            if due_on < licence.over_on and (sent or view.today.after(due_on)):
                yield Finding(
                    event=RecallDeadlineMissed(sentence_id=licence.sentence.sentence_id, due_at=due_at),
                    key=recall.key,
                    rules=("ENF-27",),
                    because=[recall.agreed, *sent[:1]],
                    policy=view.values(recall.agreed.taken_on, licence.sentence).version,
                )


def recall_type_determined(view: EnforcementView) -> Iterator[Finding]:
    """ENF-28, ENF-29, ENF-30, ENF-31: the type of a recall by the law on the day on which it was decided, and
    the last day of a fixed term.

    An emergency recall is told as such, which does not alter the type. There is no recall in post-sentence
    supervision (ENF-33).
    """
    case = view.case
    for decision in sorted(case.recalls.values(), key=lambda d: (d.decided_on, d.recall_id)):
        day, period = decision.decided_on, view.supervision.get(decision.sentence_id)
        if period is None or not period.sentence.custodial or not view.today.reached(day):
            continue
        if not _could_be_recalled(period, day):
            continue
        values = view.values(day, period.sentence)
        sentence = case.sentences[decision.sentence_id]
        kind = recall_kind(decision, sentence, view.assessments, values)
        if kind is None:
            continue
        because: list[Record] = [decision, sentence, *kind.because]
        last = None
        if kind.days is not None:
            back = returned(decision, case.taken.values(), case.releases.values(), view.custody)
            over = period.cut_short is not None and back is not None and back.on >= period.cut_short.on
            if back is not None and not over and view.today.reached(back.on):
                last, cut = last_day(kind.days, back.on, decision, case.releases.values())
                because += [*back.because, *cut]
        yield Finding(
            event=RecallTypeDetermined(
                recall_id=decision.recall_id,
                sentence_id=decision.sentence_id,
                type="standard" if kind.days is None else "fixed_term",
                days=kind.days,
                last_day=last,
                emergency=decision.emergency,
                decided_on=decision.decided_on,
            ),
            key=decision.recall_id,
            rules=(*kind.rules, *(("ENF-31",) if decision.emergency else ())),
            because=because,
            policy=values.version,
        )


def _could_be_recalled(period: SupervisionPeriod, day: date) -> bool:
    """Is the person on licence that day, or serves the sentence and no release is known (yet)?"""
    stage = period.stage_on(day)
    if stage is not None:
        return stage.kind == "licence"
    return period.begins_on is None and period.live_on(day)


def _considered_on(licence: Licence, cause: Absence | TakenIntoCustody, values: Values) -> date | None:
    """The day on which somebody considered recall: recommended it, decided on something else, or recalled."""
    since = cause.missed_on if isinstance(cause, Absence) else cause.taken_on
    contact_id = cause.contact_id if isinstance(cause, Absence) else None
    days = [
        action.taken_on
        for action in licence.actions
        if since <= action.taken_on
        and action.action in values.texts("recall_answers")
        and (action.contact_id in (None, contact_id) or action.action in STEPS)
    ]
    days += [day for day, _ in licence.recalled if since <= day]
    return min(days, default=None)


def _because(licence: Licence, *records: Record) -> list[Record]:
    release = licence.release
    return [*records, *([release] if release else [])]
