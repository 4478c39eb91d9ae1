"""Strategies: the rest of what the feeds say of a person, and what the services say to one another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from schemas.allocation import CaseAllocated, SupervisionEnded, TierCalculated
from schemas.contacts import ContactMissed, ContactResumed, ContactSuspended
from schemas.court import PreSentenceReportDelivered, PreSentenceReportRequested
from schemas.envelope import Data
from schemas.practice import (
    CaseAccessChanged,
    ContactSuspensionRequested,
    CoverArranged,
    EmploymentNeedAssessed,
    EnforcementActionTaken,
    ManagerDecisionRecorded,
    Mappa,
    PartnerCheckCompleted,
    PractitionerChangeRequested,
    PractitionerPreferenceRecorded,
    PreReleaseTaskCompleted,
    ProgressRecognised,
    RecallDecided,
    ReferralRequested,
    RegistrationChanged,
    RiskAssessed,
    ScoredNeed,
    SentencePlanCompleted,
    TransferAccepted,
    TransferRequested,
    VictimContactChanged,
    VictimUpdated,
)
from schemas.prison import ReleasePlanned
from schemas.providers import DeliveryResumed, DeliverySuspended, PlacementOffered
from schemas.referrals import RequirementCompleted
from schemas.words import Registration, Rosh, VictimTrigger
from schemas.workforce import DeliveryUnitChanged, PractitionerUpdated, ReductionAgreed, ReductionEnded
from tests.engine.facts import (
    FIRST,
    PERSON,
    STRATEGIES,
    TURNS,
    WHY,
    any_event,
    dates,
    licences,
    requirement_ids,
    sentences,
    spans,
    voided,
)
from tests.engine.provider_facts import PROVIDERS
from tests.engine.running import ONE_DAY, at

changes = st.sampled_from(["D1", "D2"])
"""Ids of requests, and of the decisions about them."""
places = st.sampled_from([("london", "Camden"), ("wales", "Cardiff")])
staff = st.sampled_from(["P1", "P2"])
turns = st.sampled_from([FIRST, *TURNS])
"""Few days: what is dated by them often falls on the same one, or comes shortly after another."""
at_large = st.sampled_from(["S1", "L1", "L1"])
"""Sentences, mostly one on which there may be post-sentence supervision."""
registered = st.sampled_from([*get_args(Registration), *["domestic_abuse", "child_protection"] * 3])
needs = st.builds(
    ScoredNeed,
    need=st.sampled_from(["alcohol", "emotional_wellbeing"]),
    severity=st.sampled_from(["none", "standard", "severe"]),
)
mappa = (
    st.none() | st.none() | st.builds(Mappa, level=st.sampled_from([1, 2]), category=st.sampled_from([1, 4]))
)


@st.composite
def risks(draw: st.DrawFn) -> Data:
    return RiskAssessed(
        assessment_id=draw(st.sampled_from(["A1", "A2", "A3"])),
        assessed_on=draw(dates),
        rosh=draw(st.sampled_from([*get_args(Rosh), "low", "low"])),
        rsr=draw(st.sampled_from([None, 1.0, 7.5])),
        ogrs=draw(st.sampled_from([None, 30, 80])),
        mappa=draw(mappa),
        needs=draw(st.lists(needs, max_size=2, unique_by=lambda scored: scored.need)),
        complexity_flags=draw(st.integers(0, 2)),
        integrated_offender_management=draw(st.booleans()),
        lifer=draw(st.booleans()),
        first_released_on=draw(st.none() | dates),
        voided=draw(voided),
    )


@st.composite
def suspensions(draw: st.DrawFn) -> list[Data]:
    """Low risk in post-sentence supervision, a request to suspend contact, and the manager's agreement."""
    asked_on = draw(turns)
    low = draw(risks()).model_dump() | {"assessed_on": FIRST, "rosh": "low", "mappa": None, "voided": False}
    decision = {"decision_id": "D1", "about": "contact_suspension", "sentence_id": "L1", "approved": True}
    return [
        *draw(licences()),
        RiskAssessed.model_validate(low),
        ContactSuspensionRequested(request_id="D1", sentence_id="L1", requested_on=asked_on),
        ManagerDecisionRecorded.model_validate(
            decision | {"decided_on": asked_on + draw(st.sampled_from([0, 1, 3, 30])) * ONE_DAY}
        ),
    ]


