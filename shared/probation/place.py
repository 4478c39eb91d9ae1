"""Where a sentence is supervised: the region and delivery unit that the court named, or the last transfer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from schemas.published import OfSentence
from schemas.words import Region
from shared.calendar import london_date
from shared.engine.assessment import Closing, Day, Finding
from shared.probation.facts import Sentence, TransferAcceptance

Place = tuple[Region, str]
"""A region and a probation delivery unit in it."""


def place_on(sentence: Sentence, transfers: Iterable[TransferAcceptance], day: date) -> Place:
    """Where a sentence is supervised on a day: where the last transfer since it was imposed led to.

    A transfer from before then does not matter: the court named the place knowing of it.
    """
    made = [t for t in transfers if sentence.imposed_on <= t.accepted_on <= day]
    if not made:
        return sentence.region, sentence.pdu
    last = max(made, key=lambda t: (t.accepted_on, *t.stamp))
    return last.to_region, last.to_pdu


def day_of_place(
    finding: Finding, closing: Closing | None, transfers: Iterable[TransferAcceptance], today: Day
) -> date:
    """The day whose place a finding about a sentence names.

    Of a record its own date, so that a transfer does not rewrite the past; of an open item today, or the day
    on which it was closed.
    """
    event: OfSentence = finding.event
    if event.dated is not None:
        own = getattr(event, event.dated)
        return london_date(own) if isinstance(own, datetime) else own
    if closing is not None:
        return closing[1]
    for transfer in transfers:
        today.reached(transfer.accepted_on)  # one to come is waited for
    return today.waited_for
