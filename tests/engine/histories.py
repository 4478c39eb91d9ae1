"""Strategies: all that a service could hear of some people."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from schemas.allocation import CaseAllocated
from schemas.catalogue import CATALOGUE
from schemas.contacts import ContactMissed
from schemas.envelope import Data, Published, Withdrawn
from schemas.practice import ContactOutcomeRecorded, EnforcementActionTaken, PersonMerged, PersonUnmerged
from schemas.providers import InterventionListed, SessionRecorded
from schemas.referrals import ReferralMade
from schemas.workforce import PractitionerUpdated
from shared.engine.service import Service
from tests.engine.facts import FIRST, WHY, licences, orders, recordings, voided
from tests.engine.other_facts import ALL, recalls, registrations, suspensions
from tests.engine.provider_facts import SUBJECTS
from tests.engine.running import Told, at

OFTEN = (ContactMissed, ContactMissed, ContactOutcomeRecorded, EnforcementActionTaken, SessionRecorded)
"""What it takes for anything to happen: half of what is told."""
TOGETHER: st.SearchStrategy[list[Data]] = st.one_of(
    st.just([]), st.just([]), licences(), suspensions(), registrations(), recalls()
)
"""What says little but with one another."""

STAFF = [
    Told(
        PractitionerUpdated(
            practitioner_id=id,
            region="london",
            pdu="Camden",
            team="generic",
            grade="po",
            weekly_hours=hours,
            sex="female",
            active=True,
            effective_on=FIRST,
        ),
        id,
        f"{id}-first",
        at(FIRST, 8),
    )
    for id, hours in (("P1", 37.0), ("P2", 1.0))
]
"""Two practitioners who are there from the first day; one has hardly any time."""

OFFERS = [
    Told(
        InterventionListed(
            intervention_id=f"I{n}",
            provider_id=provider,
            kind="treatment",
            needs=["accommodation"],
            sessions=8,
            delivery="one_to_one",
            region="london",
            location="Camden",
            capacity=n,
            listed_on=FIRST,
        ),
        provider,
        f"{provider}-first",
        at(FIRST, 8),
    )
    for n, provider in ((1, "V1"), (2, "V2"))
]
"""Two providers with an intervention each from the first day."""

DECIDED = (CaseAllocated, ReferralMade)
"""What services decide, and so never withdraw but by a reversal of their own."""


def roster_of(service: Service) -> list[Told]:
    """The entities that are there from the first day."""
    return [told for told in (*STAFF, *OFFERS) if service.model_of(type(told.data).__name__)]


def kinds_of(service: Service) -> list[type[Data]]:
    """The types that a service reads, merges aside."""
    names = {name for model in service.models for name in model.types}
    known = {kind.__name__: kind for kind in ALL}
    return [known[name] for name in sorted(names)]


@st.composite
def histories(
    draw: st.DrawFn,
    service: Service,
    *,
    subjects: st.SearchStrategy[str] = st.just("X1"),  # noqa: B008 - a strategy never changes
    merges: bool = False,
    most: int = 12,
) -> list[Told]:
    """What a service hears of some people, each thing once, in the order of the events' ids.

    Decisions are among the facts, as they would be in the journal. What another service published may be
    withdrawn, once and after it was published; a decision never is.
    """
    kinds = kinds_of(service)
    often = [kind for kind in OFTEN if kind in kinds]
    said = st.one_of(st.sampled_from(kinds), st.sampled_from(often or kinds))
    data = [draw(orders())]
    data += [datum for datum in draw(TOGETHER) if type(datum) in kinds]
    data += [draw(ALL[kind]) for kind in draw(st.lists(said, min_size=4, max_size=most))]
    told: list[Told] = []
    for n, datum in enumerate(data):
        entry = CATALOGUE[type(datum).__name__]
        if entry.subject_field:
            subject = getattr(datum, entry.subject_field)
        else:
            subject = draw(SUBJECTS.get(entry.subject, subjects))
        fact = Told(datum, subject, f"E{n}", draw(recordings))
        told.append(fact)
        others = isinstance(datum, Published) and type(datum) not in DECIDED
        if others and draw(st.sampled_from([False, False, True])):
            told.append(_withdrawal(fact, draw))
    if merges:
        for n in range(draw(st.integers(0, 3))):
            one, other = draw(st.lists(subjects, min_size=2, max_size=2, unique=True))
            merge = PersonMerged(into=other, voided=draw(voided))
            told.append(Told(merge, one, f"M{n}", draw(recordings)))
            if draw(st.booleans()):
                when = draw(recordings)
                undoing = PersonUnmerged(reactivated=one, unmerged_on=when.date(), voided=draw(voided))
                told.append(Told(undoing, other, f"U{n}", when))
    return told


def _withdrawal(fact: Told, draw: st.DrawFn) -> Told:
    kind = type(fact.data).__name__
    reason = draw(st.sampled_from(["corrected", "resolved", "ended", "superseded"]))
    data = Withdrawn.model_validate(
        {"withdraws": fact.id, "withdrawn_type": kind, "key": "K", "reason": reason, "why": WHY}
    )
    [topic] = CATALOGUE[kind].topics
    later = fact.recorded + timedelta(days=draw(st.integers(0, 30)))
    return Told(data, fact.subject, f"W-{fact.id}", later, topic)
