"""Who is responsible for a person's sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.answers.standing import Standing

Key = tuple[str, str]
"""A person, by the number under which they are recorded now, and a sentence."""


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


def responsible(found: Standing) -> dict[Key, Responsible]:
    """The practitioner of each sentence: that of the latest `CaseAllocated` that stands.

    On one day the one published last is the latest.
    """
    ended = {(found.person(e.subject), e.data.sentence_id): e.data for e in found.events("SupervisionEnded")}
    allocated = found.events("CaseAllocated")
    allocated.sort(key=lambda e: (e.data.allocated_on, e.sequence or ""))
    latest: dict[Key, Responsible] = {}
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
    return latest


def without_practitioner(found: Standing) -> list[Key]:
    """The sentences that wait to be allocated and have nobody yet."""
    known = responsible(found)
    waiting = [(found.person(e.subject), e.data.sentence_id) for e in found.events("AllocationDue")]
    return [key for key in dict.fromkeys(waiting) if key not in known]
