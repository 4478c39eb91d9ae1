"""What an administrator does to a test's Kafka."""

import contextlib
from collections.abc import AsyncIterator

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest

from shared import kafka
from tests.runtime import toy
from tests.runtime.environment import Environment, until

TOPIC, GROUP = 2, 3
_LITERAL, _ALL, _READ, _DENY, _ALLOW = 3, 2, 3, 2, 3
_EVERYONE = ("User:ANONYMOUS", "*")


@contextlib.asynccontextmanager
async def admin(env: Environment) -> AsyncIterator[AIOKafkaAdminClient]:
    """An administrator's client."""
    client = AIOKafkaAdminClient(bootstrap_servers=env.settings.kafka_bootstrap_servers)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def remove_before(env: Environment, topic: str, partition: int, offset: int) -> None:
    """Remove the messages before this offset, as retention would."""
    async with admin(env) as client:
        await client.delete_records({TopicPartition(env.topic(topic), partition): RecordsToDelete(offset)})


async def set_partitions(env: Environment, topic: str, number: int) -> None:
    """Give a topic more partitions."""
    async with admin(env) as client:
        await client.create_partitions({env.topic(topic): NewPartitions(number)})


async def delete(env: Environment, topic: str) -> None:
    """Delete a topic and wait until it is gone."""
    name = env.topic(topic)
    async with admin(env) as client:
        await client.delete_topics([name])

        async def gone() -> bool:
            return name not in await client.list_topics()

        await until(gone)


async def create(env: Environment, topic: str) -> None:
    """Create a topic of the toy."""
    await kafka.create_topics(env.settings, {env.topic(topic): toy.PARTITIONS[topic]})


@contextlib.asynccontextmanager
async def no_reading(env: Environment, kind: int, name: str) -> AsyncIterator[None]:
    """Nobody may read this topic or group (full name) inside the block; everything else is allowed."""
    async with admin(env) as client:
        for operation, permission in ((_ALL, _ALLOW), (_READ, _DENY)):
            acl = CreateAclsRequest(kind, name, _LITERAL, *_EVERYONE, operation, permission)
            await client._send_to_controller(acl)
        try:
            yield
        finally:
            # Operation and permission 1: any.
            await client._send_to_controller(DeleteAclsRequest(kind, name, _LITERAL, *_EVERYONE, 1, 1))
