"""What is wrong with the database at a start: one line that says what to do; an end if waiting is no use."""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from shared.connecting import Unusable
from shared.database import address, create
from shared.runtime.service import Runtime
from tests.runtime import toy
from tests.runtime.environment import PATIENCE, Environment, until
from tools.embedded.process import Process, accepts, free_port


async def refusal(env: Environment, dsn: str) -> str:
    """Start the service on this database, and return why it ends."""
    with pytest.raises(Unusable) as refused:
        async with asyncio.timeout(PATIENCE):
            await with_database(env, dsn).run()
    line = str(refused.value)
    assert "\n" not in line
    return line


def with_database(env: Environment, dsn: str) -> Runtime:
    return env.runtime(database_url=type(env.settings.database_url)(dsn))


async def test_a_wrong_password_ends_it(env: Environment) -> None:
    dsn = address(env.database, urlsplit(env.database).path[1:], "postgres", "wrong")
    line = await refusal(env, dsn)
    assert "refuses user postgres: correct the user or password" in line
    assert "wrong" not in line


async def test_an_unknown_database_ends_it(env: Environment) -> None:
    assert "database not_there at" in await refusal(env, address(env.database, "not_there"))
    assert "`probation db migrate --create`" in await refusal(env, address(env.database, "not_there"))


async def test_a_database_without_tables_ends_it(
    env: Environment, create_database: Callable[[], asyncio.Future[str]]
) -> None:
    line = await refusal(env, await create_database())
    assert "is not migrated to this release: run `probation db migrate`" in line


async def test_a_database_of_an_older_release_ends_it(env: Environment) -> None:
    await env.fetch("delete from migration where name = 'engine/005_announced_days.sql'")
    line = await refusal(env, env.database)
    assert "is not migrated to this release: run `probation db migrate`" in line


async def test_a_database_that_a_newer_release_contracted_ends_it(env: Environment) -> None:
    await env.fetch("insert into migration (name, sha256) values ('engine/999_later.contract.sql', '')")
    refused = await refusal(env, env.database)
    assert "was migrated by a newer release (engine/999_later.contract.sql)" in refused


async def test_another_services_database_ends_it(env: Environment) -> None:
    await env.fetch("insert into migration (name, sha256) values ('contacts/001_views.sql', '')")
    assert "belongs to contacts, not to porter" in await refusal(env, env.database)


async def test_a_role_that_may_only_read_ends_it(env: Environment) -> None:
    name, password = f"start_{secrets.token_hex(4)}", secrets.token_hex(8)
    await create(env.admin, toy.SERVICE, {"read": password}, database=name)
    try:
        database = urlsplit(env.database).path[1:]
        await env.fetch(f'grant connect on database "{database}" to "{name}_read"')
        await env.fetch(f'grant select on all tables in schema public to "{name}_read"')
        line = await refusal(env, address(env.database, database, f"{name}_read", password))
        assert "its user may not add to the journal" in line
        assert "use a user who has this right" in line
    finally:
        admin = await asyncpg.connect(env.admin)
        await admin.execute(f'drop database "{name}" with (force)')
        await env.fetch(f'drop owned by "{name}_read"')
        for role in ("migrate", "app", "read", "owner"):
            await admin.execute(f'drop role "{name}_{role}"')
        await admin.close()


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("127.0.0.1:{port}", "does not answer: start it, or correct PROBATION_DATABASE_URL"),
        ("nowhere.invalid:5432", "no host of that name is known: correct PROBATION_DATABASE_URL"),
    ],
)
async def test_a_server_that_may_still_come_is_waited_for_in_words(
    env: Environment, place: str, told: str
) -> None:
    runtime = with_database(env, f"postgresql://a:secret@{place.format(port=free_port())}/porter")
    await env.run(runtime, ready=False)

    async def waits() -> bool:
        return told in (await runtime.health.readiness()).get("service", "")

    await until(waits)
    assert "waiting for the database: database porter at" in (await runtime.health.readiness())["service"]
    assert "secret" not in str(await runtime.health.readiness())
    await env.stop(runtime)


async def test_a_server_that_only_reads_is_waited_for_in_words(env: Environment) -> None:
    database = urlsplit(env.database).path[1:]
    await env.fetch(f'alter database "{database}" set default_transaction_read_only = on')
    runtime = env.runtime()
    await env.run(runtime, ready=False)

    async def waits() -> bool:
        told = (await runtime.health.readiness()).get("service", "")
        return "only reads: let PROBATION_DATABASE_URL name the primary server" in told

    await until(waits)
    admin = await asyncpg.connect(env.admin)
    await admin.execute(f'alter database "{database}" reset default_transaction_read_only')
    await admin.close()
    await env.ready(runtime)


async def test_a_broker_that_may_still_come_is_waited_for_in_words(env: Environment) -> None:
    place = f"127.0.0.1:{free_port()}"
    runtime = env.runtime(kafka_bootstrap_servers=place)
    await env.run(runtime, ready=False)

    async def waits() -> bool:
        told = (await runtime.health.readiness()).get("service", "")
        return f"no Kafka answers at {place}: start it" in told

    await until(waits)
    await env.stop(runtime)


@pytest.fixture
def bouncer(env: Environment) -> Iterator[Callable[..., str]]:
    """Starts PgBouncer with these settings before the test's database, and returns the address."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        assert "CI" not in os.environ
        pytest.skip("needs PgBouncer (Debian's package pgbouncer)")
    started: list[Process] = []
    # Not pytest's folder: PgBouncer runs under an account of its own, which could not enter that.
    folder = Path(tempfile.mkdtemp(prefix="probation-"))
    folder.chmod(0o755)

    def start(**settings: str) -> str:
        port, at = free_port(), urlsplit(env.database)
        lines = {"listen_addr": "127.0.0.1", "listen_port": port, "auth_type": "any", **settings}
        file = folder / "pgbouncer.ini"
        file.write_text(
            f"[databases]\nvia = host={at.hostname} port={at.port} dbname={at.path[1:]} user={at.username} "
            f"password={at.password}\n[pgbouncer]\nunix_socket_dir =\n"
            + "".join(f"{name} = {value}\n" for name, value in lines.items())
        )
        user = "nobody" if os.geteuid() == 0 else None
        process = Process("PgBouncer", [program, str(file)], log=folder / "log", user=user)
        started.append(process)
        process.wait_until(lambda: accepts(port), seconds=PATIENCE)
        return f"postgresql://any@127.0.0.1:{port}/via"

    yield start
    for process in started:
        process.end("stop")
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"ignore_startup_parameters": "jit"},
        {"ignore_startup_parameters": "jit", "default_pool_size": "1"},
        {"ignore_startup_parameters": "jit", "server_round_robin": "1"},
    ],
    ids=["as it comes", "lenient", "with one connection", "with connections in turn"],
)
async def test_a_pooler_that_shares_connections_between_transactions_ends_it(
    env: Environment, bouncer: Callable[..., str], settings: dict[str, str]
) -> None:
    """Two instances would both lead the relay."""
    line = await refusal(env, bouncer(pool_mode="transaction", **settings))
    assert "pooler that shares connections between transactions" in line
    assert "Connect it to PostgreSQL itself, or to a pool with pool_mode = session" in line


async def test_a_pooler_that_keeps_connections_for_a_session_is_no_obstacle(
    env: Environment, bouncer: Callable[..., str]
) -> None:
    dsn = bouncer(pool_mode="session", ignore_startup_parameters="jit")
    await env.run(with_database(env, dsn))
    await env.weigh("p1", 5)
    await env.knows("p1")
