"""Whatever happens, the logs of the services are JSON, and name no person and no secret."""

import asyncio
import json
import re
from urllib.parse import urlsplit

import asyncpg

from schemas import language
from tests.conftest import needs
from tests.schemas import encode, golden
from tests.system.harness import System
from tests.system.instance import Instance, until
from tests.system.oracle import day_of
from tests.system.talkative import FAILS_FOR
from tests.system.test_bad_input import broken
from tools.services import BY_NAME
from tools.simulate import caseload

REFUSED, FAILING = "X100001", "X100002"
"""A person whom a database refuses, and one whose case cannot be assessed."""

REFERENCE = re.compile(r"\b[A-Z]{1,2}\d{6}\b")
SECRETS = {"PROBATION_LOG_KEY": "key-of-the-logs", "PROBATION_ERASURE_KEY": "key-of-the-erasures"}


def sentence(subject: str) -> bytes:
    """A person is sentenced."""
    event = golden("SentenceImposed") | {"id": f"of-{subject}", "subject": subject, "partitionkey": subject}
    return encode(event)


async def as_superuser(system: System, service: str, statement: str) -> None:
    """Run a statement in a service's database."""
    connection = await asyncpg.connect(system.postgres.dsn(system.database_name(service)))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def start(system: System, service: str, **settings: str) -> Instance:
    """Start a service that says all it can."""
    given = {**SECRETS, "PROBATION_BRAKE_SHARE": "1", FAILS_FOR: FAILING, **settings}
    return await system.start(service, ready=False, **given)


async def test_no_log_names_a_person_or_a_secret_whatever_goes_wrong(system: System) -> None:
    needs(system.kafka, "real_kafka")
    system.program = "tests.system.talkative"
    lines = caseload(seed=7, people=15, days=40)
    last = max(map(day_of, lines))
    services = [await start(system, service) for service in BY_NAME]
    await asyncio.gather(*(service.ready() for service in services))
    await system.begin(last)

    # PostgreSQL's error then has the whole row in its details.
    await as_superuser(
        system, "contacts", f"alter table journal add check (subject <> '{REFUSED}') not valid"
    )
    await system.publish([sentence(REFUSED), sentence(FAILING)])
    for topic, key, value, _ in broken(largest=100_000):
        await system.send(topic, value, key)
    await system.publish(lines[: len(lines) // 2])
    await as_superuser(
        system,
        "enforcement",
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()",
    )
    await system.publish(lines[len(lines) // 2 :])
    await system.quiet(seconds=120)

    reasons = {row["reason"] for row in await system.fetch("contacts", "select reason from dead_letters")}
    assert reasons >= {"store_error", "wrong_data", "wrong_subject"}
    quarantined = "select subject from cases where quarantined is not null"
    assert [row["subject"] for row in await system.fetch("contacts", quarantined)] == [FAILING]

    password = urlsplit(system.databases["contacts"]).password or ""
    wrong = system.databases["contacts"].replace(password, "another-password")
    unusable = await start(system, "contacts", PROBATION_DATABASE_URL=wrong)
    await until(lambda: lives(unusable))
    assert [await service.stop() for service in services] == [0] * len(services)

    people = {event.subject for line in lines if (event := language.read(line, ())[0]).subject}
    passwords = {urlsplit(address).password or "" for address in system.databases.values()}
    logged = {}
    for program in [*services, unusable]:
        text = program.log.read_text()
        assert REFERENCE.findall(text) == [], program.service
        assert not [person for person in people if re.search(rf"\b{re.escape(person)}\b", text)]
        assert not [word for word in {*passwords, "another-password", *SECRETS.values()} if word in text]
        if program is not unusable:
            logged[program.service] = [json.loads(line) for line in text.splitlines()]
    for service, said in logged.items():
        assert all(line["service"] == service for line in said)
        assert all(line.keys() >= {"event", "level", "timestamp"} for line in said)
    assert len({line["who"] for line in logged["contacts"] if "who" in line}) >= 1
    events = {line["event"] for line in logged["contacts"]}
    assert {"serving", "messages were refused", "retrying a batch", "stopped"} <= events


async def lives(instance: Instance) -> str | None:
    """That it has not ended yet, if so."""
    return "it lives" if instance.alive else None
