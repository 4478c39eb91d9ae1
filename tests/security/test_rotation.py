"""Passwords and certificates are replaced while events flow: nothing is lost and nothing comes twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client.parser import text_string_to_metric_families

from shared import kafka
from shared.engine.days import ONE_DAY
from shared.runtime.certificates import of_servers
from shared.runtime.service import today_in_london
from shared.settings import ServiceSettings
from shared.waiting import is_set
from tests.security.composed import Composed, make_secrets
from tests.security.test_service import sentence
from tests.system.instance import Instance, until
from tools.clock import the_ticker
from tools.principals import principals

TOPIC = "probation.allocation"
PAUSE_SECONDS = 0.05
"""Between two sentences: enough of them, and processor time for what is replaced meanwhile."""
REPLACED = ("kafka/allocation", "database/allocation_app", "allocation.pem", "kafka.pem")


class Source:
    """Publishes one sentence after another, each of another person, until it is stopped."""

    def __init__(self, secured: Composed) -> None:
        self._settings = secured.settings("source-court")
        self._stopped = asyncio.Event()
        self.people: list[str] = []

    async def run(self) -> None:
        """Publish until stopped. What may not have arrived is published again, as sources do."""
        while not self._stopped.is_set():
            with contextlib.suppress(KafkaError):
                await self._publish()

    async def _publish(self) -> None:
        producer: AIOKafkaProducer
        async with kafka.producer(self._settings, "test") as producer:
            while not self._stopped.is_set():
                person = f"X2{len(self.people):05}"
                await producer.send_and_wait("probation.court", sentence(person), key=person.encode())
                self.people.append(person)
                await is_set(self._stopped, within=PAUSE_SECONDS)

    def stop(self) -> None:
        """Make `run` return."""
        self._stopped.set()


async def published(secured: Composed) -> list[tuple[str, int]]:
    """Whom each event is about and its number, in the order of the topic."""
    settings = secured.settings("subscriber")
    options = kafka.client_options(settings, "test")
    found: list[tuple[str, int]] = []
    async with AIOKafkaConsumer(**options) as consumer:
        places = [TopicPartition(TOPIC, number) for number in range(settings.kafka_partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for messages in (await consumer.getmany(timeout_ms=500)).values():
                events = [json.loads(message.value) for message in messages]
                found += [(event["subject"], int(event["sequence"])) for event in events]
    return found


async def certificates_end(secured: Composed, instance: Instance) -> dict[str, float]:
    """When the certificates end that the instance tells of, and those that the servers show now."""
    told: dict[str, float] = {}

    async def missing() -> str | None:
        for family in text_string_to_metric_families(await instance.metrics()):
            for sample in family.samples:
                if sample.name == "probation_certificate_expiry_timestamp_seconds":
                    told[sample.labels["kind"]] = sample.value
        return None if set(told) == {"authority", "client", "server"} else f"it tells only of {set(told)}"

    await until(missing)
    database = secured.address("allocation", "allocation_app")
    given = secured.by_certificate("allocation").model_dump(exclude_none=True)
    kafka, postgres = await of_servers(ServiceSettings(**given, database_url=database))
    del told["server"]  # it asks again every ten minutes
    return told | {"kafka": kafka.ends, "postgres": postgres.ends}


async def test_everything_is_replaced_while_events_flow_and_none_is_lost_or_comes_twice(
    secured: Composed,
) -> None:
    await the_ticker(secured.settings("ticker")).repeat(today_in_london() - ONE_DAY)
    await asyncio.to_thread(make_secrets, secured.folder, "allocation")
    # One shows Kafka its password, the other its certificate.
    settings = (secured.environment, secured.environment_with_certificate)
    begin = [secured.start("allocation", given("allocation")) for given in settings]
    instances = list(await asyncio.gather(*begin))
    source = Source(secured)
    sending = asyncio.create_task(source.run())
    before = {name: (secured.secrets / name).read_text() for name in REPLACED}
    ends = await certificates_end(secured, instances[1])
    try:
        # As docs/operations.md says: new files, both servers are told, then one instance after the other.
        for name in REPLACED:
            (secured.secrets / name).unlink()
        await asyncio.to_thread(make_secrets, secured.folder, "allocation")
        assert all((secured.secrets / name).read_text() != text for name, text in before.items())
        access, migrate = await asyncio.gather(
            *(asyncio.to_thread(secured.run, job) for job in ("access", "migrate"))
        )
        users = len(principals(secured.settings("ticker").topic_prefix))
        assert access.stdout == f"{users} users have a password; 0 rights added, 0 removed\n", access.stderr
        assert migrate.returncode == 0, migrate.stderr
        for number, old in enumerate(instances):
            await old.stop()
            instances[number] = await secured.start("allocation", settings[number]("allocation"))
        await asyncio.to_thread(secured.kafka.restart)
        for instance in instances:
            await instance.ready()
        # What the instance shows is told anew by its new start, and what Kafka shows when it is asked again.
        after = await certificates_end(secured, instances[1])
        assert {kind for kind in ends if after[kind] > ends[kind]} == {"client", "kafka"}
        reached = len(source.people)

        async def flows() -> str | None:
            return None if len(source.people) > reached else "nothing is published any more"

        await until(flows, seconds=120)
        source.stop()
        await sending

        async def missing() -> str | None:
            about = {person for person, _ in await published(secured)}
            left = [person for person in source.people if person not in about]
            return f"nothing is concluded about {len(left)} of {len(source.people)} people" if left else None

        await until(missing)
        numbers: dict[str, list[int]] = defaultdict(list)
        for person, number in await published(secured):
            numbers[person].append(number)
        wrong = {p: n for p, n in numbers.items() if p in source.people and n != list(range(1, len(n) + 1))}
        assert wrong == {}
    finally:
        source.stop()
        sending.cancel()
        for instance in instances:
            await instance.kill()
