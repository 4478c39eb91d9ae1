"""Sessions of commissioned services, initial assessments, unpaid work, and the states of programmes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

from feeds.codes import table
from feeds.hmpps.envelope import Notice, event_reference
from feeds.message import Node
from feeds.practice.adapter import told_outcome
from feeds.providers.referrals import by_referral, referral_id
from feeds.statement import Fact, Reference, Statement
from feeds.times import NotATime, instant_of
from schemas.words import ProgrammeStatus
from shared.calendar import london_date


def session(notice: Notice) -> Iterator[Statement]:
    """A session with its outcome. Sessions are enforceable (an assumption of this feed)."""
    detail, referral = notice.message.answer(), referral_id(notice)
    id = _appointment(notice, detail)
    record = f"session/{id}"
    outcome = _outcome(detail)
    if outcome is None:
        yield notice.statement(record)
        return
    at = detail.instant("appointmentTime")
    minutes = detail.number("durationInMinutes") if outcome["outcome"] == "complied" else 0
    data = {
        "session_id": id,
        "referral_id": referral,
        "held_on": london_date(at),
        "activity": "session",
        "minutes": round(minutes or 0),
        "national_standard": True,
        **outcome,
    }
    yield notice.statement(record, Fact("SessionRecorded", data, at, by_referral(referral)))


def assessment(notice: Notice) -> Iterator[Statement]:
    """The initial assessment, if it was held."""
    detail, referral = notice.message.answer(), referral_id(notice)
    outcome = _outcome(detail)
    record = f"referral/{referral}/assessment"
    if outcome is None or outcome["outcome"] not in ("complied", "failed_to_comply"):
        yield notice.statement(record)
        return
    at = detail.instant("appointmentTime")
    data = {"referral_id": referral, "delivered_on": london_date(at)}
    yield notice.statement(record, Fact("InitialAssessmentDelivered", data, at))


def _appointment(notice: Notice, detail: Node) -> str:
    """The appointment's id, which comes as a text or a number."""
    return notice.info.optional_id("deliusAppointmentId") or detail.id("id")


def _outcome(detail: Node) -> dict[str, Any] | None:
    """The outcome that case management records for such feedback; None if there is no feedback yet."""
    feedback = detail["appointmentFeedback"]
    attendance = feedback["attendanceFeedback"]
    if not attendance["attended"]:
        return None
    spelt = Node({"attended": attendance.text("attended").upper()}, attendance.path)
    if table("providers", "attendance").of(spelt, "attended").word == "absent":
        return {"outcome": "failed_to_attend", "acceptable_reason": None}
    told = feedback["sessionFeedback"]
    if attendance["didSessionHappen"].value is False:
        return told_outcome(table("providers", "no_session").of(told, "noSessionReasonType"))
    notify = ("notifyProbationPractitioner", "notifyProbationPractitionerOfBehaviour")
    behaviour = any(told.flag(name) for name in notify)
    return {"outcome": "failed_to_comply" if behaviour else "complied", "acceptable_reason": None}


def unpaid_work(notice: Notice) -> Iterator[Statement]:
    """Unpaid work that was done or missed. It names neither its day nor its requirement.

    The day is that on which the notice says that it happened (an assumption of this feed), unless the detail
    has one; the requirement is the only one for unpaid work in the sentence. What is credited is what was
    worked, less the penalty.
    """
    holder = notice.message.answer()
    work = holder["appointment"] if holder["appointment"] else holder
    id = work.id("id")
    record = f"unpaid-work/{id}"
    if not work["contactOutcomeCode"]:
        yield notice.statement(record)
        return
    outcome = table("practice", "outcomes").of(work, "contactOutcomeCode", notice.day)
    penalty = round(work.number("penaltyMinutes") or 0)
    number = work.id("deliusEventNumber")
    day: date = work.optional_day("date") or notice.day
    data = {
        "session_id": id,
        "held_on": day,
        "activity": "unpaid_work",
        "minutes": round(work.number("minutesCredited") or 0) + penalty,
        "penalty_minutes": penalty,
        "national_standard": True,
        **told_outcome(outcome),
    }
    requirement = Reference("unpaid_work", number, "unpaid_work")
    fact = Fact("SessionRecorded", data, notice.occurred, event_reference(number), requirement)
    yield notice.statement(record, *(() if outcome.word == "voided" else (fact,)))


def status(notice: Notice) -> Iterator[Statement]:
    """The state of a referral to an accredited programme."""
    detail, id = notice.message.answer(), referral_id(notice)
    word = detail.text("newStatus").lower().replace(" ", "_")
    if word not in get_args(ProgrammeStatus):
        problem, cure = (
            "is no state that we know",
            "find out what it means and add it to the published language",
        )
        raise detail["newStatus"].wrong(problem, cure, detail.text("newStatus"))
    day = notice.day
    data = {"referral_id": id, "status": word, "changed_on": day}
    yield notice.statement(f"programme/{id}/{day}", Fact("ProgrammeStatusChanged", data, notice.occurred))


def programme_complete(notice: Notice) -> Iterator[Statement]:
    """A programme was completed. The time is London's, although it is written with a Z."""
    detail, id = notice.message.answer(), referral_id(notice)
    written = detail.text("licReqCompletedAt")
    try:
        at = instant_of(written.removesuffix("Z"))
    except NotATime:
        raise detail["licReqCompletedAt"].wrong("is not a date and time") from None
    data = {"referral_id": id, "concluded_on": london_date(at)}
    yield notice.statement(f"referral/{id}/concluded", Fact("ReferralConcluded", data, at))
