"""All uses of undocumented parts of FastStream, with the reason for each.

- **A subscriber's aiokafka consumer** (`consumer_of`): only it can pause, seek and return positions.
- **The batch parser gets one record without headers** (`without_headers`): it could lose the whole batch.

`pyproject.toml` keeps FastStream below the next minor version, and `tests/runtime/test_library_internals.py`
shows what an upgrade breaks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

from faststream.message import StreamMessage

from shared.aiokafka_internals import Record


def consumer_of(subscriber: Any) -> Any:
    """The subscriber's `AIOKafkaConsumer`, or None if it is not started."""
    return subscriber.consumer


async def without_headers(
    batch: tuple[Record, ...], original: Callable[[tuple[Record, ...]], Awaitable[StreamMessage[Any]]]
) -> StreamMessage[Any]:
    """A FastStream parser that hides the headers from FastStream.

    FastStream decodes all headers. If a value is null or not UTF-8, it raises, and the whole batch is lost
    silently. It does not need the headers, and the handler gets the original records. It needs only the first
    record to build its message, which then gets all the records.
    """
    message = await original((dataclasses.replace(batch[0], headers=()),))
    message.raw_message = batch
    return message


async def undecoded(message: StreamMessage[Any]) -> Any:
    """A FastStream decoder that decodes nothing.

    Decoding by content type would raise on bad JSON, each time, before the handler is called.
    """
    return message.raw_message
