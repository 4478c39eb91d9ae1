"""Stages of supervision as contact plans look at them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from services.contacts.view import ContactsView
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.facts import Sentence, Variation
from shared.probation.supervision import Stage


class PlannedStage(msgspec.Struct, frozen=True):
    """A stage of supervision as plans look at it: it runs up to, but not on, `until`.

    `since` is the first day of supervision without a new release (post-sentence supervision continues a
    licence), `at_start` the policy of that day, `first_weeks_until` the day after the first weeks.
    """

    stage: Stage
    until: date
    since: date
    first_weeks_until: date
    at_start: Values

    @property
    def sentence(self) -> Sentence:
        """The sentence supervised."""
        return self.stage.sentence

    def on(self, day: date) -> bool:
        """Does it run that day?"""
        return self.stage.first <= day < self.until

    def said_by(self, day: date) -> tuple[Record, ...]:
        """What was said of it up to a day: the sentence, its release, and how it was varied by then."""
        records = self.stage.because
        return tuple(r for r in records if not isinstance(r, Variation) or r.varied_on <= day)


def planned_stages(view: ContactsView) -> Iterator[PlannedStage]:
    """The stages of supervision, sentence by sentence, as far as they run."""
    for period, stage in view.stages():
        since = min(other.first for other in period.stages if other.because == stage.because)
        at_start = view.values(since, stage.sentence)
        first_weeks_until = since + timedelta(days=at_start.integer("first_weeks_days"))
        yield PlannedStage(stage, period.until(stage), since, first_weeks_until, at_start)
