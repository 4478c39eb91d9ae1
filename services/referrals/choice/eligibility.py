"""Which accredited programmes a person is eligible for, and why not for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from services.referrals.facts import Assessment
from shared.policy import Values
from shared.probation.facts import Person

REFER_TO_ASSESSOR = "refer_to_assessor"
"""Neither eligible nor excluded: an assessor has to say."""


class Convicted(Protocol):
    """What is known of the offence: a sentence, or the request for a report before it."""

    @property
    def person(self) -> Person: ...
    @property
    def partner_violence(self) -> bool: ...
    @property
    def sexual_offence(self) -> bool: ...
    @property
    def extremism_offence(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The programmes for which a person is eligible, and each other one with the reason why not."""

    eligible: tuple[str, ...]
    excluded: Mapping[str, str]

    def bars(self, programme: str) -> bool:
        """May the person not be referred to that programme? An unknown one is barred too."""
        return programme not in self.eligible and self.excluded.get(programme) != REFER_TO_ASSESSOR


def eligibility(
    convicted: Convicted, assessment: Assessment | None, ogrs: int | None, values: Values
) -> Eligibility:
    """AP-2, AP-3, AP-4, AP-11, AP-12: the programmes that run in the region, each by its own conditions.

    `assessment` is the risk assessment in force, `ogrs` the score to go by. Those who are not eligible are
    excluded, not put on a waiting list.
    """
    programmes = values.texts("programmes")
    run_here = values.texts("programmes_run")
    reasons = {
        programme: _excluded(programme, convicted, assessment, ogrs, values)
        if programme in run_here
        else "not_run_in_region"
        for programme in programmes
    }
    return Eligibility(
        tuple(programme for programme, reason in reasons.items() if reason is None),
        {programme: reason for programme, reason in reasons.items() if reason is not None},
    )


def _excluded(
    programme: str, convicted: Convicted, assessment: Assessment | None, ogrs: int | None, values: Values
) -> str | None:
    sex = values.table("programme_sex").get(programme)
    if sex is not None and convicted.person.sex != sex:
        return f"not_{sex}"
    offence = values.table("programme_offence").get(programme)
    if offence is not None and not getattr(convicted, str(offence)):
        return f"no_{offence}"
    if programme == "TSP":
        return _by_ogrs(ogrs, values)
    if programme == "BBR":
        return _by_sara(assessment.sara if assessment else None, values)
    if programme.startswith("BUILDING_CHOICES"):
        return _by_programme_needs(programme, assessment, values)
    return None


def _by_ogrs(ogrs: int | None, values: Values) -> str | None:
    """AP-11: the Thinking Skills Programme is for those likely to reoffend; below that, an assessor says."""
    if ogrs is not None and ogrs >= values.integer("thinking_skills_least_ogrs"):
        return None
    if not values.flag("programme_thresholds_apply"):
        return REFER_TO_ASSESSOR
    return "ogrs_missing" if ogrs is None else "ogrs_below_threshold"


def _by_sara(sara: str | None, values: Values) -> str | None:
    """AP-11: Building Better Relationships is for a medium or high risk to a partner.

    Where the risk was not assessed, the conviction is enough unless the policy says otherwise (AP-4).
    """
    if sara in values.texts("better_relationships_sara"):
        return None
    if not values.flag("programme_thresholds_apply"):
        return None if sara is None else REFER_TO_ASSESSOR
    return "sara_missing" if sara is None else "sara_below_threshold"


def _by_programme_needs(programme: str, assessment: Assessment | None, values: Values) -> str | None:
    """AP-12: Building Choices is for high or moderate needs, with a version for learning disability."""
    pni = (assessment.pni if assessment else None) or "missing"
    if pni not in values.texts("building_choices_pni"):
        return f"pni_{pni}"
    ldc = assessment.ldc if assessment else None
    adapted = ldc is not None and ldc >= values.integer("learning_disability_least_ldc")
    if adapted != (programme in values.texts("programmes_for_learning_disability")):
        return "adapted_version" if adapted else "not_adapted_version"
    return None
