"""The usual first design, for comparison: a FastStream handler with one transaction per message.

It does everything in the simplest way, without the engine: insert the event if it is new, select the case,
add the contact, update the case, publish if the contact was missed, acknowledge. (It can lose what it
publishes, and late contacts and corrections would need more code.)

Run by `throughput.py`: python -m tools.bench.first_try, with the settings of a service in the environment.
"""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from schemas.contacts import ContactMissed
from schemas.envelope import CloudEvent
from schemas.practice import ContactOutcomeRecorded
from shared.settings import ServiceSettings, load

MISSED = ("failed_to_comply", "sent_home_behaviour", "unacceptable_absence")

INSERT = """
insert into journal (source, id, subject, type, key, recorded, body)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning true"""
SELECT = "select state from first_try where subject = $1 for update"
UPDATE = "update first_try set state = $2 where subject = $1"


def application(settings: ServiceSettings) -> FastStream:
    """The program."""
    broker = KafkaBroker(settings.kafka_bootstrap_servers, enable_idempotence=True, acks="all")
    pools: list[asyncpg.Pool[Any]] = []

    @broker.subscriber(
        f"{settings.topic_prefix}practice",
        group_id=f"{settings.topic_prefix}first-try",
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )
    async def on_contact(body: bytes) -> None:
        event = CloudEvent[ContactOutcomeRecorded].model_validate_json(body)
        contact = event.data
        async with pools[0].acquire() as connection, connection.transaction():
            if not await connection.fetchval(
                INSERT,
                event.source,
                event.id,
                event.subject,
                event.type,
                contact.contact_id,
                event.recorded,
                body,
            ):
                return
            case = msgspec.json.decode(await connection.fetchval(SELECT, event.subject))
            case["contacts"].append([contact.contact_id, contact.occurred_on, contact.mode, contact.outcome])
            await connection.execute(UPDATE, event.subject, msgspec.json.encode(case).decode())
        if contact.outcome in MISSED and contact.sentence_id is not None:
            missed = ContactMissed(
                contact_id=contact.contact_id,
                sentence_id=contact.sentence_id,
                requirement_id=contact.requirement_id,
                missed_on=contact.occurred_on,
                outcome=contact.outcome,
            )
            await broker.publish(
                {"type": "ContactMissed", "causationid": event.id, "data": missed.model_dump(mode="json")},
                topic=f"{settings.topic_prefix}contacts",
                key=(event.subject or "").encode(),
            )

    app = FastStream(broker)

    @app.on_startup
    async def connect() -> None:
        pool = await asyncpg.create_pool(
            settings.database_url.get_secret_value(), server_settings={"jit": "off"}
        )
        await pool.fetch("select * from offsets")  # waits here until `throughput.py` releases the lock
        pools.append(pool)

    @app.after_shutdown
    async def disconnect() -> None:
        await pools[0].close()

    return app


if __name__ == "__main__":
    uvloop.run(application(load(ServiceSettings)).run())
