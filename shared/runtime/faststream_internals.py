"""Every use of parts of FastStream that its documentation does not promise, each with its reason.

- **The aiokafka consumer of a subscriber** (`consumer_of`): only it can pause, seek and tell positions.
- **The parser of a batch is given one record without headers** (`without_headers`): it would lose the rest.
- **A message's status is set by hand** (`leave_offsets`): the offsets that count are in the database.

`pyproject.toml` holds FastStream below the next minor version; `tests/runtime/test_library_internals.py`
tells what an upgrade breaks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

from faststream.message import AckStatus, StreamMessage

from shared.aiokafka_internals import Record


def consumer_of(subscriber: Any) -> Any:
    """The subscriber's `AIOKafkaConsumer`; None while it is not started."""
    return subscriber.consumer


def leave_offsets(message: StreamMessage[Any]) -> None:
    """Let FastStream neither commit this message's offsets nor seek back to them, whatever becomes of it."""
    message.committed = AckStatus.ACKED


async def without_headers(
    batch: tuple[Record, ...], original: Callable[[tuple[Record, ...]], Awaitable[StreamMessage[Any]]]
) -> StreamMessage[Any]:
    """A FastStream parser that shows FastStream no headers.

    It decodes every one of them; a value that is null or not UTF-8 raises there, and the whole batch
    would be lost without a word. It needs none; the handler gets the records as they came. Nor does it
    need more than the first record to make its message of, since all are put in their place after that.
    """
    message = await original((dataclasses.replace(batch[0], headers=()),))
    message.raw_message = batch
    return message


async def undecoded(message: StreamMessage[Any]) -> Any:
    """A FastStream decoder that decodes nothing.

    Decoding by content type would raise on bad JSON before the handler is called, again and again.
    """
    return message.raw_message
