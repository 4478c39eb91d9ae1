"""The adapters, one a format, by the names of their feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from feeds.message import Message
from feeds.statement import Statement


class Adapter(Protocol):
    """Translates the messages of one feed. Pure."""

    @property
    def name(self) -> str:
        """The feed's name: of its topic and of its source."""
        ...

    def detail(self, message: Message) -> str | None:
        """The address of what must be fetched before the message can be read; None if nothing must be."""
        ...

    def read(self, message: Message) -> list[Statement]:
        """What the message states. Raises `Untranslatable` if it cannot be read at all."""
        ...


class Join(NamedTuple):
    """How a statement follows from parts that several messages tell.

    `statement` is a pure function of the person, the parts that hold, and the time at which one changed;
    `feed` is the feed in whose name it is made.
    """

    feed: str
    statement: Callable[[str, Sequence[Mapping[str, Any]], datetime], Statement]
