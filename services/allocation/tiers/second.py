"""The second generation of tiers: a letter for protection and a figure for change, such as B2."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from services.allocation.facts import RiskAssessment
from services.allocation.tables import band, points_from, whole
from services.allocation.tiers.basis import Basis
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.facts import Requirement, Sentence

UNSUPERVISED = "S"
"""What follows the tier of a case in Probation Reset."""

MANAGED = "integrated_offender_management"
"""The registration that adds points for change."""


@dataclass(frozen=True, slots=True)
class SecondTier:
    """A tier with its points; `because` are the records, beside the assessment, that it rests on."""

    letters: str
    protect_points: int
    change_points: int
    provisional: bool
    because: tuple[Record, ...]


def second_tier(basis: Basis, values: Values) -> SecondTier:
    """ALLOC-9, ALLOC-10: the tier, with the suffix S in Probation Reset.

    It is provisional while no sentence says whether there is a mandate, or while a score is not known whose
    highest value would give another tier.
    """
    mandates = tuple(
        one.ordered.record
        for one in basis.live
        if gives_mandate(one.sentence, one.ordered.requirements, values)
    )
    letters, protect, change = _score(basis, bool(mandates), values)
    at_most, _, _ = _score(basis, bool(mandates), values, unknown_highest=True)
    provisional = basis.day is None or at_most != letters
    suffix = UNSUPERVISED if basis.unsupervised else ""
    registered = (record for one in basis.of_kind(MANAGED) for record in one.because)
    return SecondTier(f"{letters}{suffix}", protect, change, provisional, (*mandates, *registered))


def protect_points(assessment: RiskAssessment, rsr: Decimal, woman: bool, values: Values) -> int:
    """ALLOC-9: the larger of RSR and RoSH, and MAPPA, and 2 for each complexity flag; more for women."""
    rsr_points = points_from(values.table("rsr_points"), rsr)
    rosh_points = whole(values.table("rosh_points"), assessment.rosh)
    level = assessment.mappa
    mappa_points = whole(values.table("mappa_points"), str(level.level)) if level else 0
    flags = assessment.complexity_flags * values.integer("complexity_flag_points")
    return (
        max(rsr_points, rosh_points)
        + mappa_points
        + flags
        + (womens_points(assessment, values) if woman else 0)
    )


def womens_points(assessment: RiskAssessment, values: Values) -> int:
    """ALLOC-9: for a woman: parenting, impulsivity or temper (once), earlier enforcement."""
    factors = assessment.womens_factors
    if factors is None:
        return 0
    points = values.table("womens_points")
    counted = {
        "parenting": factors.parenting,
        "impulsivity_or_temper": factors.impulsivity or factors.temper,
        "earlier_enforcement": factors.earlier_enforcement,
    }
    return sum(whole(points, name) for name, holds in counted.items() if holds)


def change_points(basis: Basis, ogrs: int, values: Values) -> int:
    """ALLOC-10: needs by weight and severity, OGRS div 10, and 2 for integrated offender management.

    That is as assessed or as registered. A need that is named twice counts once, by its greater severity.
    """
    assessment = basis.assessment
    weights, severities = values.table("need_weights"), values.table("severity_points")
    needs: dict[str, int] = {}
    for scored in assessment.needs:
        points = whole(weights, scored.need) * whole(severities, scored.severity)
        needs[scored.need] = max(points, needs.get(scored.need, 0))
    managed = assessment.integrated_offender_management or basis.of_kind(MANAGED)
    iom = values.integer("integrated_offender_management_points") if managed else 0
    return sum(needs.values()) + ogrs // values.integer("ogrs_divisor") + iom


def gives_mandate(sentence: Sentence, requirements: tuple[Requirement, ...], values: Values) -> bool:
    """ALLOC-10: custody, or a requirement neither restrictive nor unpaid work, is a mandate for change."""
    without = values.texts("requirements_without_mandate")
    return sentence.custodial or any(r.kind not in without for r in requirements)


def _score(
    basis: Basis, mandate: bool, values: Values, *, unknown_highest: bool = False
) -> tuple[str, int, int]:
    """Tier, protect and change points; a score that is not known counts 0 or, if asked, its highest."""
    assessment = basis.assessment
    rsr, ogrs = assessment.rsr, assessment.ogrs
    if rsr is None:
        rsr = float(values.integer("highest_score")) if unknown_highest else 0.0
    if ogrs is None:
        ogrs = values.integer("highest_score") if unknown_highest else 0
    protect = protect_points(assessment, Decimal(str(rsr)), basis.woman, values)
    letter = band(values.table("protect_levels"), protect)
    if not mandate:
        return f"{letter}{values.integer('change_level_without_mandate')}", protect, 0
    change = change_points(basis, ogrs, values)
    return f"{letter}{band(values.table('change_levels'), change)}", protect, change
