"""The envelope of a domain event: its type, its people and its times, in the many ways they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from feeds import identity
from feeds.codes import Row, table
from feeds.message import Message, Node
from feeds.statement import About, Fact, Identifier, Link, Reference, Statement
from shared.calendar import london_date

_CRN_IN_PATH = re.compile(r"/([A-Z]\d{6})(?=[/?]|$)")


@dataclass(frozen=True)
class Notice:
    """One domain event."""

    message: Message
    root: Node
    row: Row
    type: str

    @property
    def info(self) -> Node:
        """What the type itself says."""
        return self.root["additionalInformation"]

    @property
    def occurred(self) -> datetime:
        """When it happened."""
        return self.root.instant("occurredAt")

    @property
    def day(self) -> date:
        """The day on which it happened, in London."""
        return london_date(self.occurred)

    @property
    def recorded(self) -> datetime:
        """When the source said it: of fetched detail the time of fetching, since it tells the state then."""
        return self.message.fetched or self.occurred

    @property
    def needed_detail(self) -> str | None:
        """Where the detail is, if this type of notice needs one."""
        return self.detail_url if self.row.more.get("fetch") else None

    @property
    def detail_url(self) -> str | None:
        """Where the detail is."""
        return self.root.optional("detailUrl")

    def people(self) -> tuple[Identifier, ...]:
        """The person, by every identifier that the notice gives."""
        found = list(self._identifiers())
        if not any(one.kind == "crn" for one in found):
            match = _CRN_IN_PATH.search(self.detail_url or "")
            found += [Identifier("crn", match[1])] if match else []
        return tuple(dict.fromkeys(found))

    def _identifiers(self) -> Iterator[Identifier]:
        for one in self.root["personReference"].each("identifiers"):
            kind, value = (one.optional("type") or "").upper(), one.optional("value")
            yield from identity.some(
                identity.crn(value) if kind == "CRN" else None,
                identity.noms(value) if kind in ("NOMS", "NOMIS") else None,
                identity.pnc(value) if kind == "PNC" else None,
            )
        for name in ("crn", "CRN", "serviceUserCRN"):
            yield from identity.some(identity.crn(self.info.optional(name)))
        for name in ("nomsNumber", "nomsId", "prisonNumber"):
            yield from identity.some(identity.noms(self.info.optional(name)))

    def crn_of(self, name: str) -> Identifier:
        """A case reference number in a field of the notice. Raises `Untranslatable`."""
        found = identity.crn(self.info.text(name))
        if found is None:
            raise self.info[name].wrong("is no case reference number")
        return found

    def text_of_url(self) -> str:
        """What names the thing that the notice is about, if it gives no id: where its detail is."""
        return self.root.text("detailUrl")

    def statement(
        self,
        record: str,
        *facts: Fact,
        complete: bool = True,
        person: tuple[Identifier, ...] | None = None,
        known_as: tuple[Identifier, ...] = (),
        links: tuple[Link, ...] = (),
    ) -> Statement:
        """A statement about the person of this notice."""
        about = About(person or self.people(), facts, known_as=known_as, links=links)
        return Statement(record, self.recorded, (about,), complete=complete)

    def event_number(self, holder: Node | None = None) -> Reference:
        """The sentence, by its event number."""
        return event_reference((holder or self.info).id("eventNumber"))


def event_reference(number: str) -> Reference:
    """A sentence by its event number in case management."""
    return Reference("event", number)


def notice(message: Message, feed: str) -> Notice:
    """The notice in a message, by the table of events of a feed. Raises `Untranslatable`.

    The type within may differ from the attribute of the message, and is the more exact one.
    """
    root = message.root()
    events = table(feed, "events")
    inner, outer = root.optional("eventType"), message.attribute("eventType")
    for type in (inner, outer):
        row = events.row(type) if type is not None else None
        if row is not None:
            return Notice(message, root, row, str(type))
    if inner is None and outer is None:
        raise root["eventType"].wrong("is missing")
    raise events.unknown(root["eventType"], str(inner or outer))


class NoticeAdapter:
    """The adapter of a feed whose messages have this envelope: a function tells each word of its table."""

    def __init__(self, name: str, telling: Mapping[str, Callable[[Notice], Iterator[Statement]]]) -> None:
        self.name = name
        self._telling = telling

    def detail(self, message: Message) -> str | None:
        """The notice's detail, if its type needs one."""
        return notice(message, self.name).needed_detail

    def read(self, message: Message) -> list[Statement]:
        """What a notice states."""
        told = notice(message, self.name)
        tell = self._telling.get(told.row.word)
        return [] if tell is None else list(tell(told))
