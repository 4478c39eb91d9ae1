"""What a region lacks, and what it has to offer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast

from schemas.referrals import AvailabilityChanged, CoverageGapDetected
from schemas.words import InterventionNeed, Region, ServiceCohort
from services.referrals.market.view import RegionView
from services.referrals.places import Offer
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.names import name_key

ONE_DAY = timedelta(days=1)

Severity = Literal["gap", "not_yet_commissioned"]


def coverage_gap(view: RegionView) -> Iterator[Finding]:
    """DF-6, AP-3, AP-8, EQ-3: each core need and each core programme is on offer in every delivery unit.

    Each need is looked at for everyone and for each group that the policy names. The delivery units are those
    that any listing in the region names or named (SH-11: each once, however it is spelt). What is missing
    everywhere is told once, for the region. By date it is a gap, or only not yet commissioned (C27). Facts do
    not tell since when something is on offer, so a gap that is filled is resolved today. What the policy no
    longer asks for ends on that day (D9).
    """
    values = view.values_today(view.case.subject)
    units = _units(view)
    severity, known = values.text("coverage_severity"), _known(view)
    for wanted, dropped_on in (*((wanted, None) for wanted in _wanted(values)), *_dropped(view)):
        served = [offer.pdus for offer in view.on_offer if wanted.met_by(offer)]
        missing = _uncovered(served, units)
        for pdu in (None, *units):
            yield Finding(
                event=CoverageGapDetected(
                    region=cast(Region, view.case.subject),
                    pdu=pdu,
                    need=cast(InterventionNeed, wanted.need),
                    cohorts=[cast(ServiceCohort, wanted.cohort)] if wanted.cohort else [],
                    kind=wanted.kind,
                    programme=wanted.programme,
                    severity="gap" if wanted.programme else cast(Severity, severity),
                ),
                key=f"{view.case.subject}/{pdu or '*'}/{wanted.key}",
                rules=("AP-3", "AP-8") if wanted.programme else ("DF-6", "EQ-3"),
                because=known,
                policy=values.version,
                resolved_on=None if pdu in missing else view.today.waited_for,
                ended_on=dropped_on,
            )


def _units(view: RegionView) -> list[str]:
    """The delivery units that listings in the region name, each in the first of its spellings.

    That of a listing withdrawn is one still.
    """
    spelt = sorted((pdu for offer in view.offers for pdu in offer.pdus), reverse=True)
    return sorted({name_key(pdu): pdu for pdu in spelt}.values())


def _known(view: RegionView) -> list[Record]:
    """What shows that a region is looked at: its qualified providers, else its calls and consultations."""
    qualified = [Record(event_id=known.event_id) for known in view.qualified]
    return (
        qualified
        or [*view.case.calls.values(), *view.case.consultations.values()]
        or [Record(event_id=offer.event_id) for offer in view.offers]
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be on offer: a commissioned service for a need, or a programme. No cohort: for everyone."""

    kind: Literal["commissioned_service", "accredited_programme"]
    need: str
    programme: str | None = None
    cohort: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.programme or self.need}/{self.cohort or '*'}"

    def met_by(self, offer: Offer) -> bool:
        """Is it this, and for that group? What serves a group is run by a provider qualified for it; what is
        for women only serves women."""
        if offer.kind != self.kind or (self.programme or self.need) not in offer.meets:
            return False
        if self.programme:
            return True
        if not self.cohort:
            return offer.sex == "any"
        if self.cohort == "women" and offer.sex == "female":
            return True
        return self.cohort in offer.cohorts and offer.sex != "male"


def _wanted(values: Values) -> Iterator[Wanted]:
    for need in values.texts("core_needs"):
        for cohort in ("", *values.texts("coverage_cohorts")):
            yield Wanted("commissioned_service", need, None, cohort)
    for programme, meets in values.table("core_programmes").items():
        yield Wanted("accredited_programme", str(meets), programme)


@once_a_day
def _dropped(view: RegionView) -> list[tuple[Wanted, date]]:
    """What once had to be on offer, each with the first day on which the policy no longer asked for it."""
    region, found = view.case.subject, []
    known = set(_wanted(view.values_today(region)))
    for change in reversed([day for day in view.policy.changes if day <= view.today.waited_for]):
        former = set(_wanted(view.policy.on(change - ONE_DAY, region))) - known
        found += [(wanted, change) for wanted in sorted(former, key=lambda wanted: wanted.key)]
        known |= former
    return found


def _uncovered(served: list[tuple[str, ...]], units: list[str]) -> list[str | None]:
    """The delivery units that nothing serves; None alone stands for the whole region."""
    if any(not pdus for pdus in served):
        return []
    covered = {name_key(pdu) for pdus in served for pdu in pdus}
    missing: list[str | None] = [unit for unit in units if name_key(unit) not in covered]
    return [None] if len(missing) == len(units) else missing


def availability_changed(view: RegionView) -> Iterator[Finding]:
    """DF-11, DF-18, SI-10: free places, people waiting and next start of each intervention, as the day began.

    So there is one a day at most, and what is published is the directory of what is on offer. An id that two
    providers gave to different interventions is told with the provider.
    """
    offers = view.offers
    named = Counter(offer.intervention for offer in offers)
    for offer in offers:
        shared = named[offer.intervention] > 1
        yield Finding(
            event=AvailabilityChanged(
                region=cast(Region, view.case.subject),
                intervention_id=offer.intervention,
                provider_id=offer.provider,
                free=offer.free,
                waiting=offer.waiting,
                next_start_on=offer.next_start,
            ),
            key=f"{offer.provider}/{offer.intervention}" if shared else offer.intervention,
            rules=("DF-11", "DF-18", "SI-10"),
            because=(Record(event_id=offer.event_id),),
            policy=view.policy.on(view.today.date, view.case.subject).version,
            ended_on=offer.until,
        )
