"""Publish an event. Run: .venv/bin/python docs/examples/publish.py"""

import asyncio
from pathlib import Path

from aiokafka import AIOKafkaProducer

EVENT = Path("docs/examples/sentence.json").read_bytes()


async def main() -> None:
    async with AIOKafkaProducer(bootstrap_servers="localhost:9092") as producer:
        await producer.send_and_wait("probation.court", EVENT, key=b"X123456")


asyncio.run(main())