@st.composite
def recalls(draw: st.DrawFn) -> list[Data]:
    """A failure on licence after a final warning, and what may follow: steps of a recall, and the recall."""
    failed_on = draw(turns)
    begun_at = at(draw(turns), draw(st.sampled_from([0, 9, 23])))
    final, *steps = (
        EnforcementActionTaken.model_validate(
            {"action_id": f"A-{action}", "sentence_id": "L1", "action": action}
            | {"contact_id": contact, "taken_at": taken_at}
        )
        for action, contact, taken_at in (
            ("final_warning", None, at(FIRST, 9)),
            ("recall_recommended", "C1", begun_at),
            ("recall_manager_agreed", None, begun_at + timedelta(hours=draw(st.integers(0, 30)))),
            ("recall_part_a_sent", None, begun_at + timedelta(hours=draw(st.integers(0, 60)))),
        )
    )
    missed = {"contact_id": "C1", "sentence_id": "L1", "missed_on": failed_on, "why": WHY}
    decided_on = failed_on + draw(st.integers(0, 30)) * ONE_DAY
    return [
        *draw(licences()),
        ContactMissed.model_validate(missed | {"outcome": "failed_to_comply"}),
        final,
        *draw(st.lists(st.sampled_from(steps), max_size=3, unique_by=lambda step: step.action_id)),
        RecallDecided(recall_id="D1", sentence_id="L1", decided_on=decided_on),
    ]


@st.composite
def registrations(draw: st.DrawFn) -> list[Data]:
    """One registration set, lifted and set again."""
    kind = draw(registered)
    days = sorted(draw(st.lists(turns, min_size=1, max_size=4, unique=True)))
    return [
        RegistrationChanged(registration_id="G1", kind=kind, active=n % 2 == 0, effective_on=day)
        for n, day in enumerate(days)
    ]


@st.composite
def plans(draw: st.DrawFn) -> Data:
    release_on = draw(dates)
    return ReleasePlanned(
        sentence_id=draw(sentences),
        release_on=release_on,
        licence_ends_on=release_on + draw(spans),
        stay=draw(st.sampled_from(["short_term", "long_term"])),
        voided=draw(voided),
    )


@st.composite
def covers(draw: st.DrawFn) -> Data:
    """Somebody stands in for a few days, or for weeks."""
    first = draw(turns)
    until = first + draw(st.sampled_from([0, 26, 27, 28])) * ONE_DAY
    who: Data = draw(
        any_event(
            CoverArranged,
            cover_id=changes,
            for_practitioner_id=staff,
            practitioner_id=staff,
            from_=st.just(first),
            until=st.just(until),
        )
    )
    return who


@st.composite
def moves(draw: st.DrawFn, model: type[Data]) -> Data:
    """A move to another region or delivery unit, asked for or accepted."""
    region, pdu = draw(places)
    to = {"to_region": st.just(region), "to_pdu": st.just(pdu)}
    moved: Data = draw(any_event(model, transfer_id=changes, **to))
    return moved


