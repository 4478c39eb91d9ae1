import asyncio
import os
from pathlib import Path

from aiokafka import AIOKafkaProducer

BOOTSTRAP = os.environ.get("PROBATION_KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
HEARING = Path(__file__).with_name("hearing.json").read_bytes()


async def main() -> None:
    async with AIOKafkaProducer(bootstrap_servers=BOOTSTRAP) as producer:
        await producer.send_and_wait("feeds.common-platform", HEARING)


asyncio.run(main())
