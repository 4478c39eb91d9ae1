"""The breach of an order: required, started, concluded, or to be withdrawn. The counting is in `breaches`."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import BreachConcluded, BreachRequired, BreachStarted, BreachWithdrawalDue
from services.enforcement.facts import Hearing
from services.enforcement.lost_ground import lost_ground
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding


def breach_required(view: EnforcementView) -> Iterator[Finding]:
    """ENF-5, ENF-16, ENF-17: two unaccepted failures in 12 months on one order (count >= 2) start breach
    proceedings, and one review is open at a time.

    So does a failure within 12 months of a warning (ENF-1, ENF-2, ENF-6). No failure counts meanwhile
    (ENF-15), whoever supervises the person (ENF-8). The breach pack is due within 10 business days of the
    failure that requires it (ENF-13). The item is resolved once the breach is initiated, a court has dealt
    with it, or a manager has decided that none is brought. That of post-sentence supervision goes to
    magistrates, whichever court passed the sentence (ENF-33).
    """
    for history in view.with_breaches:
        order, sentence = history.order, history.order.sentence
        after_sentence = order.supervised_after_sentence
        for episode in history.episodes:
            for review in episode.reviews:
                values = view.values(review.opener.missed_on, sentence)
                due_on = order.deadline(review.opener.missed_on, "breach_pack_days", view.policy)
                # Held without an end that is known, there is no due date yet: this is the earliest possible.
                earliest = values.within(review.opener.missed_on, "breach_pack_days")
                yield Finding(
                    event=BreachRequired(
                        sentence_id=sentence.sentence_id,
                        contact_id=review.opener.contact_id,
                        failures=review.counted.number,
                        warned_on=review.warning.taken_on if review.warning else None,
                        pack_due_on=due_on or earliest,
                        due_on=due_on,
                        court_level=order.court_level,
                    ),
                    key=f"{sentence.sentence_id}/{review.opener.contact_id}",
                    rules=(
                        *(filter(None, (order.duty,)) if review.warning or after_sentence else ()),
                        *(("ENF-6",) if review.warning else ()),
                        *(("ENF-5", "ENF-17") if review.by_count else ()),
                        *("ENF-13", "ENF-15", "ENF-16"),
                    ),
                    because=[
                        *review.counted.failures,
                        *([review.warning] if review.warning else []),
                        sentence,
                    ],
                    policy=values.version,
                    resolved_on=review.closed.decided_on if review.closed else episode.brought_on,
                    ended_on=order.ended_on,
                )


def breach_started(view: EnforcementView) -> Iterator[Finding]:
    """ENF-4, ENF-15: a breach is live from its initiation until it resolves. This is a record.

    An officer may initiate one without a warning before it, and without one being required.
    """
    for history in view.with_breaches:
        sentence = history.order.sentence
        for breach in history.breaches:
            if breach.started is None:
                continue
            yield Finding(
                event=BreachStarted(sentence_id=sentence.sentence_id, started_on=breach.started.taken_on),
                key=breach.key,
                rules=("ENF-15",),
                because=[breach.started],
                policy=view.values(breach.started.taken_on, sentence).version,
            )


def breach_concluded(view: EnforcementView) -> Iterator[Finding]:
    """ENF-15, ENF-36: the count returns to 0 when the breach resolves, proven or not. This is a record.

    One that is withdrawn, or returned to the officer without an information (ENF-7), ends as withdrawn. What
    the court imposed is told with it (ENF-40). A result without a known beginning is not published: there is
    nothing to conclude.
    """
    for history in view.with_breaches:
        sentence = history.order.sentence
        for breach in history.breaches:
            step, day = breach.concluded, breach.closed_on
            if breach.started is None or step is None or day is None:
                continue
            hearing = step if isinstance(step, Hearing) else None
            yield Finding(
                event=BreachConcluded(
                    sentence_id=sentence.sentence_id,
                    concluded_on=day,
                    outcome=hearing.outcome if hearing else "withdrawn",
                    sanction=hearing.sanction if hearing else None,
                    fine_pounds=hearing.fine_pounds if hearing else None,
                ),
                key=breach.key,
                rules=("ENF-15", "ENF-36", *(("ENF-40",) if hearing and hearing.sanction else ())),
                because=[step, breach.started],
                policy=view.values(day, sentence).version,
            )


def breach_withdrawal_due(view: EnforcementView) -> Iterator[Finding]:
    """ENF-18: a breach that no court has dealt with must be withdrawn if later evidence leaves it no ground.

    What leaves it none: `lost_ground`. This is an open item, resolved when the breach is withdrawn or heard.
    """
    for history in view.with_breaches:
        order = history.order
        for breach in history.breaches:
            lost = lost_ground(view, history, breach)
            if lost is None or breach.started is None:
                continue
            yield Finding(
                event=BreachWithdrawalDue(sentence_id=order.sentence.sentence_id, reason=lost.reason),
                key=breach.key,
                rules=("ENF-18",),
                because=[breach.started, *lost.because],
                policy=view.values(breach.started.taken_on, order.sentence).version,
                resolved_on=breach.closed_on,
                ended_on=order.ended_on,
            )
