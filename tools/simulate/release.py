"""A release from prison: planned soon after the sentence, and prepared by the practitioner."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from schemas.practice import PreReleaseTaskCompleted
from schemas.prison import Condition, ReleasePlanned
from tools.simulate.recorder import EventRecorder, working_days_after

TASKS = {
    "assessment": 42,
    "sentence_plan": 35,
    "accommodation": 28,
    "benefits": 14,
    "victim_issues": 14,
    "first_appointment": 7,
}
"""The tasks before the release of a short-term prisoner, and how many days before it each is due.

Before that of a long-term prisoner it is twice as many.
"""


def conditions(sentence_id: str) -> list[Condition]:
    """The conditions of a licence: to keep contacts, and to live at an address."""
    return [
        Condition(condition_id=f"{sentence_id}-{kind}", kind=kind) for kind in ("supervision", "residence")
    ]


def prepare(planned: ReleasePlanned, imposed_on: date, recorder: EventRecorder, chance: Random) -> None:
    """The plan, told of in the first days, and the tasks: most in time, some late, a few never."""
    recorder.record(planned, imposed_on, working_days_after(imposed_on, chance.choice((0, 1, 1, 2))))
    for task, days in TASKS.items():
        lag = chance.choices((-5, -2, 4, None), (50, 35, 10, 5))[0]
        if lag is None:
            continue
        due_on = planned.release_on - timedelta(days=days * (2 if planned.stay == "long_term" else 1))
        done_on = working_days_after(max(due_on + timedelta(days=lag), imposed_on + timedelta(days=7)), 0)
        if done_on < planned.release_on:
            done = PreReleaseTaskCompleted(
                task_id=f"{planned.sentence_id}-{task}",
                sentence_id=planned.sentence_id,
                task=task,
                completed_on=done_on,
            )
            recorder.record(done, done_on)
