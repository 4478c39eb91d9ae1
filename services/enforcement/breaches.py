"""The breaches of an order: which failures count, when a breach must follow, and how breaches begin and end.

Our reading of ENF-5, ENF-15, ENF-16 and ENF-17 together with ENF-1, ENF-2 and ENF-6:

* Failures are counted by distinct date, within the 12 months that end with the failure in hand (ENF-5, D2),
  since the order began or its last breach ended (ENF-15).
* A breach is required by the failure with which the count reaches the limit (ENF-17: count >= limit), or
  by one within 12 months of a warning for an earlier failure that counts as well (ENF-1, ENF-2: the officer
  must then refer). The two differ only where the warning came some days after the failure that it is for.
  From then on a review is open: until the breach has been brought and is over, or a manager has decided
  that none is brought, no failure counts (ENF-15, ENF-16).
* A breach is live from the day on which it is initiated until a hearing resolves it, it is withdrawn, or it
  is returned to the officer (ENF-7). An officer may initiate one at any time (ENF-4). A failure on the day on
  which it is initiated came before it; one on the day on which it ends came after it (the count runs "from
  the last breach end on"). So does one on the day on which a manager closes a review.
* A result of a breach whose beginning is not known resets the count as well: there must have been one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from services.enforcement.episodes import BreachHistory, Count, Episode, Review, Step
from services.enforcement.facts import Absence, Action, Hearing
from services.enforcement.sentences import EnforcedSentence
from shared.calendar import months_beginning
from shared.policy import Policy, Values
from shared.probation.facts import ManagerDecision


def breach_history(order: EnforcedSentence, policy: Policy) -> BreachHistory:
    """Go through what happened on an order day by day (see the module's text)."""
    assert order.period.begins_on is not None  # it has begun
    history = BreachHistory(order, [Episode(order.period.begins_on)])
    failures: dict[date, list[Absence]] = {}
    for failure in order.failures:
        failures.setdefault(failure.missed_on, []).append(failure)
    refusals: dict[date, list[ManagerDecision]] = {}
    for decision in order.decisions:
        if decision.about == "enforcement_review" and not decision.approved:
            refusals.setdefault(decision.decided_on, []).append(decision)
    steps = _steps(order, policy)
    for day in sorted({*failures, *steps, *refusals}):
        of_day = _in_order(steps.get(day, []), live=history.current.live)
        while of_day and (history.current.live or not _starts(of_day[0])):
            _take(history, of_day.pop(0))
        refused = [d for d in refusals.get(day, []) if not _close(history.current, d)]
        if day in failures:
            _count(history, failures[day], policy)
        for decision in refused:
            _close(history.current, decision)
        for step in of_day:
            _take(history, step)
    return history


def required_as_known(order: EnforcedSentence, started: Action, policy: Policy) -> bool:
    """ENF-18: did what was known on the day on which a breach was initiated require one?"""
    history = breach_history(order.as_known_on(started.taken_on), policy)
    return any(episode.started == started and episode.review is not None for episode in history.episodes)


def _steps(order: EnforcedSentence, policy: Policy) -> dict[date, list[Step]]:
    """By day, what starts or ends a breach. One is started under supervision; it may end at any time."""
    steps: dict[date, list[Step]] = {}
    for hearing in order.hearings:
        values = policy.on(hearing.heard_on, order.sentence.region)
        if hearing.outcome in values.texts("breach_resolving_outcomes"):
            steps.setdefault(hearing.heard_on, []).append(hearing)
    for action in order.actions:
        values = policy.on(action.taken_on, order.sentence.region)
        begun = _starts(action) and order.enforceable_on(action.taken_on)
        if begun or action.action in values.texts("breach_ending_actions"):
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
    day = current.concluded_on
    assert day is not None
    history.episodes.append(Episode(day))


def _close(episode: Episode, decision: ManagerDecision) -> bool:
    """Close the open review if the manager decided that no breach is brought, and say whether that was so.

    A decision may name a failure that the review is about. Once the breach is initiated it comes too late.
    """
    review = episode.review
    if review is None or episode.live:
        return False
    about = {review.opener.contact_id, *(failure.contact_id for failure in review.counted.failures)}
    if decision.about_id is not None and decision.about_id not in about:
        return False
    review.closed = decision
    return True


def _count(history: BreachHistory, failures: list[Absence], policy: Policy) -> None:
    """Count the failures of one day, unless a breach is live or required."""
    order, current, first = history.order, history.current, failures[0]
    if current.live or current.review is not None:
        return
    values = policy.on(first.missed_on, order.sentence.region)
    current.counted[first.missed_on] = failures
    within = [day for day in current.counted if within_window(day, first.missed_on, values)]
    current.count = Count(len(within), tuple(absence for day in within for absence in current.counted[day]))
    history.counts[first.missed_on] = current.count
    warnings = order.warnings_in_force(first)
    by_count = _reaches_limit(current.count.number, values)
    if by_count or any(_of_episode(warning, current, order) for warning in warnings):
        current.reviews.append(
            Review(
                opener=first,
                counted=current.count,
                warning=warnings[-1] if warnings else None,
                by_count=by_count,
            )
        )


def within_window(day: date, last: date, values: Values) -> bool:
    """D2: does a failure of that day count with one of `last`? Without a window in the policy all do."""
    if not values.has("failure_window_months"):
        return True
    return last <= months_beginning(day, values.integer("failure_window_months"))


def _reaches_limit(number: int, values: Values) -> bool:
    """ENF-17: does the count require a breach? The comparison is policy."""
    limit = values.integer("failures_before_breach")
    return number >= limit if values.text("failure_comparison") == "at_least" else number > limit


def _of_episode(warning: Action, episode: Episode, order: EnforcedSentence) -> bool:
    """Is the warning for a failure that counts in this episode? One that names none goes by its date."""
    failed_on = order.failed_on.get(warning.contact_id or "")
    return warning.taken_on >= episode.began if failed_on is None else failed_on in episode.counted
