"""What is decided about a case: another practitioner, a review of the allocation, a temporary release."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from schemas.practice import ManagerDecisionRecorded, PractitionerChangeRequested
from schemas.prison import TemporaryReleaseGranted
from tools.simulate.people import Person
from tools.simulate.recorder import EventRecorder, working_days_after
from tools.simulate.served import Served

CHANGES = 0.06
"""The share of people for whom another practitioner is asked for."""
REVIEWED = 0.7
"""The share of later assessments after which a manager decides about the practitioner."""
LET_OUT = 0.3
"""The share of prisoners who are let out for two days before their release."""
BEFORE_RELEASE = timedelta(days=21)


def manage(
    person: Person, sentences: Sequence[Served], reassessed_on: date, recorder: EventRecorder, chance: Random
) -> None:
    """Record the decisions about a person."""
    served = sentences[0]
    if chance.random() < CHANGES:
        _change(person, served, recorder, chance)
    decided_on = working_days_after(reassessed_on, chance.randint(1, 12))
    if chance.random() < REVIEWED and served.live_on(decided_on):
        _decide(served, "R", f"{person.crn}-A2", recorder, decided_on, approved=False)
    first = served.starts_on - BEFORE_RELEASE
    if served.kind == "custodial" and chance.random() < LET_OUT and first > person.sentenced_on:
        granted = TemporaryReleaseGranted(
            grant_id=f"{served.sentence_id}-G",
            sentence_id=served.sentence_id,
            from_=first,
            until=first + timedelta(days=2),
        )
        recorder.record(granted, max(person.sentenced_on, first - timedelta(days=30)))


def _change(person: Person, served: Served, recorder: EventRecorder, chance: Random) -> None:
    """A manager mostly agrees to it, after it was made or before."""
    asked_on = working_days_after(served.starts_on + timedelta(days=chance.randint(30, 200)), 0)
    if not served.live_on(asked_on):
        return
    change = PractitionerChangeRequested(
        change_id=f"{person.crn}-H",
        sentence_id=None,
        reason=chance.choice(("caseload_adjustment", "risk_to_staff", "other")),
        requested_on=asked_on,
    )
    recorder.record(change, asked_on)
    decided_on = working_days_after(asked_on, chance.randint(0, 3))
    _decide(served, "H", change.change_id, recorder, decided_on, approved=chance.random() < 0.8)


def _decide(
    served: Served, code: str, about_id: str, recorder: EventRecorder, on: date, *, approved: bool
) -> None:
    decision = ManagerDecisionRecorded(
        decision_id=f"{served.sentence_id}-{code}",
        about="practitioner_change",
        about_id=about_id,
        sentence_id=served.sentence_id,
        approved=approved,
        decided_on=on,
    )
    recorder.record(decision, on)
