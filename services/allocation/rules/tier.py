"""The tier of a case, version 2: a letter for protection and a figure for change, such as B2.

Each assessment has one tier. It is worked out with the sentences of the last day on which the assessment
was the current one and a sentence was live: a sentence that follows a pre-sentence assessment completes
its tier, and the tier stays as it was when supervision ends or a later assessment takes over. With no
sentence yet there is no mandate; an assessment made after everything had ended gives no tier.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import zip_longest

from schemas.allocation import TierCalculated
from schemas.scalars import MOST_COUNTED
from services.allocation.tables import band, points_from, whole
from services.allocation.view import AllocationView
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.facts import Requirement, RiskAssessment, Sentence

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tier:
    """The tier from one assessment; `because` are the assessment and the sentences that give a mandate."""

    assessment: RiskAssessment
    letters: str
    protect_points: int
    change_points: int
    provisional: bool
    because: tuple[Record, ...]
    policy: str


def tier_calculated(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-9, ALLOC-10: every calculation is kept, one for each assessment."""
    for tier in tiers(view):
        yield Finding(
            event=TierCalculated(
                tier=tier.letters,
                protect_points=min(tier.protect_points, MOST_COUNTED),
                change_points=tier.change_points,
                provisional=tier.provisional,
            ),
            key=tier.assessment.assessment_id,
            rules=("ALLOC-9", "ALLOC-10"),
            because=tier.because,
            policy=tier.policy,
        )


def current_tier(view: AllocationView) -> Tier | None:
    """The tier from the latest assessment that gives one."""
    return next(reversed(tiers(view)), None)


@once_a_day
def tiers(view: AllocationView) -> list[Tier]:
    """ALLOC-9, ALLOC-10: the tier of every assessment made by today, in order of their date."""
    made = [a for a in view.assessments if view.today.reached(a.assessed_on)]
    found = [_tier(view, assessment, later) for assessment, later in zip_longest(made, made[1:])]
    return [tier for tier in found if tier is not None]


def protect_points(assessment: RiskAssessment, rsr: Decimal, values: Values) -> int:
    """ALLOC-9: the larger of RSR and RoSH, and MAPPA, and 2 for each complexity flag."""
    rsr_points = points_from(values.table("rsr_points"), rsr)
    rosh_points = whole(values.table("rosh_points"), assessment.rosh)
    level = assessment.mappa
    mappa_points = whole(values.table("mappa_points"), str(level.level)) if level else 0
    flags = assessment.complexity_flags * values.integer("complexity_flag_points")
    return max(rsr_points, rosh_points) + mappa_points + flags


def change_points(assessment: RiskAssessment, ogrs: int, values: Values) -> int:
    """ALLOC-10: needs by weight and severity, OGRS div 10, and 2 for integrated offender management.

    A need that is named twice counts once, by its greater severity.
    """
    weights, severities = values.table("need_weights"), values.table("severity_points")
    needs: dict[str, int] = {}
    for scored in assessment.needs:
        points = whole(weights, scored.need) * whole(severities, scored.severity)
        needs[scored.need] = max(points, needs.get(scored.need, 0))
    managed = assessment.integrated_offender_management
    iom = values.integer("integrated_offender_management_points") if managed else 0
    return sum(needs.values()) + ogrs // values.integer("ogrs_divisor") + iom


def gives_mandate(sentence: Sentence, requirements: tuple[Requirement, ...], values: Values) -> bool:
    """ALLOC-10: custody, or a requirement neither restrictive nor unpaid work, is a mandate for change."""
    without = values.texts("requirements_without_mandate")
    return sentence.custodial or any(r.kind not in without for r in requirements)


def _tier(view: AllocationView, assessment: RiskAssessment, later: RiskAssessment | None) -> Tier | None:
    basis = _basis(view, assessment, later)
    if basis is None:
        ends = (period.end(view.today) for period in view.supervision.values())
        if any(end is not None and end.over_on <= assessment.assessed_on for end in ends):
            return None
    values = view.policy.on(assessment.assessed_on)
    mandates = _mandates(view, basis, values) if basis is not None else []
    letters, protect, change = _score(assessment, bool(mandates), values)
    at_most, _, _ = _score(assessment, bool(mandates), values, unknown_highest=True)
    return Tier(
        assessment=assessment,
        letters=letters,
        protect_points=protect,
        change_points=change,
        provisional=basis is None or at_most != letters,
        because=(assessment, *mandates),
        policy=values.version,
    )


def _basis(view: AllocationView, assessment: RiskAssessment, later: RiskAssessment | None) -> date | None:
    """The last day, up to today, on which the assessment was current and a sentence was live."""
    last = view.today.date
    if later is not None:
        last = max(later.assessed_on - _ONE_DAY, assessment.assessed_on)
    days = []
    for period in view.supervision.values():
        # The sentence counts from its day on, and each of its lists of requirements from theirs.
        for ordered in period.ordered:
            view.today.reached(ordered.since)
        period.end(view.today)
        day = period.last_live_day(last)
        if day is not None and day >= assessment.assessed_on:
            days.append(day)
    return max(days, default=None)


def _mandates(view: AllocationView, day: date, values: Values) -> list[Record]:
    """The sentences that gave a mandate for change on a day, as varied by then."""
    found: list[Record] = []
    for sentence in view.sentences_in_order:
        period = view.supervision[sentence.sentence_id]
        if period.live_on(day):
            ordered = period.required_on(day)
            if gives_mandate(sentence, ordered.requirements, values):
                found.append(ordered.record)
    return found


def _score(
    assessment: RiskAssessment, mandate: bool, values: Values, *, unknown_highest: bool = False
) -> tuple[str, int, int]:
    """Tier, protect and change points; a score that is not known counts 0 or, if asked, its highest."""
    rsr, ogrs = assessment.rsr, assessment.ogrs
    if rsr is None:
        rsr = float(values.integer("highest_score")) if unknown_highest else 0.0
    if ogrs is None:
        ogrs = values.integer("highest_score") if unknown_highest else 0
    protect = protect_points(assessment, Decimal(str(rsr)), values)
    letter = band(values.table("protect_levels"), protect)
    if not mandate:
        return f"{letter}{values.integer('change_level_without_mandate')}", protect, 0
    change = change_points(assessment, ogrs, values)
    return f"{letter}{band(values.table('change_levels'), change)}", protect, change
