"""Who was responsible for a case on a day: until the transition of 2019 to 2021, by risk."""

from __future__ import annotations

from datetime import date

from services.allocation.view import AllocationView
from shared.policy import Values
from shared.probation.risk import risk_on

CRC, NATIONAL_PROBATION_SERVICE = "crc", "national_probation_service"


def provider_on(view: AllocationView, region: str, day: date) -> str:
    """ALLOC-3, ALLOC-4, ALLOC-24, C4: the organisation responsible for a person, by the policy of that day.

    `region` is where the case is. While cases were split, the National Probation Service had those of public
    interest, under MAPPA, or of high risk; a community rehabilitation company all others, also those that
    were not assessed yet.
    """
    values = view.policy.on(day, region)
    arrangement = values.text("offender_management")
    if arrangement != "split":
        return arrangement
    return NATIONAL_PROBATION_SERVICE if _national(view, day, values) else CRC


def _national(view: AllocationView, day: date, values: Values) -> bool:
    """ALLOC-24: did the National Probation Service manage a case like this while cases were split?"""
    for registration in view.registrations:
        view.reached((registration.first, registration.until))
    if any(registration.kind == "mappa" and registration.on(day) for registration in view.registrations):
        return True
    if any(managed.sentence.public_interest for managed in view.live):
        return True
    view.reached(assessment.assessed_on for assessment in view.assessments)
    assessment = risk_on(view.assessments, day)
    return assessment is not None and (
        assessment.mappa is not None
        or assessment.rosh in values.texts("national_service_rosh")
        or (assessment.rsr is not None and assessment.rsr >= values.number("national_service_rsr"))
    )


def region_on(values: Values, region: str) -> str:
    """REG-1, REG-2, C3: the region as it was on a day: Greater Manchester was part of the North West."""
    if not values.has("regions_not_yet_formed"):
        return region
    return str(values.table("regions_not_yet_formed").get(region, region))
