"""The adapters, one a format, by the names of their feeds."""

from __future__ import annotations

from typing import Protocol

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