OTHERS: dict[type[Data], st.SearchStrategy[Any]] = {
    ReleasePlanned: plans(),
    TransferRequested: moves(TransferRequested),
    TransferAccepted: moves(TransferAccepted),
    RiskAssessed: risks(),
    PractitionerChangeRequested: any_event(
        PractitionerChangeRequested,
        change_id=changes,
        sentence_id=st.none() | sentences,
        reason=st.just("sex"),
    ),
    ManagerDecisionRecorded: any_event(
        ManagerDecisionRecorded,
        decision_id=changes,
        about=st.sampled_from(
            [
                *("contact_suspension", "contact_suspension", "absence_review"),
                *("enforcement_review", "practitioner_change", "practitioner_change"),
            ]
        ),
        sentence_id=sentences | at_large,
        approved=st.sampled_from([True, True, False]),
        decided_on=turns,
    ),
    RegistrationChanged: any_event(
        RegistrationChanged,
        registration_id=st.sampled_from(["G1", "G2"]),
        kind=registered,
        active=st.sampled_from([True, True, False]),
        effective_on=turns,
    ),
    PractitionerPreferenceRecorded: any_event(
        PractitionerPreferenceRecorded, preference_id=changes, sex=st.just("female")
    ),
    CoverArranged: covers(),
    PreReleaseTaskCompleted: any_event(
        PreReleaseTaskCompleted,
        task_id=changes,
        sentence_id=at_large,
        task=st.sampled_from(["accommodation", "benefits"]),
    ),
    ContactSuspended: any_event(
        ContactSuspended, from_=turns, ground=st.sampled_from(["reset", "custody"]), approval=st.none()
    ),
    ContactResumed: any_event(
        ContactResumed, from_=turns, ground=st.sampled_from(["reset", "custody"]), approval=st.none()
    ),
    SentencePlanCompleted: any_event(
        SentencePlanCompleted,
        objectives_met_on=st.none() | turns,
        plan_id=changes,
        sentence_id=sentences | at_large,
        self_assessment=st.sampled_from(["included", "declined", "missing"]),
        family_considered=st.sampled_from([None, True, False]),
        face_to_face_every_days=st.sampled_from([None, None, 1, 7, 28, 366]),
        sequence=st.lists(requirement_ids, max_size=2, unique=True),
    ),
    PartnerCheckCompleted: any_event(PartnerCheckCompleted),
    VictimContactChanged: any_event(
        VictimContactChanged,
        victim_contact_id=changes,
        sentence_id=at_large,
        opted_in=st.sampled_from([True, True, False]),
        effective_on=turns,
    ),
    VictimUpdated: any_event(
        VictimUpdated,
        update_id=changes,
        sentence_id=at_large,
        trigger=st.sampled_from(get_args(VictimTrigger)),
        told_on=turns,
    ),
    DeliverySuspended: any_event(
        DeliverySuspended,
        suspension_id=changes,
        region=st.just("london"),
        kind=st.sampled_from(["contact", "all", "unpaid_work", "accredited_programme"]),
        from_=turns,
    ),
    DeliveryResumed: any_event(
        DeliveryResumed, suspension_id=changes, region=st.just("london"), resumed_on=turns
    ),
    ContactSuspensionRequested: any_event(
        ContactSuspensionRequested, request_id=changes, sentence_id=sentences | at_large, requested_on=turns
    ),
    ReferralRequested: any_event(
        ReferralRequested,
        referral_id=st.sampled_from(["F1", "F2"]),
        requirement_id=st.none() | requirement_ids,
        kind=st.just("treatment"),
    ),
    ProgressRecognised: any_event(ProgressRecognised, recognition_id=changes, form=st.just("letter")),
    RecallDecided: any_event(
        RecallDecided,
        recall_id=changes,
        sentence_id=at_large,
        decided_on=turns,
        returned_on=st.none() | turns,
        exclusions=st.lists(st.sampled_from(["new_charge", "mappa_level_2_3", "unheard_of"]), max_size=1),
        emergency=st.booleans(),
    ),
    EmploymentNeedAssessed: any_event(EmploymentNeedAssessed),
    CaseAccessChanged: any_event(CaseAccessChanged, access_id=changes),
    PlacementOffered: any_event(
        PlacementOffered,
        placement_id=changes,
        requirement_id=requirement_ids,
        travel_minutes=st.sampled_from([30, 120]),
        location=st.just("Leeds"),
    ),
    PreSentenceReportRequested: any_event(
        PreSentenceReportRequested, report_id=changes, region=st.just("london"), person=st.just(PERSON)
    ),
    PreSentenceReportDelivered: any_event(
        PreSentenceReportDelivered, report_id=changes, format=st.sampled_from(["oral", "fast", "standard"])
    ),
    PractitionerUpdated: any_event(
        PractitionerUpdated,
        practitioner_id=staff,
        region=st.just("london"),
        pdu=st.just("Camden"),
        team=st.just("generic"),
        grade=st.just("po"),
        weekly_hours=st.sampled_from([0.0, 1.0, 20.0, 37.0]),
        sex=st.just("female"),
        active=st.sampled_from([True, True, False]),
    ),
    ReductionAgreed: any_event(
        ReductionAgreed,
        reduction_id=changes,
        practitioner_id=staff,
        hours=st.sampled_from([3.7, 37.0]),
        from_=turns,
        to=st.none(),
    ),
    ReductionEnded: any_event(ReductionEnded, reduction_id=changes, practitioner_id=staff),
    DeliveryUnitChanged: any_event(
        DeliveryUnitChanged,
        change_id=changes,
        region=st.just("london"),
        from_pdu=st.sampled_from(["Camden", "Islington"]),
        to_pdu=st.sampled_from(["Camden", "North London"]),
    ),
    CaseAllocated: any_event(
        CaseAllocated,
        practitioner_id=staff,
        team=st.just("generic"),
        region=st.just("london"),
        pdu=st.just("Camden"),
        reason=st.sampled_from(["new", "new", "transfer", "change"]),
        workload_percent_before=st.just(0.0),
        workload_percent_after=st.just(50.0),
    ),
    SupervisionEnded: any_event(
        SupervisionEnded,
        reason=st.sampled_from(["expired", "revoked", "quashed", "died", "completed"]),
        practitioner_changes=st.just(0),
    ),
    TierCalculated: any_event(
        TierCalculated,
        tier=st.sampled_from(["B2", "C1", "A", "C", "E", "MISSING"]),
        protect_points=st.just(10),
        change_points=st.just(10),
    ),
    RequirementCompleted: any_event(
        RequirementCompleted,
        requirement_id=requirement_ids,
        kind=st.sampled_from(["rar", "unpaid_work", "curfew"]),
        amount=st.none() | st.integers(0, 3),
    ),
}

ALL = STRATEGIES | OTHERS | PROVIDERS
"""A strategy for each event type that a service may read."""
