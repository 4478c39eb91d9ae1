"""Which type of recall the law of the day prescribes, how long it lasts, and what rules out a fixed term."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.enforcement.facts import Assessment, Recall, Sentence
from shared.calendar import months_before
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.custody import Custody
from shared.probation.facts import Release, TakenIntoCustody
from shared.probation.risk import risk_on


@dataclass(frozen=True, slots=True)
class RecallKind:
    """A recall for so many days, or a standard one (None). `rules` say so, because of these records."""

    days: int | None
    rules: tuple[str, ...]
    because: tuple[Record, ...]


def recall_kind(
    decision: Recall, sentence: Sentence, assessments: Sequence[Assessment], values: Values
) -> RecallKind | None:
    """C13: the type of a recall by the law on the day of the decision; None if the length is needed, unknown.

    ENF-28: before 31 March 2026 a fixed term is of 14 days for sentences of less than 12 months, else of 28.
    ENF-29: from 2 September 2025 it is for sentences of less than 48 months. ENF-30: from 31 March 2026 it is
    of 56 days. Whoever is excluded, or serves a sentence of another type, has a standard recall.
    """
    law = values.table("fixed_term_recall")
    rules = (str(law["rule"]),)
    excluding = dict(_exclusions(decision, sentence, assessments, values))
    because = tuple(record for record in excluding.values() if record is not None)
    if excluding or sentence.custody_type not in values.texts("fixed_term_recall_custody_types"):
        return RecallKind(None, rules, because)
    length, limit, short = sentence.custodial_days, law.get("only_below_days"), law.get("short_below_days")
    if limit is None and short is None:
        return RecallKind(int(law["days"]), rules, ())
    if length is None:
        return None
    if limit is not None and length >= int(limit):
        return RecallKind(None, rules, ())
    days = law["short_days"] if short is not None and length < int(short) else law["days"]
    return RecallKind(int(days), ("ENF-28",) if rules == ("ENF-28",) else ("ENF-28", *rules), ())


def _exclusions(
    decision: Recall, sentence: Sentence, assessments: Sequence[Assessment], values: Values
) -> Iterator[tuple[str, Record | None]]:
    """What rules out a fixed term, each with the record that says so if it is not the decision.

    D18: the level and category under MAPPA as the decision says, or the assessment that holds on its day. An
    unknown code rules it out too.
    """
    known, of_the_day = values.texts("recall_exclusion_codes"), values.texts("recall_exclusions")
    for code in decision.exclusions:
        if code in of_the_day or code not in known:
            yield code, None
    assessment = risk_on(assessments, decision.decided_on)
    mappa = assessment.mappa if assessment else None
    limits = {name: int(value) for name, value in values.table("recall_exclusion_limits").items()}
    found = {
        "mappa_level_2_3": assessment if mappa and mappa.level >= limits["mappa_level_from"] else None,
        "mappa_category_4": assessment if mappa and mappa.category == limits["mappa_category"] else None,
        "under_18": sentence if _younger(sentence, limits["adult_years"], decision.decided_on) else None,
    }
    for code, record in found.items():
        if record is not None and code in of_the_day:
            yield code, record


def _younger(sentence: Sentence, years: int, day: date) -> bool:
    """Is the person younger than that on a day? Born on 29 February one comes of age on 1 March."""
    born_on = sentence.person.born_on
    return born_on is not None and months_before(day, 12 * years) < born_on


@dataclass(frozen=True, slots=True)
class Return:
    """The first day of a recall in custody, and the records that say so besides the decision."""

    on: date
    because: tuple[Record, ...] = ()


def returned(
    decision: Recall, taken: Iterable[TakenIntoCustody], releases: Iterable[Release], custody: Custody
) -> Return | None:
    """When the person returned to custody for a recall; None if that is not known yet.

    As the decision says; else as the prison says of a stay for this recall, begun before the next release;
    else, for somebody who is held for another reason, the day of the decision.
    """
    if decision.returned_on is not None:
        return Return(decision.returned_on)
    day, held = decision.decided_on, custody.on(decision.decided_on)
    since = day if held is None else held.start
    again = min((r.released_on for r in releases if _same(r, decision) and r.released_on > day), default=None)
    stays = [
        stay
        for stay in taken
        if stay.reason == "recall"
        and stay.sentence_id in (None, decision.sentence_id)
        and since <= stay.taken_on
        and (again is None or stay.taken_on < again)
    ]
    if stays:
        first = min(stays, key=lambda stay: (stay.taken_on, *stay.stamp))
        return Return(first.taken_on, (first,))
    return Return(day, held.because) if held is not None else None


def last_day(
    days: int, returned_on: date, decision: Recall, releases: Iterable[Release]
) -> tuple[date, tuple[Record, ...]]:
    """ENF-28: the last day of a fixed term, which includes the day of the return to custody.

    Nobody is held on a licence that is over: the term ends with it, if it ends first.
    """
    last = returned_on + timedelta(days=days - 1)
    licence = max(
        (r for r in releases if _same(r, decision) and r.released_on <= decision.decided_on),
        key=lambda r: (r.released_on, *r.stamp),
        default=None,
    )
    if licence is not None and returned_on <= licence.licence_ends_on < last:
        return licence.licence_ends_on, (licence,)
    return last, ()


def _same(release: Release, decision: Recall) -> bool:
    return release.sentence_id == decision.sentence_id
