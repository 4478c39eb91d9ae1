"""Services in memory: the engine's own code from message to publication, without a broker or a database.

Rule tests use `Ledger` to follow a person's case over time::

    ledger = Ledger(contacts.SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(f.order("2026-06-01"))
    assert ledger.standing("ContactStandardMissed") == []
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from schemas import language
from schemas.envelope import CloudEvent, Data
from shared.calendar import LONDON
from shared.engine.casebook import Casebook
from shared.engine.intake import fact_of
from shared.engine.service import Service
from shared.policy import Policy
from tests.casebook import event_of
from tests.facts import PERSON as PERSON
from tests.facts import Fact


@dataclass
class Published:
    """What services published."""

    published: list[CloudEvent[Any]] = field(default_factory=list)

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


class Ledger(Published):
    """Some services, and what they published."""

    def __init__(self, *services: Service, policy: Policy | None = None) -> None:
        super().__init__()
        self.services = services
        self.casebooks = [Casebook(service, language, policy) for service in services]
        self._told = 0
        self._today: date | None = None

    def day(self, day: date | str) -> None:
        """Start the days up to this one, one by one."""
        last = date.fromisoformat(day) if isinstance(day, str) else day
        today = self._today + timedelta(days=1) if self._today else last
        while today <= last:
            self._today = today
            self._spread([event.value for book in self.casebooks for event in book.begin_day(today)])
            self._check()
            today += timedelta(days=1)

    def tell(
        self,
        *facts: Data | Fact,
        subject: str = PERSON,
        id: str | None = None,
        recorded: datetime | None = None,
    ) -> str:
        """Publish facts now, as their feeds would. Returns the event id of the last one.

        A fact with its own time of recording or event id keeps it.
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
        """Publish a fact unchanged."""
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
            for service, book in zip(self.services, self.casebooks, strict=True):
                facts = [
                    fact_of(event, language.register_key(event), body)
                    for event, body in events
                    if self._concerns(service, event)
                ]
                values += [event.value for event in book.take(facts)]
        self._check()

    def _check(self) -> None:
        """Fail if a case could not be assessed."""
        assert [book.faults for book in self.casebooks if book.faults] == []

    @staticmethod
    def _concerns(service: Service, event: CloudEvent[Any]) -> bool:
        kind = event.data.withdrawn_type if event.type == "Withdrawn" else event.type
        if service.model_of(kind) is None or event.source == service.source:
            return False
        return not set(language.topics_of(kind)).isdisjoint(service.reads)
