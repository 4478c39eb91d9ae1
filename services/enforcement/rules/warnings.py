"""Warnings: what they must state, and when they no longer hold."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import WarningIncomplete, WarningWithdrawn
from services.enforcement.sentences import DUTY_TO_ENFORCE
from services.enforcement.view import EnforcementView
from shared.engine.assessment import ONE_DAY, Finding


def warning_incomplete(view: EnforcementView) -> Iterator[Finding]:
    """ENF-3: a warning on an order states the circumstances, that the failure is unacceptable, and the
    liability to court if it happens again within 12 months. This is an open item, where it is known what the
    warning states.

    It ends with the 12 months for which the warning binds, or with the order.
    """
    for enforced in view.enforced:
        if enforced.sentence.kind not in DUTY_TO_ENFORCE:
            continue
        for warned in enforced.warnings:
            action, stated = warned.action, warned.action.warning
            if stated is None:
                continue
            missing = [
                *(["circumstances"] if not stated.circumstances else []),
                *(["unacceptable"] if not stated.unacceptable else []),
                *(["liability"] if not stated.liability else []),
            ]
            if not missing:
                continue
            over_on = warned.until + ONE_DAY
            yield Finding(
                event=WarningIncomplete.model_validate(
                    {"action_id": action.action_id, "sentence_id": action.sentence_id, "missing": missing}
                ),
                key=action.action_id,
                rules=("ENF-3",),
                because=[action],
                policy=view.values(action.taken_on, enforced.sentence).version,
                ended_on=over_on if enforced.ended_on is None else min(over_on, enforced.ended_on),
            )


def warning_withdrawn(view: EnforcementView) -> Iterator[Finding]:
    """ENF-18: a warning for a contact that was accepted afterwards, or was no failure, no longer holds.

    From then on it binds nobody. This is a record, and one of the time in which failures could be dealt with:
    nothing is told of a warning once supervision is over.
    """
    for enforced in view.enforced:
        for groundless in enforced.groundless:
            action = groundless.warned.action
            if not enforced.enforceable_on(groundless.on):
                continue
            assert action.contact_id is not None  # it is the contact that was no failure
            yield Finding(
                event=WarningWithdrawn(
                    sentence_id=action.sentence_id,
                    contact_id=action.contact_id,
                    action_id=action.action_id,
                    withdrawn_on=groundless.on,
                ),
                key=action.action_id,
                rules=("ENF-18",),
                because=[groundless.because, action],
                policy=view.values(action.taken_on, enforced.sentence).version,
            )
