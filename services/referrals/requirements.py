"""The requirements of the sentences that a person serves, and which of them run concurrently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from shared.probation.requirements import RequirementHistory, RequirementVersion, requirement_histories
from shared.probation.supervision import SupervisionPeriod

LONGEST_ID = 100
"""Characters that an id may have (`schemas.scalars.Id`)."""


@dataclass(frozen=True)
class ServedRequirement(RequirementHistory):
    """A requirement of a sentence that is being served, or was.

    `key` is what findings about it are keyed by: its id, after the sentence's if an earlier sentence has a
    requirement of that id.
    """

    period: SupervisionPeriod
    key: str

    @property
    def referral_id(self) -> str:
        """The id of the referral that it leads to by itself: its own, or the sentence's and its own.

        The latter is shortened to a digest where it would be longer than an id may be.
        """
        if self.key == self.requirement_id:
            return self.requirement_id
        both = f"{self.sentence.sentence_id}:{self.requirement_id}"
        return both if len(both) <= LONGEST_ID else sha256(both.encode()).hexdigest()

    @property
    def taken_off_on(self) -> date | None:
        """The day on which a court took it off the order; None if none did."""
        last = self.versions[-1].until
        return last if last < date.max else None

    def on(self, day: date) -> RequirementVersion | None:
        """The version in force on a day; None if there is none, or the person is not supervised that day."""
        return super().on(day) if self.period.supervised_on(day) else None

    def falls_due(self, day: date) -> bool:
        """Is it in force on that day, and the day over before the sentence is?

        The last day of a sentence that runs out is, the day on which one is cut short is not.
        """
        over_on = self.period.over_on
        return self.on(day) is not None and (over_on is None or day < over_on)


def served_requirements(periods: Iterable[SupervisionPeriod]) -> list[ServedRequirement]:
    """Every requirement of every sentence that is served, in the order given and then by appearance."""
    found: dict[str, ServedRequirement] = {}
    for period in periods:
        if period.begins_on is None:
            continue
        sentence = period.sentence
        for history in requirement_histories(sentence, period.ordered, period.begins_on):
            key = history.requirement_id
            if key in found:
                key = f"{sentence.sentence_id}/{key}"
            found[key] = ServedRequirement(sentence, history.versions, period, key)
    return list(found.values())


def concurrent_groups(requirements: Iterable[ServedRequirement]) -> dict[str, frozenset[str]]:
    """For each requirement's key, the keys of all whose hours run at the same time, itself included.

    Hours are concurrent only where the court said so (`concurrent_with`). Those said to run with the same one
    run with each other.
    """
    listed = list(requirements)
    groups = {requirement.key: frozenset({requirement.key}) for requirement in listed}
    for requirement in listed:
        for version in requirement.versions:
            for other in listed:
                if other.requirement_id == version.requirement.concurrent_with:
                    joined = groups[requirement.key] | groups[other.key]
                    groups |= dict.fromkeys(joined, joined)
    return groups
