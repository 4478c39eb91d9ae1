"""What a sentence requires: the lists of requirements that courts made, and each requirement's history.

`SentenceVaried` replaces the whole list. A requirement keeps its id from list to list, and with it what was
done under it; its new amount holds from the day of the variation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import msgspec

from schemas.words import RequirementKind
from shared.engine.case import Record
from shared.probation.facts import Requirement, Sentence, Variation


class RequirementList(msgspec.Struct, frozen=True):
    """What a sentence requires from `since` on; `record` is the sentence or variation that says so."""

    since: date
    requirements: tuple[Requirement, ...]
    record: Record

    @property
    def unpaid_work_only(self) -> bool:
        """Is unpaid work all that is required?"""
        return bool(self.requirements) and all(r.kind == "unpaid_work" for r in self.requirements)


@dataclass(frozen=True, slots=True)
class RequirementVersion:
    """A requirement as it stood from `since` up to, but not on, `until`; `record` says so."""

    since: date
    until: date
    requirement: Requirement
    record: Record


@dataclass(frozen=True, slots=True)
class RequirementHistory:
    """One requirement of one sentence through all its versions, in order; there is at least one."""

    sentence: Sentence
    versions: tuple[RequirementVersion, ...]

    @property
    def requirement_id(self) -> str:
        return self.versions[0].requirement.requirement_id

    @property
    def kind(self) -> RequirementKind:
        return self.versions[0].requirement.kind

    @property
    def imposed_on(self) -> date:
        """The day on which a court imposed it: with the sentence, or later by a variation."""
        return self.versions[0].since

    def on(self, day: date) -> RequirementVersion | None:
        """The version in force on a day on which the sentence is live; None if there is none."""
        return next((v for v in self.versions if v.since <= day < v.until), None)


def requirement_lists(sentence: Sentence, variations: Sequence[Variation]) -> tuple[RequirementList, ...]:
    """The lists of requirements in order; `variations` are those that count, in order.

    One dated before the sentence was imposed holds from the beginning: the court changed what it was to
    impose.
    """
    lists = [RequirementList(sentence.imposed_on, sentence.requirements, sentence)]
    for variation in variations:
        since = max(variation.varied_on, sentence.imposed_on)
        lists.append(RequirementList(since, variation.requirements, variation))
    return tuple(lists)


def list_on(lists: Sequence[RequirementList], day: date) -> RequirementList:
    """The list in force on a day; before the first one there is none yet, and the first is given."""
    return next((known for known in reversed(lists) if known.since <= day), lists[0])


def requirement_histories(
    sentence: Sentence, lists: Sequence[RequirementList], start: date
) -> list[RequirementHistory]:
    """Each requirement of a sentence that is served from `start` on, by first appearance."""
    ends = [*(following.since for _, following in pairwise(lists)), date.max]
    versions: dict[str, list[RequirementVersion]] = {}
    for known, until in zip(lists, ends, strict=True):
        since = max(known.since, start)
        if since < until:
            for requirement in known.requirements:
                version = RequirementVersion(since, until, requirement, known.record)
                versions.setdefault(requirement.requirement_id, []).append(version)
    return [RequirementHistory(sentence, tuple(own)) for own in versions.values()]
