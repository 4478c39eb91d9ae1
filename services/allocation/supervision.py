"""From when until when a person is supervised, and by whom: what several rules ask.

Supervision on an order runs from `imposed_on` to `ends_on`, as varied while it ran; after a custodial
sentence from the first release until the licence and post-sentence supervision are over, recalls and
further releases included. Facts dated in the future do not count yet, and none revives an order that ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast

from services.allocation.case import (
    Allocation,
    AllocationCase,
    Release,
    Sentence,
    Variation,
    decided,
)
from shared.engine.assessment import Day
from shared.engine.case import Record

EndReason = Literal["expired", "revoked", "quashed", "died"]

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class End:
    """How a sentence ended. `on` is the date to publish; from `over_on` on it is no longer live."""

    on: date
    over_on: date
    reason: EndReason
    record: Record


@dataclass(frozen=True, slots=True)
class Term:
    """A sentence from the day on which it was imposed until its end, custody included."""

    sentence: Sentence
    variations: tuple[Variation, ...]
    end: End | None

    @property
    def last_day(self) -> date | None:
        """The last day on which it was live; None while it is."""
        return self.end.over_on - _ONE_DAY if self.end else None

    def live_on(self, day: date) -> bool:
        """Whether it was live on a day that has been reached."""
        return self.sentence.imposed_on <= day and (self.end is None or day < self.end.over_on)


@dataclass(frozen=True, slots=True)
class Supervision:
    """A sentence supervised in the community, from its start on.

    `start` is the record that began it: the sentence itself or the first release.
    """

    sentence: Sentence
    start: Sentence | Release
    starts_on: date
    end: End | None
    allocations: tuple[Allocation, ...]

    @property
    def sentence_id(self) -> str:
        return self.sentence.sentence_id

    @property
    def live(self) -> bool:
        return self.end is None

    @property
    def because(self) -> tuple[Record, ...]:
        """The records that say that it began."""
        return (self.sentence,) if self.start is self.sentence else (self.sentence, self.start)


def terms(case: AllocationCase, today: Day) -> list[Term]:
    """The sentences imposed by today, in order of their date."""
    imposed = sorted(case.sentences.values(), key=lambda s: (s.imposed_on, s.sentence_id))
    return [_term(case, sentence, today) for sentence in imposed if today.reached(sentence.imposed_on)]


def supervisions(case: AllocationCase, sentences: list[Term], today: Day) -> list[Supervision]:
    """The supervisions begun by today, of those sentences, in order of their start.

    A custodial sentence not yet released is none (ALLOC-3), nor is one that was over before it began.
    """
    begun = []
    for term in sentences:
        sentence = term.sentence
        start: Sentence | Release = sentence
        starts_on = sentence.imposed_on
        if sentence.custodial:
            releases = releases_of(case, sentence, today)
            if not releases:
                continue
            start = _first_release(releases)
            starts_on = start.released_on
        if term.end is not None and term.end.on < starts_on:
            continue
        made = [a for a in case.allocations_of(sentence.sentence_id) if today.reached(a.allocated_on)]
        begun.append(Supervision(sentence, start, starts_on, term.end, tuple(made)))
    return sorted(begun, key=lambda s: (s.starts_on, s.sentence_id))


def current_allocation(supervised: list[Supervision]) -> Allocation | None:
    """The latest allocation of a live sentence: who is responsible for the person (ALLOC-2)."""
    made = (s.allocations[-1] for s in supervised if s.live and s.allocations)
    return max(made, key=decided, default=None)


def releases_of(case: AllocationCase, sentence: Sentence, today: Day) -> list[Release]:
    """The releases of a custodial sentence that have taken place, the first one first."""
    found = [r for r in case.releases.values() if r.sentence_id == sentence.sentence_id]
    return sorted((r for r in found if today.reached(r.released_on)), key=lambda r: r.released_on)


def _first_release(releases: list[Release]) -> Release:
    """The release that began the supervision under way: a later one goes on with it, unless it was over."""
    first = latest = releases[0]
    for release in releases[1:]:
        if release.released_on > latest.ends_on:
            first = release
        latest = release
    return first


def _variations(case: AllocationCase, sentence: Sentence, today: Day) -> list[Variation]:
    """The variations of an order made by today, each while the order was running, the first one first."""
    found = [v for v in case.variations.values() if v.sentence_id == sentence.sentence_id]
    made = sorted((v for v in found if today.reached(v.varied_on)), key=lambda v: v.varied_on)
    counted: list[Variation] = []
    last = sentence.ends_on
    for variation in made:
        if last is not None and variation.varied_on <= last:
            counted.append(variation)
            last = variation.last_day
    return counted


def _term(case: AllocationCase, sentence: Sentence, today: Day) -> Term:
    variations = tuple(_variations(case, sentence, today))
    last_day, record = sentence.ends_on, cast(Record, sentence)
    if sentence.custodial:
        releases = releases_of(case, sentence, today)
        if releases:
            last_day, record = releases[-1].ends_on, releases[-1]
    elif variations:
        last_day, record = variations[-1].last_day, variations[-1]
    ends = [*_ended_early(case, sentence, today)]
    if last_day is not None and today.after(last_day):
        ends.append(End(last_day, last_day + _ONE_DAY, "expired", record))
    # What came first ended it; on one and the same day the court goes before death, and both before expiry.
    return Term(sentence, variations, min(ends, key=lambda end: end.on, default=None))


def _ended_early(case: AllocationCase, sentence: Sentence, today: Day) -> Iterator[End]:
    revocation = case.revocations.get(sentence.sentence_id)
    if revocation is not None and today.reached(revocation.revoked_on):
        reason: EndReason = "quashed" if revocation.reason == "quashed" else "revoked"
        yield End(revocation.revoked_on, revocation.revoked_on, reason, revocation)
    for death in case.deaths.values():
        if today.reached(death.died_on):
            yield End(death.died_on, death.died_on, "died", death)
