"""The end of supervision."""

from collections.abc import Iterator
from itertools import pairwise

from schemas.allocation import SupervisionEnded
from services.allocation.view import AllocationView
from shared.engine.assessment import Finding


def supervision_ended(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-2, ALLOC-3: supervision is over, and how often the practitioner changed by then.

    ENF-34: post-sentence supervision ends on the day before its repeal, for that reason.
    """
    for supervised in view.supervised:
        end = supervised.end
        if end is None:
            continue
        who = [allocation.practitioner_id for allocation in supervised.allocations]
        yield Finding(
            event=SupervisionEnded.model_validate(
                {
                    "sentence_id": supervised.sentence_id,
                    "ended_on": end.on,
                    "reason": end.reason,
                    "practitioner_changes": sum(a != b for a, b in pairwise(who)),
                }
            ),
            key=supervised.sentence_id,
            rules=("ALLOC-2", "ALLOC-3", *(("ENF-34",) if end.reason == "repealed" else ())),
            because=(*supervised.because, end.record, *supervised.allocations),
            policy=view.values(end.on, supervised.sentence).version,
        )
