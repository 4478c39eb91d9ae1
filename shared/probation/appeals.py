"""When enforcement of a sentence rests because an appeal is pending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shared.probation.custody import CustodyPeriod
from shared.probation.facts import AppealDecision, AppealLodging


def stays(
    sentence_id: str, lodged: Iterable[AppealLodging], decided: Mapping[str, AppealDecision]
) -> Iterator[CustodyPeriod]:
    """The times for which a court stayed a sentence on appeal.

    Each lasts from the day on which the appeal was lodged up to, but not including, that of its decision:
    like custody, it pauses deadlines.
    """
    for appeal in lodged:
        if appeal.stayed and appeal.sentence_id == sentence_id:
            decision = decided.get(appeal.appeal_id)
            end, ended_by = (decision.decided_on, (decision,)) if decision else (None, ())
            yield CustodyPeriod(appeal.lodged_on, end, (appeal,), ended_by)
