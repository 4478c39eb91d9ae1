"""The breaches of an order as they were: the failures that counted, the reviews, the beginning and the end.

How they are worked out is in `breaches`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from services.enforcement.facts import Absence, Action, Hearing
from services.enforcement.sentences import EnforcedSentence
from shared.probation.facts import ManagerDecision

Step = Hearing | Action
"""What may start or end a breach."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many failures count, by distinct date, and which they are."""

    number: int = 0
    failures: tuple[Absence, ...] = ()


@dataclass(slots=True)
class Review:
    """ENF-16: a breach is required since the failure `opener`, with which `counted` were.

    `warning` is the last one in force, if any; `by_count` says whether the count alone requires it. `closed`
    is the manager's decision that no breach is brought.
    """

    opener: Absence
    counted: Count
    warning: Action | None
    by_count: bool
    closed: ManagerDecision | None = None


@dataclass(slots=True)
class Episode:
    """From the beginning of the order, or the end of its last breach, to the end of the next breach."""

    began: date
    counted: dict[date, list[Absence]] = field(default_factory=dict)
    count: Count = Count()
    reviews: list[Review] = field(default_factory=list)
    started: Action | None = None
    concluded: Step | None = None

    @property
    def live(self) -> bool:
        """Is a breach before the court?"""
        return self.started is not None and self.concluded is None

    @property
    def review(self) -> Review | None:
        """The review that is open, or was when the breach was initiated."""
        last = self.reviews[-1] if self.reviews else None
        return last if last is not None and last.closed is None else None

    @property
    def opened_by(self) -> str | None:
        """The contact that opened the breach: the review's; else that which the officer named; else the
        last that counted. None if a breach began without any."""
        if self.review is not None:
            return self.review.opener.contact_id
        if self.started is not None and self.started.contact_id is not None:
            return self.started.contact_id
        return next(
            (failures[0].contact_id for _, failures in sorted(self.counted.items(), reverse=True)), None
        )

    @property
    def brought_on(self) -> date | None:
        """The day on which what was required was done: the breach was initiated, or a court dealt with it."""
        if self.started is not None:
            return self.started.taken_on
        return self.concluded_on

    @property
    def concluded_on(self) -> date | None:
        """The day on which the breach ended."""
        if self.concluded is None:
            return None
        return self.concluded.heard_on if isinstance(self.concluded, Hearing) else self.concluded.taken_on


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach that was required, initiated, or both.

    `key` is the sentence and the contact that opened it. One that no contact opened goes by its action; so
    does a second one on the same contact. `opener` is the failure that led to it, if known. `closed_on` is
    the day on which it ended, or on which a manager decided that none is brought.
    """

    key: str
    opener: Absence | None
    review: Review | None
    started: Action | None
    concluded: Step | None
    closed_on: date | None

    @property
    def because(self) -> list[Absence | Action]:
        """What it rests on: the failure that led to it, and its initiation."""
        return [*([self.opener] if self.opener else []), *([self.started] if self.started else [])]

    @property
    def since(self) -> date:
        """The day of the failure that led to it; if none is known, that of its initiation."""
        if self.opener is not None:
            return self.opener.missed_on
        assert self.started is not None
        return self.started.taken_on


@dataclass(slots=True)
class BreachHistory:
    """The episodes of an order, the last one still open, and the count as it stood after each failure.

    `counts` has only the days whose failures count: for the others no action is demanded.
    """

    order: EnforcedSentence
    episodes: list[Episode]
    counts: dict[date, Count] = field(default_factory=dict)

    @property
    def current(self) -> Episode:
        """The episode that goes on."""
        return self.episodes[-1]

    @property
    def breaches(self) -> list[Breach]:
        """All breaches, in order. What a manager refused and an officer initiated later is one breach."""
        id = self.order.sentence.sentence_id
        found: dict[str, Breach] = {}
        for episode in self.episodes:
            for past in episode.reviews:
                if past.closed is not None:
                    key = f"{id}/{past.opener.contact_id}"
                    refused = Breach(key, past.opener, past, None, None, past.closed.decided_on)
                    found.setdefault(key, refused)
            review = episode.review
            if review is None and episode.started is None:
                continue
            opener = review.opener if review is not None else self._failure(episode.opened_by)
            key = _key(id, episode, {key for key, breach in found.items() if breach.started})
            found[key] = Breach(key, opener, review, episode.started, episode.concluded, episode.concluded_on)
        return [*found.values()]

    def _failure(self, contact_id: str | None) -> Absence | None:
        return next((failure for failure in self.order.failures if failure.contact_id == contact_id), None)


def _key(sentence_id: str, episode: Episode, taken: set[str]) -> str:
    action_id = episode.started.action_id if episode.started else None
    key = f"{sentence_id}/{episode.opened_by or action_id}"
    return f"{key}/{action_id}" if key in taken else key
