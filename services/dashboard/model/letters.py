"""Messages that services refused: why and where from, but not what they say, which may be about anybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.dashboard.model.adding import Message

DEAD_LETTERS = ".dead-letter"
"""How the short name of a service's topic of refused messages ends."""

_INSERT = """
insert into dead_letters (service, origin, reason, explanation, at) values ($1, $2, $3, $4, $5)
on conflict do nothing
"""


def parted(messages: Iterable[Message]) -> tuple[list[Message], list[Message]]:
    """The refused messages, and the others."""
    refused: list[Message] = []
    others: list[Message] = []
    for message in messages:
        (refused if message.topic.endswith(DEAD_LETTERS) else others).append(message)
    return refused, others


async def insert(connection: Any, refused: Iterable[Message]) -> None:
    """Keep refused messages, each once."""
    await connection.executemany(_INSERT, [_row(message) for message in refused])


def _row(message: Message) -> tuple[Any, ...]:
    said = {name: value.decode(errors="replace") for name, value in message.headers}
    return (
        message.topic.removesuffix(DEAD_LETTERS),
        said.get("dead-letter-from", f"{message.topic}/{message.partition}/{message.offset}"),
        said.get("dead-letter-reason", "unknown"),
        said.get("dead-letter-explanation", ""),
        message.at,
    )
