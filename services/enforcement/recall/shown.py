"""What is shown of recalls to those who query the cases. No rule reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.enforcement import RecallConsidered
from services.enforcement.recall.licences import STEPS, Licence, RecallInProgress
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding


def recall_status(view: EnforcementView, sentence_id: str, findings: Sequence[Finding]) -> str:
    """Where the licence of a sentence stands: supervised, unless recall is considered or more."""
    for licence in view.licences:
        if licence.sentence.sentence_id != sentence_id or view.today.reached(licence.over_on):
            continue
        if licence.recalled:
            return "recalled"
        if any(recall.dropped_by is None for recall in licence.recalls):
            return "recall_in_progress"
        if any(_considers(finding, sentence_id) and not finding.closed(view.today) for finding in findings):
            return "recall_considered"
    return "supervised"


def shown_recalls(view: EnforcementView) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each recall with the id of its sentence: how far it has come, and which of its steps are missing.

    ENF-27: it needs the practitioner's recommendation, the manager's agreement and the senior endorsement.
    """
    for licence in view.licences:
        for recall in licence.recalls:
            sent = recall.first("recall_part_a_sent")
            yield (
                licence.sentence.sentence_id,
                {
                    "key": recall.key,
                    "stage": _stage(view, licence, recall),
                    "missing": [step for step in STEPS[:3] if recall.first(step) is None],
                    "begun_at": recall.begun.taken_at,
                    "part_a_due_at": recall.part_a_due_at(view.policy, licence.sentence.region),
                    "part_a_sent_at": sent.taken_at if sent else None,
                },
            )


def _considers(finding: Finding, sentence_id: str) -> bool:
    return isinstance(finding.event, RecallConsidered) and finding.event.sentence_id == sentence_id


def _stage(view: EnforcementView, licence: Licence, recall: RecallInProgress) -> str:
    """The last step by the order of the steps; how it ended once it is over."""
    if recall.dropped_by is not None:
        return "given_up"
    if licence.recalled:
        return "recalled"
    if view.today.reached(licence.over_on):
        return "over"
    return next(step for step in reversed(STEPS) if recall.first(step) is not None)
