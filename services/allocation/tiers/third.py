"""The third generation of tiers: one letter, the highest that any of several tables gives (ALLOC-11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.allocation.tiers.basis import INDETERMINATE, Basis
from services.allocation.view import AllocationView
from shared.calendar import add_months
from shared.policy import Values

MISSING = "MISSING"
NOT_SUPERVISED = "NOT_SUPERVISED"


@dataclass(frozen=True, slots=True)
class ThirdTier:
    """A tier and the table that decided it."""

    letter: str
    decided_by: str
    provisional: bool


def third_tier(view: AllocationView, basis: Basis, values: Values) -> ThirdTier:
    """ALLOC-11: the highest letter of all tables; A is the highest.

    `NOT_SUPERVISED` without a live sentence, `MISSING` without both predictors of reoffending. It is
    provisional while a predictor that uses static factors only could still give a higher letter.
    """
    if basis.day is None:
        return ThirdTier(NOT_SUPERVISED, "not_supervised", provisional=True)
    assessment = basis.assessment
    if assessment.arp is None or assessment.csrp is None:
        return ThirdTier(MISSING, "missing_predictor", provisional=True)
    reoffending = reoffending_letter(assessment.arp, assessment.csrp, values)
    others = [*_other_letters(view, basis, values)]
    letter, decided_by = min([(reoffending, "reoffending"), *others], key=lambda found: found[0])
    highest_of_others = min((found for found, _ in others), default=None)
    provisional = (assessment.arp_static or assessment.csrp_static) and (
        highest_of_others is None or highest_of_others > _best_possible(basis, values)
    )
    return ThirdTier(letter, decided_by, provisional)


def reoffending_letter(arp: float, csrp: float, values: Values) -> str:
    """ALLOC-11: by the two predictors of reoffending, all (ARP) and serious (CSRP)."""
    columns = values.texts("tier_reoffending_columns")
    column = next(n for n, least in enumerate(columns) if Decimal(str(arp)) >= Decimal(least))
    return _reached(values, "tier_reoffending_rows", csrp)[column]


def sexual_letter(band: str | None, score: float | None, values: Values) -> str | None:
    """ALLOC-11: by the band of the sexual predictor, the medium band by its score; None: it says nothing.

    The letters of the medium band do not fall with the score: that is how the published table has it.
    """
    if band is None or band == "not_applicable" or score is None or score <= 0:
        return None
    letter = values.table("tier_sexual_bands").get(band)
    if letter is not None:
        return str(letter)
    scores = values.table("tier_sexual_medium_scores")
    reached = [least for least in scores if Decimal(least) <= Decimal(str(score))]
    return str(scores[max(reached, key=Decimal)]) if reached else None


def _other_letters(view: AllocationView, basis: Basis, values: Values) -> Iterator[tuple[str, str]]:
    """The letters of all tables but the first, each with the table's name."""
    assessment = basis.assessment
    predictor = assessment.sexual_predictor
    if predictor is not None:
        letter = sexual_letter(predictor.band, predictor.score, values)
        if letter is not None:
            yield letter, "sexual_predictor"
    managed = assessment.mappa is not None or bool(basis.of_kind("mappa"))
    table = values.table("tier_mappa_rosh" if managed else "tier_rosh")
    if assessment.rosh in table:
        yield str(table[assessment.rosh]), "mappa_rosh" if managed else "rosh"
    lifer = _life_letter(view, basis, values)
    if lifer is not None:
        yield lifer, "life_sentence"
    flags = values.table("tier_flags")
    if assessment.sexual_offence_ever or any(one.sentence.sexual_offence for one in basis.live):
        yield str(flags["sexual_offence"]), "sexual_offence"
    for kind in ("domestic_abuse", "stalking", "child_protection"):
        if basis.of_kind(kind):
            yield str(flags[kind]), kind


def _life_letter(view: AllocationView, basis: Basis, values: Values) -> str | None:
    """ALLOC-11: by how long ago a person with an indeterminate sentence was last released.

    The last day of a table's time is within it. Nothing before the first release.
    """
    assessment, day = basis.assessment, basis.day
    life = [one for one in basis.live if one.sentence.custody_type in INDETERMINATE]
    if day is None or not (life or assessment.lifer):
        return None
    among = life or [one for one in basis.live if one.sentence.custodial]
    released: list[date] = [one.released_on for one in among if one.released_on is not None]
    if assessment.first_released_on is not None and assessment.first_released_on <= day:
        released.append(assessment.first_released_on)
    if not released:
        return None
    since, table = max(released), values.table("tier_life_release_months")
    for months, letter in sorted((int(m), str(table[m])) for m in table if m != "later"):
        last = add_months(since, months)
        if day == view.today.date:
            view.today.after(last)
        if day <= last:
            return letter
    return str(table["later"])


def _best_possible(basis: Basis, values: Values) -> str:
    """The highest letter that the first table could give if the static predictors turned out otherwise."""
    assessment = basis.assessment
    rows = values.table("tier_reoffending_rows")
    columns = values.texts("tier_reoffending_columns")
    arps = columns if assessment.arp_static else [str(assessment.arp)]
    csrps = rows if assessment.csrp_static else [str(assessment.csrp)]
    return min(reoffending_letter(float(a), float(c), values) for a in arps for c in csrps)


def _reached(values: Values, name: str, score: float) -> str:
    """The text of the highest key ("from this score on") that the score reaches; one of them must be 0."""
    table = values.table(name)
    least = max((key for key in table if Decimal(key) <= Decimal(str(score))), key=Decimal)
    return str(table[least])
