"""Stages of supervision as suspensions look at them: while they are live, and in their last third."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from services.contacts.view import ContactsView
from shared.probation.facts import Release, Sentence, Variation
from shared.probation.supervision import ONE_DAY, Stage


class LastThird(msgspec.Struct, frozen=True):
    """The last third of supervision on an order or a licence, as its end stood from `known_on` on."""

    known_on: date
    first: date
    last: date

    @property
    def middle(self) -> date:
        """Its middle day; of two the earlier one."""
        return self.first + (self.last - self.first) // 2


class LiveStage(msgspec.Struct, frozen=True):
    """A stage of supervision, live from `first` up to, but not on, `until`.

    The day on which it is cut short does not belong to it: from that day nothing waits for anybody.
    `last_thirds` are those of an order or licence; there are none in post-sentence supervision.
    """

    stage: Stage
    first: date
    until: date
    last_thirds: tuple[LastThird, ...]

    @property
    def sentence(self) -> Sentence:
        """The sentence supervised."""
        return self.stage.sentence

    @property
    def post_sentence(self) -> bool:
        """Is it post-sentence supervision?"""
        return self.stage.kind == "post_sentence_supervision"

    @property
    def earliest_reset(self) -> date:
        """A day before which Reset surely does not hold; it may lie after the end."""
        if self.post_sentence:
            return self.first
        return min(max(third.known_on, third.first) for third in self.last_thirds)

    def on(self, day: date) -> bool:
        """Is it live that day?"""
        return self.first <= day < self.until

    def last_third_on(self, day: date) -> LastThird | None:
        """The last third in which that day falls; None before it, and in post-sentence supervision."""
        known = [third for third in self.last_thirds if third.known_on <= day]
        return known[-1] if known and known[-1].first <= day else None

    def eligible_since(self, day: date) -> date:
        """The first of the days on end up to that one on which it has been in its last third.

        In post-sentence supervision that is its first day. It must be in one of the two on that day. A
        variation that leaves it in its last third changes nothing.
        """
        since = self.first if self.post_sentence else day
        until = day + ONE_DAY  # from that day on the next last third counts
        for third in reversed(self.last_thirds):
            if third.known_on >= until:  # not known yet
                continue
            if third.first >= until:
                break
            since, until = max(third.known_on, third.first), third.known_on
            if third.first > third.known_on:
                break
        return since


def live_stages(view: ContactsView) -> Iterator[LiveStage]:
    """All stages of supervision, sentence by sentence, in order."""
    for period, stage in view.stages():
        until = period.until(stage)
        if stage.first < until:
            yield LiveStage(stage, stage.first, until, _last_thirds(view, stage))


def days_before_last_third(view: ContactsView, stage: Stage, last: date) -> int:
    """CONT-22: the days of an order or licence until `last` that come before its last third.

    Of N days the policy's fraction of N, rounded up to whole days, so that one or two days have no last
    third.
    """
    fraction = view.values(stage.first, stage.sentence).table("reset_after")
    days = (last - stage.first).days + 1
    return -(-days * int(fraction["numerator"]) // int(fraction["denominator"]))


def _last_thirds(view: ContactsView, stage: Stage) -> tuple[LastThird, ...]:
    """The last third of an order or licence, by the day from which its end was set so.

    A variation that moves the end moves it, from the day of the variation on. That of a licence is counted
    from each release to the end set then, whatever cut the licence short.
    """
    if stage.kind == "post_sentence_supervision":
        return ()
    return tuple(
        LastThird(known_on, stage.first + days_before_last_third(view, stage, last) * ONE_DAY, last)
        for known_on, last in _ends(stage)
    )


def _ends(stage: Stage) -> Iterator[tuple[date, date]]:
    """The last day as it was set, by the day from which it was set so."""
    for record in stage.because:
        if isinstance(record, Release):
            yield stage.first, record.licence_ends_on
        elif isinstance(record, Variation):
            yield record.varied_on, record.last_day
        elif isinstance(record, Sentence) and record.ends_on is not None and stage.kind == "order":
            yield stage.first, record.ends_on
