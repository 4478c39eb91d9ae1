"""The breach of an order: required, started, concluded. The counting is in `course`."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import BreachConcluded, BreachRequired, BreachStarted
from schemas.words import HearingOutcome
from services.enforcement.case import Hearing
from services.enforcement.rules.course import Course, Episode, concluded_on
from services.enforcement.rules.file import DUTY_TO_ENFORCE, SentenceFile
from shared.engine.assessment import Finding
from shared.policy import Policy


def breach_required(file: SentenceFile, course: Course, policy: Policy) -> Iterator[Finding]:
    """ENF-5: two unaccepted failures in 12 months on one order start breach proceedings.
    ENF-16: one open review per order at a time, raised when the count reaches the limit (ENF-17: count >= 2).

    ENF-1, ENF-2, ENF-6: so does a failure within 12 months of a warning. ENF-13 gives the day by which the
    pack is due. Dealt with once the breach is initiated (or resulted).
    """
    sentence = file.sentence
    for episode in course.episodes:
        review = episode.review
        if review is None:
            continue
        values = policy.on(review.opener.missed_on, sentence.region)
        resolved_on = None
        if episode.started is not None:
            resolved_on = episode.started.taken_on
        elif episode.concluded is not None:
            resolved_on = concluded_on(episode.concluded)
        by_warning = (DUTY_TO_ENFORCE[sentence.kind], "ENF-6") if review.warning else ()
        by_count = ("ENF-5", "ENF-17") if review.by_count else ()
        yield Finding(
            event=BreachRequired(
                sentence_id=sentence.sentence_id,
                contact_id=review.opener.contact_id,
                failures=review.counted.number,
                warned_on=review.warning.taken_on if review.warning else None,
                pack_due_on=values.within(review.opener.missed_on, "breach_pack_days"),
                court_level=sentence.court_level,
            ),
            key=f"{sentence.sentence_id}/{review.opener.contact_id}",
            rules=(*by_warning, *by_count, "ENF-13", "ENF-15", "ENF-16"),
            because=[*review.counted.failures, *([review.warning] if review.warning else []), sentence],
            policy=values.version,
            resolved_on=resolved_on,
            ended_on=file.supervision.over_on,
        )


def breach_started_and_concluded(file: SentenceFile, course: Course, policy: Policy) -> Iterator[Finding]:
    """ENF-15: a breach is live from its initiation until it resolves, proven or not.

    Both are records. A result without a known beginning is not published: there is nothing to conclude.
    """
    sentence = file.sentence
    for key, episode in _started(sentence.sentence_id, course):
        assert episode.started is not None
        started_on = episode.started.taken_on
        yield Finding(
            event=BreachStarted(sentence_id=sentence.sentence_id, started_on=started_on),
            key=key,
            rules=("ENF-15",),
            because=[episode.started],
            policy=policy.on(started_on, sentence.region).version,
        )
        if episode.concluded is None:
            continue
        outcome: HearingOutcome = "withdrawn"
        if isinstance(episode.concluded, Hearing):
            outcome = episode.concluded.outcome
        ended_on = concluded_on(episode.concluded)
        yield Finding(
            event=BreachConcluded(sentence_id=sentence.sentence_id, concluded_on=ended_on, outcome=outcome),
            key=key,
            rules=("ENF-15",),
            because=[episode.concluded, episode.started],
            policy=policy.on(ended_on, sentence.region).version,
        )


def _started(sentence_id: str, course: Course) -> Iterator[tuple[str, Episode]]:
    """The breaches that began, each with its key: the sentence and the contact that opened it.

    A breach that no contact opened goes by its action; so does a second one on the same contact.
    """
    keys: set[str] = set()
    for episode in course.episodes:
        if episode.started is None:
            continue
        key = f"{sentence_id}/{episode.opened_by or episode.started.action_id}"
        if key in keys:
            key = f"{key}/{episode.started.action_id}"
        keys.add(key)
        yield key, episode
