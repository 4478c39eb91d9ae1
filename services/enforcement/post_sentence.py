"""Post-sentence supervision, which is enforced as an order is, in the magistrates' court."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec

from services.enforcement.sentences import EnforcedSentence, Warned


def in_post_sentence_supervision(enforced: EnforcedSentence) -> EnforcedSentence | None:
    """ENF-33: a sentence as it is enforced in post-sentence supervision; None if it has none.

    The licence before it is left out: its failures do not count here, and neither the warnings given under it
    nor those for its failures bind. A repeal ends the supervision; earlier failures are still dealt with
    (ENF-34).
    """
    whole = enforced.period
    stages = tuple(stage for stage in whole.stages if stage.kind == "post_sentence_supervision")
    if not stages:
        return None
    period = msgspec.structs.replace(whole, stages=stages)
    failures = tuple(absence for absence in enforced.failures if period.supervised_on(absence.missed_on))
    failed_on = {failure.contact_id: failure.missed_on for failure in failures}
    on_licence = enforced.failed_on.keys() - failed_on.keys()

    def since(day: date) -> bool:
        stage = whole.stage_on(day)
        return stages[0].first <= day and (stage is None or stage.kind != "licence")

    def binds(warned: Warned) -> bool:
        return since(warned.action.taken_on) and warned.action.contact_id not in on_licence

    return replace(
        enforced,
        period=period,
        failures=failures,
        taken_back={id: b for id, b in enforced.taken_back.items() if period.supervised_on(b.missed_on)},
        excused=tuple(absence for absence in enforced.excused if period.supervised_on(absence.missed_on)),
        awaited=tuple(a for a in enforced.awaited if period.supervised_on(a.absence.missed_on)),
        actions=tuple(action for action in enforced.actions if since(action.taken_on)),
        hearings=tuple(hearing for hearing in enforced.hearings if since(hearing.heard_on)),
        decisions=tuple(decision for decision in enforced.decisions if since(decision.decided_on)),
        warnings=tuple(warned for warned in enforced.warnings if binds(warned)),
        groundless=tuple(known for known in enforced.groundless if binds(known.warned)),
        failed_on=failed_on,
    )
