"""Print what the allocation service publishes. Run: .venv/bin/python docs/examples/subscribe.py"""

import asyncio
import json

from aiokafka import AIOKafkaConsumer


async def main() -> None:
    topic = AIOKafkaConsumer("probation.allocation", bootstrap_servers="localhost:9092", auto_offset_reset="earliest")
    async with topic:
        async for message in topic:
            event = json.loads(message.value)
            print(event["subject"], event["sequence"], event["type"], event["data"], flush=True)


asyncio.run(main())
