"""The adapter of HMPPS domain events: which notice is told by which function."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from feeds.hmpps import custody, enforcement, people, registrations, risk, sentences
from feeds.hmpps.envelope import Notice, NoticeAdapter
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

HMPPS = NoticeAdapter("hmpps", _TELLING)
