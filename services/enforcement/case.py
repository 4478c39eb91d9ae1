"""What the enforcement service knows about a person: sentences, failures, what was done, what the court said.

The records hold only the fields that rules need, named as in the events. Everything is linked to a
sentence by its id: facts of a sentence that is not known (yet) lead to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar

from schemas.court import SentenceImposed
from schemas.practice import EnforcementActionTaken
from schemas.words import CourtLevel, EnforcementAction, HearingOutcome, SentenceKind
from shared.calendar import london_date
from shared.engine.assessment import Day
from shared.engine.case import Case, Record, Register, Resolution

ONE_DAY = timedelta(days=1)


class Sentence(Record, frozen=True, kw_only=True):
    """A sentence; `ends_on` is the last day of an order and None for a custodial sentence."""

    sentence_id: str
    kind: SentenceKind
    imposed_on: date
    ends_on: date | None
    region: str
    court_level: CourtLevel


class Variation(Record, frozen=True, kw_only=True):
    """The court changed an order's last day."""

    sentence_id: str
    varied_on: date
    ends_on: date


class Revocation(Record, frozen=True, kw_only=True):
    """The court ended a sentence, or quashed it."""

    sentence_id: str
    revoked_on: date


class Hearing(Record, frozen=True, kw_only=True):
    """What a breach hearing came to."""

    hearing_id: str
    sentence_id: str
    heard_on: date
    outcome: HearingOutcome


class Release(Record, frozen=True, kw_only=True):
    """The beginning of a licence."""

    sentence_id: str
    released_on: date
    licence_ends_on: date
    pss_ends_on: date | None


class Action(Record, frozen=True, kw_only=True):
    """A step of enforcement that was taken; `taken_on` is the date in London."""

    action_id: str
    sentence_id: str
    contact_id: str | None
    action: EnforcementAction
    taken_at: datetime
    taken_on: date


class Death(Record, frozen=True, kw_only=True):
    """The person died."""

    died_on: date


class Absence(Record, frozen=True, kw_only=True):
    """A contact that did not take place as it should: failed, excused or still undecided.

    `decided_on` is the day on which a failed or excused one was decided, if its reason was awaited first.
    """

    contact_id: str
    sentence_id: str
    missed_on: date
    decided_on: date | None = None


class SupervisionEnd(Record, frozen=True, kw_only=True):
    """Supervision of a sentence is over, as allocation found."""

    sentence_id: str
    ended_on: date
    reason: Literal["expired", "revoked", "quashed", "died", "completed"]


def read_sentence(data: SentenceImposed) -> Sentence:
    """The record of a sentence."""
    return Sentence(
        sentence_id=data.sentence_id,
        kind=data.kind,
        imposed_on=data.imposed_on,
        ends_on=data.ends_on,
        region=data.region,
        court_level=data.court.level,
    )


def read_action(data: EnforcementActionTaken) -> Action:
    """The record of a step of enforcement."""
    return Action(
        action_id=data.action_id,
        sentence_id=data.sentence_id,
        contact_id=data.contact_id,
        action=data.action,
        taken_at=data.taken_at,
        taken_on=london_date(data.taken_at),
    )


@dataclass(frozen=True, slots=True)
class Supervision:
    """From when to when a person is supervised on a sentence; both days belong to it.

    `over_on` is the first day on which nothing waits for anyone any more: the day after the last for
    a sentence that runs out, the day itself for one that is cut short (revoked, quashed, completed, death).
    """

    sentence: Sentence
    first: date
    last: date
    over_on: date

    def covers(self, day: date) -> bool:
        """Was the person supervised on that day?"""
        return self.first <= day <= self.last

    def missed(self, due_on: date, today: Day) -> bool:
        """Did that deadline pass before supervision was over?

        One on the last day of a sentence that ran out did; one on the day on which it was cut short did not.
        """
        return due_on < self.over_on and today.after(due_on)


class EnforcementCase(Case, kw_only=True):
    """All facts of enforcement about one person, joined."""

    sentences: dict[str, Sentence] = {}
    variations: dict[str, Variation] = {}
    revocations: dict[str, Revocation] = {}
    hearings: dict[str, Hearing] = {}
    releases: dict[str, Release] = {}
    actions: dict[str, Action] = {}
    deaths: dict[str, Death] = {}
    failures: dict[str, Absence] = {}
    excused: dict[str, Absence] = {}
    undecided: dict[str, Absence] = {}
    resolutions: dict[str, Resolution] = {}
    ends: dict[str, SupervisionEnd] = {}

    def supervision(self, sentence: Sentence) -> Supervision | None:
        """When the person is supervised on a sentence; None if never."""
        planned = self._order(sentence) if sentence.ends_on else self._licence(sentence)
        if planned is None:
            return None
        first, runs_out_on = planned
        cut_on = min(self._cut_short(sentence.sentence_id), default=date.max)
        last, over_on = min((runs_out_on, runs_out_on + ONE_DAY), (cut_on, cut_on))
        return Supervision(sentence, first, last, over_on) if first <= last else None

    def _order(self, sentence: Sentence) -> tuple[date, date]:
        """An order runs from `imposed_on` to `ends_on`, as varied while it ran."""
        assert sentence.ends_on is not None
        last = sentence.ends_on
        for variation in sorted(self._of(sentence, self.variations.values()), key=lambda v: v.varied_on):
            if variation.varied_on <= last:
                last = max(variation.ends_on, variation.varied_on)
        return sentence.imposed_on, last

    def _licence(self, sentence: Sentence) -> tuple[date, date] | None:
        """A licence and post-sentence supervision run from the first release to the end set at the latest."""
        releases = sorted(self._of(sentence, self.releases.values()), key=lambda r: r.released_on)
        if not releases:
            return None
        latest = releases[-1]
        return releases[0].released_on, latest.pss_ends_on or latest.licence_ends_on

    def _cut_short(self, sentence_id: str) -> Iterable[date]:
        """The days on which something ended supervision before it ran out."""
        yield from (death.died_on for death in self.deaths.values())
        yield from (r.revoked_on for r in self.revocations.values() if r.sentence_id == sentence_id)
        for end in self.ends.values():
            if end.sentence_id == sentence_id and end.reason != "expired":
                yield end.ended_on

    @staticmethod
    def _of(sentence: Sentence, records: Iterable[_Linked]) -> list[_Linked]:
        return [record for record in records if record.sentence_id == sentence.sentence_id]


_Linked = TypeVar("_Linked", Variation, Release)

REGISTERS = {
    "SentenceImposed": Register("sentences", read_sentence),
    "SentenceVaried": Register("variations", Variation),
    "SentenceRevoked": Register("revocations", Revocation),
    "BreachHearingResulted": Register("hearings", Hearing),
    "PersonReleased": Register("releases", Release),
    "EnforcementActionTaken": Register("actions", read_action),
    "PersonDied": Register("deaths", Death),
    "ContactMissed": Register("failures", Absence),
    "ContactExcused": Register("excused", Absence),
    "AbsenceUndecided": Register("undecided", Absence, resolutions="resolutions"),
    "SupervisionEnded": Register("ends", SupervisionEnd),
}
