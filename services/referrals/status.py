"""Where a case stands, for those who query the cases."""

from __future__ import annotations

from collections.abc import Sequence

from services.referrals.view import ReferralsView
from shared.engine.assessment import Finding, Overview


def overview(view: ReferralsView, findings: Sequence[Finding]) -> Overview:  # noqa: ARG001
    """Is the person supervised on a sentence, and in which region?"""
    found = Overview()
    for sentence in view.sentences_in_order:
        period = view.supervision[sentence.sentence_id]
        over = period.end(view.today) is not None
        if period.under_way(view.today) is not None and not over:
            found.status = "open"
            found.region = sentence.region
        elif not found.status:
            found.status = "closed" if over else "not_begun"
    return found
