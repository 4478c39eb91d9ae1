"""Which published findings stand, and which were withdrawn and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from schemas.envelope import CloudEvent, Withdrawn

CLOSED = ("resolved", "ended")
"""The reasons for which an open item is over although it was right."""
MERGED = "PersonMerged"
"""The fact that says that a person's record went into another's."""
FACTS = {
    "SentenceImposed": ("sentence_id",),
    "SentenceVaried": ("sentence_id", "varied_on"),
    "PreSentenceReportRequested": ("report_id",),
    "PreSentenceReportDelivered": ("report_id",),
}
"""The facts of courts that answers use: each type with the fields that, with the subject, are its key."""


@dataclass(frozen=True, slots=True)
class Held:
    """A finding that is right: it stands, or it is an open item that was closed on a day, for a reason."""

    event: CloudEvent[Any]
    closed: str | None = None
    closed_on: date | None = None


class Standing:
    """Everything published so far: what stands, and what was withdrawn.

    Events may come twice and in any order. Facts from the feeds may be among them: they tell under which
    other numbers a person was recorded, and what courts know (`FACTS`). What is given is in the order of
    time.
    """

    def __init__(self, events: Iterable[CloudEvent[Any]] = ()) -> None:
        self.published: list[CloudEvent[Any]] = []
        self._standing: dict[str, CloudEvent[Any]] = {}
        self._types: defaultdict[str, set[str]] = defaultdict(set)
        self._withdrawals: dict[str, Withdrawn] = {}
        self._gone: dict[str, CloudEvent[Any]] = {}
        self._facts: dict[tuple[Any, ...], CloudEvent[Any]] = {}
        self._merges: defaultdict[str, list[CloudEvent[Any]]] = defaultdict(list)
        self._into: dict[str, str] = {}
        self._seen: set[tuple[str, str]] = set()
        for event in events:
            self.take(event)

    def take(self, event: CloudEvent[Any]) -> None:
        """Add one event. A duplicate changes nothing."""
        if (event.source, event.id) in self._seen:
            return
        self._seen.add((event.source, event.id))
        if event.type == MERGED:
            self._take_merge(event)
        elif event.type in FACTS:
            self._take_fact(event)
        if not event.source.startswith("/services/"):
            return
        self.published.append(event)
        if isinstance(event.data, Withdrawn):
            self._withdrawals[event.data.withdraws] = event.data
            if (before := self._standing.pop(event.data.withdraws, None)) is not None:
                self._gone[before.id] = before
                self._types[before.type].discard(before.id)
        elif event.id in self._withdrawals:
            self._gone[event.id] = event
        else:
            self._standing[event.id] = event
            self._types[event.type].add(event.id)

    def _take_fact(self, event: CloudEvent[Any]) -> None:
        """Of each fact the version recorded last counts."""
        subject = event.subject or ""
        key = event.type, subject, *(getattr(event.data, field) for field in FACTS[event.type])
        known = self._facts.get(key)
        if known is None or _recorded(known) < _recorded(event):
            self._facts[key] = event

    def _take_merge(self, event: CloudEvent[Any]) -> None:
        subject = event.subject or ""
        self._merges[subject].append(event)
        self._into.pop(subject, None)
        if (into := merged_into(self._merges[subject])) is not None:
            self._into[subject] = into

    def facts(self, *types: str) -> list[CloudEvent[Any]]:
        """The facts of these types as they were recorded last, without those that never happened."""
        found = [fact for (type, *_), fact in self._facts.items() if type in types and not fact.data.voided]
        return sorted(found, key=_moment)

    def person(self, subject: str | None) -> str:
        """The number under which a person is recorded now."""
        seen: set[str] = set()
        number = subject or ""
        while number in self._into and number not in seen:
            seen.add(number)
            number = self._into[number]
        return number

    def about(self, crn: str) -> Standing:
        """What was published about one person, under all numbers."""
        person = self.person(crn)
        found = Standing()
        found._into = self._into
        for event in self.published:
            if self.person(event.subject) == person:
                found.take(event)
        return found

    def events(self, *types: str) -> list[CloudEvent[Any]]:
        """The events of these types that stand; without types all that stand."""
        ids = [id for type in types for id in self._types.get(type, ())] if types else self._standing
        return sorted((self._standing[id] for id in ids), key=_moment)

    @property
    def withdrawn(self) -> list[tuple[CloudEvent[Any], Withdrawn]]:
        """Each event that was withdrawn, with its withdrawal."""
        return [(event, self._withdrawals[event.id]) for event in sorted(self._gone.values(), key=_moment)]

    def held(self, *types: str) -> Iterator[Held]:
        """The findings of these types that are right: those that stand, then the closed ones."""
        for event in self.events(*types):
            yield Held(event)
        for event, by in self.withdrawn:
            if by.reason in CLOSED and (not types or event.type in types):
                yield Held(event, by.reason, by.closed_on)

    def all(self, *types: str) -> list[CloudEvent[Any]]:
        """The events of these types that stand, and those that were resolved or ended."""
        return [held.event for held in self.held(*types)]


def merged_into(events: Iterable[CloudEvent[Any]]) -> str | None:
    """The number under which a person is recorded now, if that is another one: the last merge that stands.

    `events` are facts about one subject; of each merge the version recorded last counts.
    """
    versions: dict[str, CloudEvent[Any]] = {}
    for event in sorted((e for e in events if e.type == MERGED), key=_recorded):
        versions[event.data.into] = event
    standing = [into for into, event in versions.items() if not event.data.voided]
    return standing[-1] if standing else None


def _recorded(event: CloudEvent[Any]) -> tuple[datetime, str, str]:
    return event.recorded, event.id, event.source


def _moment(event: CloudEvent[Any]) -> tuple[datetime, str, str, str]:
    return event.time, event.source, event.sequence or "", event.id
