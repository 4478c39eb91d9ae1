"""Records that the client libraries cannot read must neither be lost nor stop their partition.

Both traps are real, in FastStream 0.7.8 and aiokafka 0.14; `tests/runtime/test_consumer.py` has both.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from aiokafka import ConsumerRecord, TopicPartition
from faststream.message import StreamMessage

log = logging.getLogger(__name__)

Record: TypeAlias = ConsumerRecord[bytes, bytes]
Found: TypeAlias = dict[TopicPartition, list[Record]]


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


class Around:
    """Leads a consumer around records that aiokafka cannot read, and would try again for ever.

    A header's name that is not UTF-8 (kcat can send it) raises `UnicodeDecodeError` from `getmany`,
    and what it had taken of other partitions until then would be lost: so all go back to the `positions`
    of what was taken. Then records are read one by one, up to the one that raises; `bury` makes it a
    dead letter, and says whether it did.
    """

    def __init__(
        self,
        consumer: Any,
        positions: Callable[[], Mapping[TopicPartition, int]],
        bury: Callable[[Record], Awaitable[bool]],
    ) -> None:
        self._consumer = consumer
        self._positions = positions
        self._bury = bury
        self._careful = False
        self._read = consumer.getmany
        consumer.getmany = self._getmany

    async def _getmany(self, **options: Any) -> Found:
        if self._careful:
            return await self._one()
        try:
            found: Found = await self._read(**options)
        except UnicodeDecodeError:
            log.warning("reading record by record, up to one that cannot be read")
            self._careful = True
            self._go_back()
            return {}
        except Exception:
            self._go_back()
            raise
        return found

    def _go_back(self) -> None:
        for partition, offset in self._positions().items():
            self._consumer.seek(partition, offset)

    async def _one(self) -> Found:
        for partition in self._consumer.assignment() - self._consumer.paused():
            try:
                found: Found = await self._read(partition, timeout_ms=0, max_records=1)
            except UnicodeDecodeError:
                await self._pass(partition)
                return {}
            if found:
                return found
        return {}  # the caller waits a little; meanwhile the records are fetched again

    async def _pass(self, partition: TopicPartition) -> None:
        offset = await self._consumer.position(partition)
        unknown = ConsumerRecord(*partition, offset, 0, 0, None, None, None, -1, -1, ())
        if await self._bury(unknown) and partition in self._consumer.assignment():
            self._consumer.seek(partition, offset + 1)
            self._careful = False
