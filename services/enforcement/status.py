"""Where enforcement stands, for those who query the cases."""

from __future__ import annotations

from collections.abc import Sequence

from services.enforcement.sentences import EnforcedSentence
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding, Overview

STATUSES = ("", "ended", "supervised", "breach_required", "in_breach")
"""Of one sentence; of several the gravest counts for the case."""


def overview(view: EnforcementView, findings: Sequence[Finding]) -> Overview:  # noqa: ARG001
    """The gravest status of all sentences, and the region of the latest sentence."""
    latest = view.sentences_in_order[-1:]
    return Overview(
        status=max((_status(view, enforced) for enforced in view.enforced), key=STATUSES.index, default=""),
        region=latest[0].region if latest else None,
    )


def _status(view: EnforcementView, enforced: EnforcedSentence) -> str:
    if enforced.period.end(view.today) is not None:
        return "ended"
    history = next((history for history in view.breaches if history.order is enforced), None)
    if history is None:
        return "supervised"
    if history.current.live:
        return "in_breach"
    return "breach_required" if history.current.review is not None else "supervised"
