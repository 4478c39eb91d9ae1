"""Services in memory: the engine's own code from message to publication, without broker and database.

`Ledger` is what rule tests use to speak of a person over time::

    ledger = Ledger(contacts.SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(SentenceImposed(...))
    assert ledger.standing("ContactStandardMissed") == []
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from schemas import language
from schemas.envelope import CloudEvent, Data
from shared.calendar import LONDON
from shared.engine.batch import Batch, day_cause
from shared.engine.casefile import CaseFile
from shared.engine.intake import fact_of
from shared.engine.joining import Fact as Joined
from shared.engine.service import Service
from shared.policy import Policy
from tests.casebook import event_of
from tests.facts import PERSON as PERSON
from tests.facts import Fact


class Desk:
    """One service with its cases in memory."""

    def __init__(self, service: Service, policy: Policy | None = None) -> None:
        self.service = service
        self.policy = policy or service.load_policy()
        self.files: dict[str, CaseFile] = {}
        self.seen: set[tuple[str, str]] = set()
        self.day: date | None = None

    def _batch(self, files: dict[str, CaseFile], shared: dict[str, CaseFile] | None = None) -> Batch:
        return Batch(self.service, self.policy, self.day, files=files, shared=shared or {})

    def _file(self, subject: str, type: str) -> CaseFile:
        if subject not in self.files:
            model = self.service.model_of(type)
            assert model is not None
            self.files[subject] = CaseFile(model, subject)
        return self.files[subject]

    def take(self, facts: list[Joined]) -> list[bytes]:
        """Join and assess facts; returns what is published."""
        fresh = [f for f in facts if (f.source, f.id) not in self.seen]
        self.seen.update((f.source, f.id) for f in fresh)
        for fact in fresh:
            self._file(fact.subject, fact.data.withdrawn_type if fact.type == "Withdrawn" else fact.type)
        people = {f.subject: self.files[f.subject] for f in fresh if self._personal(f.subject)}
        batch = self._batch(people, {s: f for s, f in self.files.items() if not self._personal(s)})
        for fact in fresh:
            if self._personal(fact.subject):
                batch.join(fact)
        for fact in fresh:
            if not self._personal(fact.subject):
                batch.join(fact)
        return self._finish(batch)

    def wake(self, day: date) -> list[bytes]:
        """Let a day begin and assess every case that waited for it."""
        self.day = day
        due = [s for s, f in self.files.items() if f.assessed_on is None or (f.wake_on and f.wake_on <= day)]
        batch = self._batch(
            {s: self.files[s] for s in due if self._personal(s)},
            {s: f for s, f in self.files.items() if not self._personal(s)},
        )
        for subject in due:
            batch.assess(subject, day_cause(day))
        return self._finish(batch)

    def _finish(self, batch: Batch) -> list[bytes]:
        out: list[bytes] = []
        while True:
            batch.settle()
            batch.decide()
            if batch.failures:
                raise next(iter(batch.failures.values()))
            out += [p.value for p in batch.publications]
            self.seen.update((f.source, f.id) for f in batch.decisions)
            waiting = {
                s: f
                for s, f in self.files.items()
                if s not in batch.files and batch.changed_pools.intersection(batch.waiting(f) or ())
            }
            if not waiting or self.day is None:
                return out
            batch = self._batch(waiting, batch.shared)
            for subject in waiting:
                batch.assess(subject, day_cause(self.day), whole=True)

    def _personal(self, subject: str) -> bool:
        return self.files[subject].model is self.service.person


@dataclass
class Ledger:
    """Some services, what they were told and what they published."""

    services: tuple[Service, ...]
    published: list[CloudEvent[Any]] = field(default_factory=list)

    def __init__(self, *services: Service, policy: Policy | None = None) -> None:
        self.services = services
        self.published = []
        self._desks = [Desk(service, policy) for service in services]
        self._told = 0
        self._today: date | None = None

    def day(self, day: date | str) -> None:
        """Let the days up to this one begin, one after the other."""
        last = date.fromisoformat(day) if isinstance(day, str) else day
        today = self._today + timedelta(days=1) if self._today else last
        while today <= last:
            self._today = today
            self._spread([value for desk in self._desks for value in desk.wake(today)])
            today += timedelta(days=1)

    def tell(
        self,
        *facts: Data | Fact,
        subject: str = PERSON,
        id: str | None = None,
        recorded: datetime | None = None,
    ) -> str:
        """Publish facts now, as the feed of their topic would; returns the last one's event id.

        A fact that says when it was recorded, or its event id, keeps that.
        """
        for one in facts:
            self._told += 1
            name, at = id or f"event-{self._told:04d}", recorded or self._now()
            if isinstance(one, Fact):
                name, at = one.id if one.id_given else name, one.recorded if one.recorded_given else at
                self.publish(Fact(one.data, one.subject, name, at))
            else:
                self.publish(Fact(one, subject, name, at))
        return name

    def publish(self, fact: Fact) -> None:
        """Publish a fact exactly as it is."""
        self._spread([language.render(event_of(fact))])

    def _now(self) -> datetime:
        day = self._today or date(2020, 1, 1)
        return datetime.combine(day, time(9), LONDON).astimezone(UTC) + timedelta(seconds=self._told)

    def _spread(self, values: list[bytes]) -> None:
        while values:
            events = [language.read(value, ()) for value in values]
            values = []
            for event, _ in events:
                if event.source.startswith("/services/"):
                    self.published.append(event)
            for desk in self._desks:
                facts = [
                    fact_of(event, language.register_key(event), body)
                    for event, body in events
                    if self._concerns(desk.service, event)
                ]
                values += desk.take(facts)

    @staticmethod
    def _concerns(service: Service, event: CloudEvent[Any]) -> bool:
        kind = event.data.withdrawn_type if event.type == "Withdrawn" else event.type
        if service.model_of(kind) is None or event.source == service.source:
            return False
        return not set(language.topics_of(kind)).isdisjoint(service.reads)

    def standing_events(self, type: str | None = None) -> list[CloudEvent[Any]]:
        """The published events that have not been withdrawn, in the order published."""
        withdrawn = {e.data.withdraws for e in self.published if e.type == "Withdrawn"}
        return [
            e
            for e in self.published
            if e.type != "Withdrawn" and e.id not in withdrawn and type in (None, e.type)
        ]

    def standing(self, type: str) -> list[Any]:
        """The data of the standing events of a type, in the order published."""
        return [event.data for event in self.standing_events(type)]

    def withdrawals(self, type: str) -> list[tuple[str, str]]:
        """(key, reason) of each withdrawal of an event of that type, in the order published."""
        return [
            (e.data.key, e.data.reason)
            for e in self.published
            if e.type == "Withdrawn" and e.data.withdrawn_type == type
        ]
