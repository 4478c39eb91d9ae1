"""What the tests of the feeds share: an intake, a clock, and what was published."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from feeds.client import NOTHING
from feeds.deciding import identified, linked, placed
from feeds.intake import Intake
from feeds.message import Message
from feeds.registry import ADAPTERS, JOINS
from feeds.statement import About, Identifier, Place, Statement
from feeds.store import Memory, Settled, Taken
from schemas.parsing import parse

LONDON = Place("london", "Camden")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CRN = "X123456"


@dataclass
class World:
    """The feeds with everything in memory. What is published is checked by the services' own parser."""

    store: Any = field(default_factory=Memory)
    now: datetime = NOON
    details: dict[str, bytes] = field(default_factory=dict)
    seen: int = 0

    def __post_init__(self) -> None:
        self.intake = Intake(self.store, ADAPTERS, JOINS)

    async def take(self, feed: str, body: Any, **attributes: str) -> Taken | None:
        """Take a message as it would come by Kafka, with the detail that it points at."""
        self.now += timedelta(seconds=1)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        message = Message(raw, attributes, self.now, "a test")
        taken = await self.intake.take(feed, message, self.now)
        if taken is None or taken.needs is None:
            return taken
        detail = self.details.get(taken.needs, NOTHING)
        complete = Message(raw, attributes, self.now, "a test", detail, self.now)
        return await self.intake.add_detail(taken.number, complete, self.now)

    def detail(self, url: str, body: Any) -> None:
        """What the source answers at an address from now on."""
        self.details[url] = json.dumps(body).encode()

    async def known(
        self,
        crn: str = CRN,
        *identifiers: tuple[str, str],
        place: Place | None = LONDON,
    ) -> None:
        """Case management has said whose the identifiers are and who supervises the person."""
        self.now += timedelta(seconds=1)
        known_as = tuple(Identifier(*one) for one in identifiers)
        about = About((Identifier("crn", crn),), known_as=known_as, place=place)
        await self.intake.state("hmpps", Statement(f"person/{crn}", self.now, (about,)), self.now)

    async def identify(self, identifier: str, crn: str) -> None:
        """A person decides whose an identifier is."""
        self.now += timedelta(seconds=1)
        await self.intake.state("decisions", identified(identifier, crn, "asked", self.now), self.now)

    async def link(self, key: str, id: str) -> None:
        """A person decides which sentence a name belongs to."""
        self.now += timedelta(seconds=1)
        await self.intake.state("decisions", linked(key, id, "asked", self.now), self.now)

    async def place(self, crn: str, region: str, pdu: str) -> None:
        """A person decides who supervises a person."""
        self.now += timedelta(seconds=1)
        await self.intake.state("decisions", placed(crn, region, pdu, "asked", self.now), self.now)

    def published(self, type: str | None = None) -> list[dict[str, Any]]:
        """The events published since the last time, each as the services read it."""
        new = self.store.events[self.seen :]
        self.seen = len(self.store.events)
        for event in new:
            parse(event.body)
        read = [json.loads(event.body) for event in new]
        return [event for event in read if type in (None, event["type"])]

    def standing(self, type: str) -> list[dict[str, Any]]:
        """The data of the facts that stand, by the last version of each."""
        last: dict[tuple[str, ...], dict[str, Any]] = {}
        for event in self.store.events:
            read = parse(event.body)
            if read.type == type:
                key = (read.subject or "", *_key(read))
                last[key] = json.loads(event.body) | {"subject": read.subject}
        return [
            event["data"] | {"subject": event["subject"]} for event in last.values() if not _voided(event)
        ]

    def settled(self, taken: Taken | None) -> Settled:
        """What became of a message in the end."""
        assert taken is not None
        found: Settled | None = self.store.messages[taken.number].settled
        assert found is not None
        return found


def _key(event: Any) -> Sequence[str]:
    from schemas.catalogue import CATALOGUE

    return [str(getattr(event.data, name)) for name in CATALOGUE[event.type].key]


def _voided(event: Mapping[str, Any]) -> bool:
    return bool(event["data"].get("voided"))


def letters(taken: Taken | None) -> str:
    """The dead letters of a message, as people read them."""
    assert taken is not None
    return "; ".join(map(str, taken.letters))


def waits(taken: Taken | None) -> list[str]:
    """What a message waits for."""
    assert taken is not None
    return [wait.key for wait in taken.waits]
