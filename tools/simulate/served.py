"""A sentence served in the community."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from schemas.court import Requirement
from schemas.words import CourtLevel, SentenceKind


@dataclass
class Served:
    """A sentence served in the community, from its first to its last day.

    `seen_on` is the day of the first appointment. `licence_ends_on` is the last day of a licence, followed by
    post-sentence supervision until `ends_on`. `away` are the periods in custody. `over_on` is the day when
    revocation or death ended it. `suspended_on` is the day when a manager agreed to suspend contact.
    """

    sentence_id: str
    kind: SentenceKind
    level: CourtLevel
    starts_on: date
    ends_on: date
    requirements: list[Requirement]
    seen_on: date
    licence_ends_on: date | None = None
    away: list[tuple[date, date]] = field(default_factory=list)
    over_on: date | None = None
    suspended_on: date | None = None

    @property
    def work_only(self) -> bool:
        """Whether unpaid work is its only requirement."""
        return {requirement.kind for requirement in self.requirements} == {"unpaid_work"}

    def on_licence(self, day: date) -> bool:
        """Whether it is served on licence on that day, not on an order or in post-sentence supervision."""
        return self.licence_ends_on is not None and day <= self.licence_ends_on

    def live_on(self, day: date) -> bool:
        """Whether the person is supervised in the community on that day."""
        over = self.over_on is not None and day >= self.over_on
        return self.starts_on <= day <= self.ends_on and not over and not self.held_on(day)

    def held_on(self, day: date) -> bool:
        """Whether the person is in custody on that day."""
        return any(first <= day < last for first, last in self.away)

    def last_third(self) -> tuple[date, date]:
        """The first and the last day of the last third of an order or a licence."""
        last = self.licence_ends_on or self.ends_on
        days = (last - self.starts_on).days + 1
        return self.starts_on + timedelta(days=-(-days * 2 // 3)), last
