"""The adapter of HMPPS domain events: which notice is told by which function."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from feeds.hmpps import custody, enforcement, people, registrations, risk, sentences
from feeds.hmpps.envelope import Notice, notice
from feeds.message import Message
from feeds.statement import Statement

_TELLING: dict[str, Callable[[Notice], Iterator[Statement]]] = {
    "person": people.person,
    "access": people.access,
    "merged": people.merged,
    "unmerged": people.unmerged,
    "moved": people.moved,
    "erased": people.erased,
    "prison_merged": people.prison_merged,
    "sentence": sentences.sentence,
    "sentence_deleted": sentences.sentence_deleted,
    "requirement": sentences.requirement,
    "requirement_deleted": sentences.requirement_deleted,
    "registered": registrations.registered,
    "deregistered": registrations.deregistered,
    "registration_deleted": registrations.registration_deleted,
    "breach": enforcement.breach,
    "recall": enforcement.recall,
    "recall_oversight": enforcement.recall_oversight,
    "checked_in": enforcement.checked_in,
    "check_in_missed": enforcement.check_in_missed,
    "received": custody.received,
    "released": custody.released,
    "dates": custody.dates,
    "temporary_absence": custody.temporary_absence,
    "assessment": risk.assessment,
    "scores": risk.scores,
}


class Hmpps:
    """The adapter of HMPPS domain events."""

    name = "hmpps"

    def detail(self, message: Message) -> str | None:
        """The notice's detail, if its type needs one."""
        return notice(message, self.name).needed_detail

    def read(self, message: Message) -> list[Statement]:
        """What a notice states."""
        told = notice(message, self.name)
        tell = _TELLING.get(told.row.word)
        return [] if tell is None else list(tell(told))
