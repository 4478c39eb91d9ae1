"""Print what the allocation service publishes. Run: .venv/bin/python docs/examples/subscribe.py"""

import asyncio
import json

from aiokafka import AIOKafkaConsumer

SETTINGS = {"bootstrap_servers": "localhost:9092", "auto_offset_reset": "earliest"}


async def main() -> None:
    async with AIOKafkaConsumer("probation.allocation", **SETTINGS) as topic:
        async for message in topic:
            event = json.loads(message.value)
            print(event["subject"], event["sequence"], event["type"], event["data"], flush=True)


asyncio.run(main())
