"""What providers offer in the regions, and a region's call for proposals."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Literal

from schemas.providers import (
    ConsultationRecorded,
    DeliveryResumed,
    DeliverySuspended,
    InterventionListed,
    InterventionWithdrawn,
    ProposalSubmitted,
    ProviderQualified,
    ServiceCallAwarded,
    ServiceCallPosted,
)
from schemas.words import CoreNeed
from tools.simulate.people import UNITS, Unit
from tools.simulate.recorder import EventRecorder

NEEDS: tuple[CoreNeed, ...] = ("accommodation", "employment_training_education", "finance_benefit_debt")
"""The needs that the services on offer meet; the other core needs are gaps."""
PEOPLE_A_PLACE: dict[CoreNeed, int] = {
    "accommodation": 12,
    "employment_training_education": 9,
    "finance_benefit_debt": 40,
}
"""People sentenced in the whole period for each place, all regions taken together."""


def market(people: int, chance: Random, first: date, last: date) -> list[EventRecorder]:
    """The providers and regions, with what is recorded of them from the first to the last day."""
    recorders = []
    for unit in UNITS:
        supplier = EventRecorder(f"{unit.code}-HUB", chance, first, last)
        _qualify(supplier, unit, first, specialist=False)
        for need in NEEDS:
            places = max(1, people // (PEOPLE_A_PLACE[need] * len(UNITS)))
            _list(supplier, unit, first, need, places, "any")
        specialist = EventRecorder(f"{unit.code}-WOMEN", chance, first, last)
        _qualify(specialist, unit, first, specialist=True)
        _list(specialist, unit, first, "accommodation", max(1, people // 100), "female")
        withdrawn_on = first + timedelta(days=240)
        specialist.record(
            InterventionWithdrawn(
                intervention_id=f"{specialist.subject}-accommodation", withdrawn_on=withdrawn_on
            ),
            withdrawn_on,
        )
        recorders += [supplier, specialist, _region(unit, (supplier, specialist), chance, first, last)]
    return recorders


def _qualify(recorder: EventRecorder, unit: Unit, on: date, *, specialist: bool) -> None:
    qualified = ProviderQualified(
        provider_id=recorder.subject,
        name=f"Provider {recorder.subject}",
        qualified_on=on,
        needs=list(NEEDS),
        cohorts=["women"] if specialist else ["minority_ethnic", "young_adult"],
        regions=[unit.region],
        specialist=specialist,
    )
    recorder.record(qualified, on)


def _list(
    recorder: EventRecorder,
    unit: Unit,
    on: date,
    need: CoreNeed,
    places: int,
    sex: Literal["any", "female"],
) -> None:
    listed = InterventionListed(
        intervention_id=f"{recorder.subject}-{need}",
        provider_id=recorder.subject,
        kind="commissioned_service",
        needs=[need],
        sessions=4,
        delivery="one_to_one",
        sex=sex,
        region=unit.region,
        pdus=[unit.name] if need == "accommodation" else [],
        location=unit.name,
        capacity=places,
        listed_on=on,
    )
    recorder.record(listed, on)


def _region(
    unit: Unit, providers: tuple[EventRecorder, ...], chance: Random, first: date, last: date
) -> EventRecorder:
    """A call for proposals in the first weeks, which the small provider wins; a consultation later."""
    recorder = EventRecorder(unit.region, chance, first, last)
    posted_on, closes_on = first + timedelta(days=21), first + timedelta(days=49)
    call_id = f"{unit.code}-CALL"
    call = ServiceCallPosted(
        call_id=call_id,
        region=unit.region,
        need="accommodation",
        cohorts=["women"],
        funding="grant",
        posted_on=posted_on,
        closes_on=closes_on,
    )
    recorder.record(call, posted_on)
    for provider in providers:
        submitted_on = posted_on + timedelta(days=chance.randint(5, 30))
        proposal = ProposalSubmitted(
            proposal_id=f"{call_id}-{provider.subject}",
            call_id=call_id,
            provider_id=provider.subject,
            submitted_on=submitted_on,
        )
        recorder.record(proposal, submitted_on)
    awarded_on = closes_on + timedelta(days=14)
    award = ServiceCallAwarded(
        call_id=call_id, proposal_id=f"{call_id}-{providers[-1].subject}", awarded_on=awarded_on
    )
    recorder.record(award, awarded_on)
    held_on = first + timedelta(days=chance.randint(60, 120))
    consulted = ConsultationRecorded(
        consultation_id=f"{unit.code}-TALK",
        region=unit.region,
        held_on=held_on,
        voices=["victims", "councils", "faith groups"],
    )
    recorder.record(consulted, held_on)
    _suspend(recorder, unit, first + timedelta(days=200), chance.choice((4, 9)))
    return recorder


def _suspend(recorder: EventRecorder, unit: Unit, first: date, days: int) -> None:
    """No unpaid work for some days, as after a flood."""
    suspension_id, resumed_on = f"{unit.code}-STOP", first + timedelta(days=days)
    stopped = DeliverySuspended.model_validate(
        {"suspension_id": suspension_id, "region": unit.region, "kind": "unpaid_work", "from": first}
    )
    recorder.record(stopped, first)
    recorder.record(
        DeliveryResumed(suspension_id=suspension_id, region=unit.region, resumed_on=resumed_on), resumed_on
    )
