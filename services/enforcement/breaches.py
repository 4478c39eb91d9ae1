"""The breaches of an order: which failures count, when a breach must follow, and how breaches begin and end.

Our reading of ENF-5, ENF-15, ENF-16 and ENF-17 together with ENF-1, ENF-2 and ENF-6:

* Failures are counted by distinct date, within the 12 months that end with the failure in hand (ENF-5),
  since the order began or its last breach ended (ENF-15).
* A breach is required by the failure with which the count reaches the limit (ENF-17: count >= limit), or
  by one within 12 months of a warning for an earlier failure that counts as well (ENF-1, ENF-2: the officer
  must then refer). The two differ only where the warning came some days after the failure that it is for.
  From then on, until the breach has been brought and is over, no failure counts (ENF-15, ENF-16).
* A breach is live from the day on which it is initiated until a hearing resolves it or it is withdrawn.
  An officer may initiate one at any time (ENF-4). A failure on the day on which it is initiated came
  before it; one on the day on which it ends came after it (the count runs "from the last breach end on").
* A result of a breach whose beginning is not known resets the count as well: there must have been one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from services.enforcement.facts import Absence, Action, Hearing
from services.enforcement.sentences import EnforcedSentence
from shared.calendar import year_beginning
from shared.policy import Policy

Step = Hearing | Action
"""What may start or end a breach."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many failures count, by distinct date, and which they are."""

    number: int = 0
    failures: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """ENF-16: a breach is required since the failure `opener`, with which `counted` were.

    `warning` is the last one in force, if any; `by_count` says whether the count alone requires it.
    """

    opener: Absence
    counted: Count
    warning: Action | None
    by_count: bool


@dataclass(slots=True)
class Episode:
    """From the beginning of the order, or the end of its last breach, to the end of the next breach."""

    began: date
    counted: dict[date, list[Absence]] = field(default_factory=dict)
    count: Count = Count()
    review: Review | None = None
    started: Action | None = None
    concluded: Step | None = None

    @property
    def live(self) -> bool:
        """Is a breach before the court?"""
        return self.started is not None and self.concluded is None

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
        return concluded_on(self.concluded) if self.concluded is not None else None


@dataclass(slots=True)
class BreachHistory:
    """The episodes of an order, the last one still open, and the count as it stood after each failure."""

    order: EnforcedSentence
    episodes: list[Episode]
    counts: dict[date, Count] = field(default_factory=dict)

    @property
    def current(self) -> Episode:
        """The episode that goes on."""
        return self.episodes[-1]

    def started(self) -> Iterator[tuple[str, Episode, Action]]:
        """The episodes with a breach that began, each with the breach's key and the action that began it.

        The key is the sentence and the contact that opened the breach. A breach that no contact opened goes
        by its action; so does a second one on the same contact.
        """
        keys: set[str] = set()
        for episode in self.episodes:
            if episode.started is None:
                continue
            key = f"{self.order.sentence.sentence_id}/{episode.opened_by or episode.started.action_id}"
            if key in keys:
                key = f"{key}/{episode.started.action_id}"
            keys.add(key)
            yield key, episode, episode.started


def breach_history(order: EnforcedSentence, policy: Policy) -> BreachHistory:
    """Go through what happened on an order day by day (see the module's text)."""
    assert order.period.begins_on is not None  # it has begun
    history = BreachHistory(order, [Episode(order.period.begins_on)])
    failures: dict[date, list[Absence]] = {}
    for failure in order.failures:
        failures.setdefault(failure.missed_on, []).append(failure)
    steps = _steps(order, policy)
    for day in sorted({*failures, *steps}):
        of_day = _in_order(steps.get(day, []), live=history.current.live)
        while of_day and (history.current.live or not _starts(of_day[0])):
            _take(history, of_day.pop(0))
        if day in failures:
            _count(history, failures[day], policy)
        for step in of_day:
            _take(history, step)
    return history


def concluded_on(step: Step) -> date:
    """The day of a step that ended a breach."""
    return step.heard_on if isinstance(step, Hearing) else step.taken_on


def _steps(order: EnforcedSentence, policy: Policy) -> dict[date, list[Step]]:
    """By day, what starts or ends a breach. One is started under supervision; it may end at any time."""
    steps: dict[date, list[Step]] = {}
    for hearing in order.hearings:
        values = policy.on(hearing.heard_on, order.sentence.region)
        if hearing.outcome in values.texts("breach_resolving_outcomes"):
            steps.setdefault(hearing.heard_on, []).append(hearing)
    for action in order.actions:
        begun = _starts(action) and order.enforceable_on(action.taken_on)
        if begun or action.action == "breach_withdrawn":
            steps.setdefault(action.taken_on, []).append(action)
    return steps


def _starts(step: Step) -> bool:
    return isinstance(step, Action) and step.action == "breach_initiated"


def _in_order(steps: Iterable[Step], *, live: bool) -> list[Step]:
    """A day's steps: actions by instant; a hearing, of which only the day is known, before them unless the
    breach that it resolves can only be one that is initiated on that day."""
    listed = list(steps)
    hearings: list[Step] = [step for step in listed if isinstance(step, Hearing)]
    actions: list[Step] = [step for step in listed if isinstance(step, Action)]
    return actions + hearings if not live and any(map(_starts, actions)) else hearings + actions


def _take(history: BreachHistory, step: Step) -> None:
    current = history.current
    if isinstance(step, Action) and step.action == "breach_initiated":
        current.started = current.started or step
        return
    current.concluded = step
    history.episodes.append(Episode(concluded_on(step)))


def _count(history: BreachHistory, failures: list[Absence], policy: Policy) -> None:
    """Count the failures of one day, unless a breach is live or required."""
    order, current, first = history.order, history.current, failures[0]
    if not current.live and current.review is None:
        current.counted[first.missed_on] = failures
        within = [day for day in current.counted if first.missed_on <= year_beginning(day)]
        current.count = Count(
            len(within), tuple(absence for day in within for absence in current.counted[day])
        )
        warnings = order.warnings_in_force(first)
        limit = policy.on(first.missed_on, order.sentence.region).integer("failures_before_breach")
        by_count = current.count.number >= limit
        if by_count or any(_of_episode(warning, current, order) for warning in warnings):
            current.review = Review(
                opener=first,
                counted=current.count,
                warning=warnings[-1] if warnings else None,
                by_count=by_count,
            )
    history.counts[first.missed_on] = current.count


def _of_episode(warning: Action, episode: Episode, order: EnforcedSentence) -> bool:
    """Is the warning for a failure that counts in this episode? One that names none goes by its date."""
    failed_on = order.failed_on.get(warning.contact_id or "")
    return warning.taken_on >= episode.began if failed_on is None else failed_on in episode.counted
