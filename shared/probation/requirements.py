"""What a sentence requires: the lists of requirements that courts ordered, and each requirement's history.

`SentenceVaried` replaces the whole list. A requirement keeps its id from list to list, and so keeps the work
already done. Its new amount applies from the day of the variation.
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
    """What a sentence requires from `since`. `record` is the sentence or variation that ordered it."""

    since: date
    requirements: tuple[Requirement, ...]
    record: Record

    @property
    def unpaid_work_only(self) -> bool:
        """Is unpaid work the only requirement?"""
        return bool(self.requirements) and all(r.kind == "unpaid_work" for r in self.requirements)


@dataclass(frozen=True, slots=True)
class RequirementVersion:
    """A requirement from `since` up to but not including `until`, as ordered by `record`."""

    since: date
    until: date
    requirement: Requirement
    record: Record


@dataclass(frozen=True, slots=True)
class RequirementHistory:
    """All versions of one requirement of a sentence, in order. There is at least one."""

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
        """The day on which a court imposed it, with the sentence or by a later variation."""
        return self.versions[0].since

    def on(self, day: date) -> RequirementVersion | None:
        """The version in force on a day when the sentence is live; None if there is none."""
        for version in self.versions:  # asked of every session: a generator would be felt
            if version.since <= day < version.until:
                return version
        return None


def requirement_lists(sentence: Sentence, variations: Sequence[Variation]) -> tuple[RequirementList, ...]:
    """The lists of requirements, in order. `variations` are those that count, in order.

    A variation dated before the sentence was imposed applies from the start: the court changed what it was
    going to impose.
    """
    lists = [RequirementList(sentence.imposed_on, sentence.requirements, sentence)]
    for variation in variations:
        since = max(variation.varied_on, sentence.imposed_on)
        lists.append(RequirementList(since, variation.requirements, variation))
    return tuple(lists)


def list_on(lists: Sequence[RequirementList], day: date) -> RequirementList:
    """The list in force on a day; before the first list applies, the first list."""
    return next((known for known in reversed(lists) if known.since <= day), lists[0])


def requirement_histories(
    sentence: Sentence, lists: Sequence[RequirementList], start: date
) -> list[RequirementHistory]:
    """Each requirement of a sentence served from `start`, in order of first appearance."""
    ends = [*(following.since for _, following in pairwise(lists)), date.max]
    versions: dict[str, list[RequirementVersion]] = {}
    for known, until in zip(lists, ends, strict=True):
        since = max(known.since, start)
        if since < until:
            for requirement in known.requirements:
                version = RequirementVersion(since, until, requirement, known.record)
                versions.setdefault(requirement.requirement_id, []).append(version)
    return [RequirementHistory(sentence, tuple(own)) for own in versions.values()]
