"""The last phase in prison: contact rises as the release comes near (RES-5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from schemas.words import Mode
from services.contacts.plans.forms import modes_of
from services.contacts.view import ContactsView
from shared.engine.case import Record
from shared.probation.facts import ReleasePlan, Sentence
from shared.probation.supervision import SupervisionPeriod


class ReleaseToCome(msgspec.Struct, frozen=True):
    """The days before a planned release on which there is a plan for them, up to but not on `until`.

    `steps` say from which day on the person is to be seen how often, in days, the first day first.
    """

    sentence: Sentence
    until: date
    steps: tuple[tuple[date, int], ...]
    modes: tuple[Mode, ...]
    because: tuple[Record, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which it begins, changes and ends."""
        return (*(day for day, _ in self.steps), self.until)

    def every_days(self, day: date) -> int | None:
        """How often the person is to be seen, as of a day; None on the other days."""
        begun = [every for first, every in self.steps if first <= day]
        return begun[-1] if begun and day < self.until else None


def releases_to_come(view: ContactsView) -> Iterator[ReleaseToCome]:
    """RES-5: the planned releases, past ones too, each with its last phase in prison.

    It lasts until the person is released, be it earlier or later than planned, or the sentence ends before.
    """
    for sentence_id, plan in sorted(view.case.release_plans.items()):
        period = view.supervision.get(sentence_id)
        if period is not None and period.sentence.custodial:
            found = _release(view, period, plan)
            if found.steps and found.steps[0][0] < found.until:
                yield found


def _release(view: ContactsView, period: SupervisionPeriod, plan: ReleasePlan) -> ReleaseToCome:
    sentence = period.sentence
    values = view.values(plan.release_on, sentence)
    table = {int(days): int(every) for days, every in values.table("pre_release_every_days").items()}
    steps = [(plan.release_on - timedelta(days=days), table[days]) for days in sorted(table, reverse=True)]
    first = steps[0][0] if steps else plan.release_on
    releases = [r for r in view.case.releases.values() if r.sentence_id == sentence.sentence_id]
    ends = [release.released_on for release in releases if release.released_on >= first]
    if period.cut_short is not None:
        ends.append(period.cut_short.on)
    # Of the steps from before the sentence only the last counts, from its first day.
    begun = [(max(day, sentence.imposed_on), every) for day, every in steps]
    return ReleaseToCome(
        sentence=sentence,
        until=min(ends, default=date.max),
        steps=tuple(dict(begun).items()),
        modes=modes_of(values, "pre_release_modes"),
        because=(sentence, plan),
    )
