"""The breach of an order: required, started, concluded. The counting is in `breaches`."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import BreachConcluded, BreachRequired, BreachStarted
from services.enforcement.breaches import concluded_on
from services.enforcement.facts import Hearing
from services.enforcement.sentences import DUTY_TO_ENFORCE
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding


def breach_required(view: EnforcementView) -> Iterator[Finding]:
    """ENF-5, ENF-16, ENF-17: two unaccepted failures in 12 months on one order (count >= 2) start breach
    proceedings, and one review is open at a time.

    So does a failure within 12 months of a warning (ENF-1, ENF-2, ENF-6). No failure counts meanwhile
    (ENF-15). The breach pack is due within 10 business days of the failure that requires it (ENF-13). The
    item is resolved once the breach is initiated, or a court has dealt with it.
    """
    for history in view.breaches:
        sentence = history.order.sentence
        for episode in history.episodes:
            review = episode.review
            if review is None:
                continue
            values = view.values(review.opener.missed_on, sentence)
            due_on = values.within(review.opener.missed_on, "breach_pack_days")
            yield Finding(
                event=BreachRequired(
                    sentence_id=sentence.sentence_id,
                    contact_id=review.opener.contact_id,
                    failures=review.counted.number,
                    warned_on=review.warning.taken_on if review.warning else None,
                    pack_due_on=due_on,
                    due_on=due_on,
                    court_level=sentence.court.level,
                ),
                key=f"{sentence.sentence_id}/{review.opener.contact_id}",
                rules=(
                    *((DUTY_TO_ENFORCE[sentence.kind], "ENF-6") if review.warning else ()),
                    *(("ENF-5", "ENF-17") if review.by_count else ()),
                    *("ENF-13", "ENF-15", "ENF-16"),
                ),
                because=[*review.counted.failures, *([review.warning] if review.warning else []), sentence],
                policy=values.version,
                resolved_on=episode.brought_on,
                ended_on=history.order.ended_on,
            )


def breach_started(view: EnforcementView) -> Iterator[Finding]:
    """ENF-15: a breach is live from its initiation until it resolves. This is a record."""
    for history in view.breaches:
        sentence = history.order.sentence
        for key, _, initiation in history.started():
            yield Finding(
                event=BreachStarted(sentence_id=sentence.sentence_id, started_on=initiation.taken_on),
                key=key,
                rules=("ENF-15",),
                because=[initiation],
                policy=view.values(initiation.taken_on, sentence).version,
            )


def breach_concluded(view: EnforcementView) -> Iterator[Finding]:
    """ENF-15: the count returns to 0 when the breach resolves, proven or not. This is a record.

    A result without a known beginning is not published: there is nothing to conclude.
    """
    for history in view.breaches:
        sentence = history.order.sentence
        for key, episode, initiation in history.started():
            if episode.concluded is None:
                continue
            day = concluded_on(episode.concluded)
            yield Finding(
                event=BreachConcluded(
                    sentence_id=sentence.sentence_id,
                    concluded_on=day,
                    outcome=(
                        episode.concluded.outcome if isinstance(episode.concluded, Hearing) else "withdrawn"
                    ),
                ),
                key=key,
                rules=("ENF-15",),
                because=[episode.concluded, initiation],
                policy=view.values(day, sentence).version,
            )
