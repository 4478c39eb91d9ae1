"""Who was responsible for a case on a day: until the transition of 2019 to 2021, by risk."""

from __future__ import annotations

from datetime import date

from services.allocation.facts import RiskAssessment
from services.allocation.view import AllocationView
from shared.policy import Values
from shared.probation.facts import Sentence
from shared.probation.risk import risk_on

CRC, NATIONAL_PROBATION_SERVICE = "crc", "national_probation_service"


def provider(values: Values, assessment: RiskAssessment | None, *, public_interest: bool) -> str:
    """ALLOC-3, ALLOC-4, ALLOC-24, C4: the organisation responsible, by the policy of the day in the region.

    While cases were split, the National Probation Service had those of public interest, under MAPPA, or of
    high risk; a community rehabilitation company all others, also those that were not assessed yet.
    """
    arrangement = values.text("offender_management")
    if arrangement != "split":
        return arrangement
    high = assessment is not None and (
        assessment.mappa is not None
        or assessment.rosh in values.texts("national_service_rosh")
        or (assessment.rsr is not None and assessment.rsr >= values.number("national_service_rsr"))
    )
    return NATIONAL_PROBATION_SERVICE if high or public_interest else CRC


def provider_on(view: AllocationView, sentence: Sentence, region: str, day: date) -> str:
    """ALLOC-4: the organisation responsible for a person on a day, where the case was in that region."""
    assessment = risk_on(view.assessments, day)
    return provider(view.policy.on(day, region), assessment, public_interest=sentence.public_interest)


def region_on(values: Values, region: str) -> str:
    """REG-1, REG-2, C3: the region as it was on a day: Greater Manchester was part of the North West."""
    if not values.has("regions_not_yet_formed"):
        return region
    return str(values.table("regions_not_yet_formed").get(region, region))
