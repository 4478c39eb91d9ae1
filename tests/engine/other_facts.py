"""Strategies: the rest of what the courts, the prisons and the practitioners say of a person."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from schemas.court import Person as CourtsPerson
from schemas.court import PreSentenceReportDelivered, PreSentenceReportRequested
from schemas.envelope import Data
from schemas.practice import (
    CaseAccessChanged,
    ContactSuspensionRequested,
    EmploymentNeedAssessed,
    ManagerDecisionRecorded,
    PractitionerChangeRequested,
    RecallDecided,
    RegistrationChanged,
    SentencePlanCompleted,
    TransferAccepted,
    TransferRequested,
)
from schemas.prison import ReleasePlanned
from schemas.providers import PlacementOffered
from schemas.words import Registration
from tests.engine.facts import FIRST, STRATEGIES, dates, requirement_ids, sentences, spans, voided

changes = st.sampled_from(["D1", "D2"])
"""Ids of requests, and of the decisions about them."""
places = st.sampled_from([("london", "Camden"), ("wales", "Cardiff")])
PERSON = CourtsPerson(born_on=FIRST.replace(year=1990), sex="female")


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
def transfers(draw: st.DrawFn) -> Data:
    region, pdu = draw(places)
    more: dict[str, Any] = {"transfer_id": draw(changes), "to_region": region, "to_pdu": pdu}
    more["voided"] = draw(voided)
    return TransferRequested.model_validate(more | {"requested_on": draw(dates)})


@st.composite
def accepted(draw: st.DrawFn) -> Data:
    region, pdu = draw(places)
    more: dict[str, Any] = {"transfer_id": draw(changes), "to_region": region, "to_pdu": pdu}
    more["voided"] = draw(voided)
    return TransferAccepted.model_validate(more | {"accepted_on": draw(dates)})


OTHERS: dict[type[Data], st.SearchStrategy[Any]] = {
    ReleasePlanned: plans(),
    TransferRequested: transfers(),
    TransferAccepted: accepted(),
    PractitionerChangeRequested: st.builds(
        PractitionerChangeRequested,
        change_id=changes,
        sentence_id=st.none() | sentences,
        reason=st.just("sex"),
        requested_on=dates,
        voided=voided,
    ),
    ManagerDecisionRecorded: st.builds(
        ManagerDecisionRecorded,
        decision_id=changes,
        about=st.sampled_from(
            ["contact_suspension", "absence_review", "enforcement_review", "practitioner_change"]
        ),
        sentence_id=sentences,
        approved=st.booleans(),
        decided_on=dates,
        voided=voided,
    ),
    RegistrationChanged: st.builds(
        RegistrationChanged,
        registration_id=st.sampled_from(["G1", "G2"]),
        kind=st.sampled_from(get_args(Registration)),
        active=st.booleans(),
        effective_on=dates,
        voided=voided,
    ),
    SentencePlanCompleted: st.builds(
        SentencePlanCompleted,
        plan_id=changes,
        sentence_id=sentences,
        completed_on=dates,
        self_assessment=st.sampled_from(["included", "declined", "missing"]),
        rehabilitative_need=st.booleans(),
        sequence=st.lists(requirement_ids, max_size=2, unique=True),
        voided=voided,
    ),
    ContactSuspensionRequested: st.builds(
        ContactSuspensionRequested,
        request_id=changes,
        sentence_id=sentences,
        requested_on=dates,
        voided=voided,
    ),
    RecallDecided: st.builds(
        RecallDecided,
        recall_id=changes,
        sentence_id=sentences,
        decided_on=dates,
        returned_on=st.none() | dates,
        voided=voided,
    ),
    EmploymentNeedAssessed: st.builds(
        EmploymentNeedAssessed,
        sentence_id=sentences,
        assessed_on=dates,
        has_need=st.booleans(),
        voided=voided,
    ),
    CaseAccessChanged: st.builds(
        CaseAccessChanged,
        access_id=changes,
        limited=st.booleans(),
        effective_on=dates,
        voided=voided,
    ),
    PlacementOffered: st.builds(
        PlacementOffered,
        placement_id=changes,
        requirement_id=requirement_ids,
        offered_on=dates,
        travel_minutes=st.sampled_from([30, 120]),
        suits_women=st.booleans(),
        location=st.just("Leeds"),
        voided=voided,
    ),
    PreSentenceReportRequested: st.builds(
        PreSentenceReportRequested,
        report_id=changes,
        requested_on=dates,
        region=st.just("london"),
        person=st.just(PERSON),
        partner_violence=st.booleans(),
        sexual_offence=st.booleans(),
        extremism_offence=st.booleans(),
        voided=voided,
    ),
    PreSentenceReportDelivered: st.builds(
        PreSentenceReportDelivered,
        report_id=changes,
        delivered_on=dates,
        format=st.sampled_from(["oral", "fast", "standard"]),
        voided=voided,
    ),
}

ALL = STRATEGIES | OTHERS
"""A strategy for each event type that a service may read."""
