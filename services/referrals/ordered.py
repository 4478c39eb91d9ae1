"""Requirements as the courts ordered them, over time.

`SentenceVaried` replaces the list of requirements; what was done under a requirement is kept by its id, and
its new amount holds from the day of the variation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.referrals.case import Life, ReferralsCase, Requirement, Sentence
from shared.engine.case import Record


@dataclass(frozen=True, slots=True)
class Version:
    """A requirement as it stood from `since` up to, but not on, `until`."""

    since: date
    until: date
    requirement: Requirement
    record: Record
    """The sentence or variation that says so."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """One requirement of one sentence, in all its versions, in order."""

    sentence: Sentence
    life: Life
    versions: tuple[Version, ...]
    key: str
    """What findings about it are keyed by: its id, after the sentence's if an earlier one has that id."""

    @property
    def requirement_id(self) -> str:
        return self.versions[0].requirement.requirement_id

    @property
    def kind(self) -> str:
        return self.versions[0].requirement.kind

    @property
    def imposed_on(self) -> date:
        """The day on which a court imposed it: with the sentence, or later by a variation."""
        return self.versions[0].since

    def on(self, day: date) -> Version | None:
        """The version in force on a day; None if there is none, or the sentence is not live that day."""
        if not self.life.holds(day):
            return None
        return next((v for v in self.versions if v.since <= day < v.until), None)


def ordered_requirements(case: ReferralsCase) -> list[Ordered]:
    """Every requirement of every sentence that has begun to be served, by sentence and first appearance."""
    found: dict[str, Ordered] = {}
    for sentence in sorted(case.sentences.values(), key=lambda s: (s.imposed_on, s.sentence_id)):
        life = case.life(sentence)
        if life.start is not None:
            for versions in _versions(case, sentence, life, life.start):
                key = versions[0].requirement.requirement_id
                if key in found:
                    key = f"{sentence.sentence_id}/{key}"
                found[key] = Ordered(sentence, life, versions, key)
    return list(found.values())


def _versions(
    case: ReferralsCase, sentence: Sentence, life: Life, start: date
) -> Iterable[tuple[Version, ...]]:
    lists: list[tuple[date, tuple[Requirement, ...], Record]] = [(start, sentence.requirements, sentence)]
    for variation in case.variations_of(sentence):
        if variation.varied_on <= life.last:
            lists.append((variation.varied_on, variation.requirements, variation))
    versions: dict[str, list[Version]] = {}
    for position, (since, requirements, record) in enumerate(lists):
        until = lists[position + 1][0] if position + 1 < len(lists) else date.max
        if since < until:
            for requirement in requirements:
                version = Version(since, until, requirement, record)
                versions.setdefault(requirement.requirement_id, []).append(version)
    return (tuple(of_requirement) for of_requirement in versions.values())


def concurrent_groups(requirements: Iterable[Ordered]) -> dict[str, frozenset[str]]:
    """For each requirement's key, the keys of all whose hours run at the same time, itself included.

    Hours are concurrent only where the court said so (`concurrent_with`). Those said to run with the same one
    run with each other.
    """
    listed = list(requirements)
    groups = {ordered.key: frozenset({ordered.key}) for ordered in listed}
    for ordered in listed:
        for version in ordered.versions:
            for other in listed:
                if other.requirement_id == version.requirement.concurrent_with:
                    joined = groups[ordered.key] | groups[other.key]
                    groups |= dict.fromkeys(joined, joined)
    return groups
