"""Who is responsible for a person's sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.answers.standing import Standing


@dataclass(frozen=True, slots=True)
class Responsible:
    """The practitioner of a sentence since a day, and the last day and reason if supervision ended."""

    sentence_id: str
    practitioner_id: str
    manager_id: str | None
    team: str
    region: str
    pdu: str
    since: date
    provisional: bool
    ended_on: date | None = None
    end_reason: str | None = None

    def acts(self, today: date) -> bool:
        """Is the practitioner responsible on that day? The last day of supervision counts."""
        return self.ended_on is None or today <= self.ended_on


def responsible(found: Standing) -> dict[str, list[Responsible]]:
    """The practitioner of each sentence, by person: that of the latest `CaseAllocated` that stands.

    On one day the one published last is the latest. Of a person's sentences the last to be allocated is last.
    """
    ended = {(found.person(e.subject), e.data.sentence_id): e.data for e in found.events("SupervisionEnded")}
    allocated = sorted(
        found.events("CaseAllocated"), key=lambda event: (event.data.allocated_on, event.sequence or "")
    )
    latest: dict[tuple[str, str], Responsible] = {}
    for event in allocated:
        data = event.data
        key = found.person(event.subject), data.sentence_id
        end = ended.get(key)
        latest.pop(key, None)  # so that the last of all stands last
        latest[key] = Responsible(
            sentence_id=data.sentence_id,
            practitioner_id=data.practitioner_id,
            manager_id=data.manager_id,
            team=data.team,
            region=data.region,
            pdu=data.pdu,
            since=data.allocated_on,
            provisional=bool(data.provisional),
            ended_on=end.ended_on if end else None,
            end_reason=end.reason if end else None,
        )
    by_person: dict[str, list[Responsible]] = {}
    for (person, _), one in latest.items():
        by_person.setdefault(person, []).append(one)
    return by_person


def of_sentence(theirs: Sequence[Responsible], sentence_id: str | None) -> Responsible | None:
    """The one who is responsible for a sentence; without a sentence, for the last that was allocated."""
    if sentence_id is None:
        return theirs[-1] if theirs else None
    return next((one for one in theirs if one.sentence_id == sentence_id), None)


def without_practitioner(found: Standing) -> list[tuple[str, str]]:
    """The sentences (person and id) that wait to be allocated and have nobody yet."""
    known = responsible(found)
    waiting = [(found.person(e.subject), e.data.sentence_id) for e in found.events("AllocationDue")]
    return [
        (person, sentence_id)
        for person, sentence_id in dict.fromkeys(waiting)
        if of_sentence(known.get(person, ()), sentence_id) is None
    ]
