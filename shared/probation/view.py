"""What the rules of every service can ask about a case: supervision, custody, deadlines, policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from schemas.published import OfSentence
from shared.engine.assessment import Closing, Finding, View, once
from shared.policy import Values
from shared.probation.case import SupervisedCase
from shared.probation.custody import NEVER_HELD, Custody, CustodyPeriod
from shared.probation.delivery import DeliveryGap, Work, gaps_in_delivery
from shared.probation.facts import Sentence
from shared.probation.place import Place, day_of_place, place_on
from shared.probation.supervision import Stage, SupervisionPeriod

C = TypeVar("C", bound=SupervisedCase)
P = TypeVar("P")


class SupervisedView(View[C, P]):
    """What several services ask about a case. Each service's view extends this one."""

    @property
    @once
    def supervision(self) -> Mapping[str, SupervisionPeriod]:
        """Supervision on each known sentence, by id and in that order."""
        case = self.case
        return {id: case.supervision(case.sentences[id], self.policy) for id in sorted(case.sentences)}

    @property
    @once
    def custody(self) -> Custody:
        """When the person was in custody."""
        return self.case.custody()

    def stages(self) -> Iterator[tuple[SupervisionPeriod, Stage]]:
        """All stages of supervision, sentence by sentence, in order."""
        for period in self.supervision.values():
            for stage in period.stages:
                yield period, stage

    def supervised_on(self, sentence_id: str, day: date) -> bool:
        """Is the person supervised on that sentence that day, the last day included?"""
        period = self.supervision.get(sentence_id)
        return period is not None and period.supervised_on(day)

    def complete(self, finding: Finding, closing: Closing | None) -> None:
        """Add region and delivery unit to a finding about a sentence."""
        event = finding.event
        if not isinstance(event, OfSentence):
            return
        sentence = self.case.sentences.get(getattr(event, "sentence_id", None) or "")
        if sentence is None:
            return
        transfers = self.case.transfers_accepted.values()
        if transfers:
            day = day_of_place(finding, closing, transfers, self.today)
            region, pdu = place_on(sentence, transfers, day)
        else:
            region, pdu = sentence.region, sentence.pdu  # the common case
        # The event was made by a rule just now, and nobody else has it yet.
        object.__setattr__(event, "region", region)
        object.__setattr__(event, "pdu", pdu)

    def values(self, day: date, sentence: Sentence) -> Values:
        """The policy in force on that day in the region of the sentence."""
        return self.policy.on(day, sentence.region)

    def change_needs_approval(self, day: date, sentence: Sentence) -> bool:
        """ALLOC-2: does a change of practitioner requested on that day wait for a manager's approval?"""
        return self.values(day, sentence).flag("change_waits_for_approval")

    def due_on(self, since: date, name: str, sentence: Sentence, work: Work | None = None) -> date | None:
        """ENF-35: the last day within the policy's number of days of `since`, not counting days in custody.

        SH-9: nor, of a deadline for a kind of work, days on which that is not delivered. Uses the policy in
        force on `since`. None while the person is in custody or the work is suspended without an end.
        """
        return self._within(self.custody, since, name, sentence, work)

    def provider_due_on(self, since: date, name: str, sentence: Sentence, work: Work) -> date | None:
        """SH-9: the same for what a provider has to do by itself: custody of the person does not stop it."""
        return self._within(NEVER_HELD, since, name, sentence, work)

    def _within(
        self, custody: Custody, since: date, name: str, sentence: Sentence, work: Work | None
    ) -> date | None:
        values = self.values(since, sentence)
        gaps = self.gaps_in(work, sentence) if work is not None else ()
        if not custody.periods and not gaps:
            return values.within(since, name)  # the common case
        pauses = [(gap.first, gap.until) for gap in gaps]
        return custody.within(since, values.integer(name), values.day_unit(name), pauses)

    def gaps_in(self, work: Work, sentence: Sentence) -> Sequence[DeliveryGap]:
        """SH-9: when a kind of work was not delivered where the sentence was supervised, in order."""
        return self._gaps_in(work, sentence.sentence_id)

    @once
    def _gaps_in(self, work: Work, sentence_id: str) -> list[DeliveryGap]:
        sentence, transfers = self.case.sentences[sentence_id], self.case.transfers_accepted.values()
        return gaps_in_delivery(sentence, work, self.notice, transfers)

    def not_delivered(self, work: Work, sentence: Sentence, first: date, last: date) -> list[DeliveryGap]:
        """SH-9: the times without delivery of a kind of work that touch the days from `first` to `last`."""
        return [gap for gap in self.gaps_in(work, sentence) if gap.touches(first, last)]

    def place_of_case(self, sentence: Sentence, day: date) -> Place:
        """The region and the delivery unit that have the case on a day, as transferred."""
        transfers = self.case.transfers_accepted.values()
        for transfer in transfers:
            self.today.reached(transfer.accepted_on)
        return place_on(sentence, transfers, day)

    def place_today(self, sentence: Sentence) -> Place:
        """The region and the delivery unit that have the case today."""
        return self.place_of_case(sentence, self.today.waited_for)  # which waits for each transfer

    def held_today(self) -> CustodyPeriod | None:
        """The current period in custody; None if the person is not in custody today."""
        return self.custody.now(self.today)

    @property
    @once
    def sentences_in_order(self) -> list[Sentence]:
        """The known sentences in the order in which they were imposed."""
        return sorted(self.case.sentences.values(), key=lambda s: (s.imposed_on, s.sentence_id))
