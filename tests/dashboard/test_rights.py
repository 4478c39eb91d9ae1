"""What each role may do in the dashboard's database."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import pytest

from services.dashboard.model import generations
from services.dashboard.model.what_ifs import forget_erased, publish
from services.dashboard.settings import DATABASE
from services.dashboard.web.access import Viewer
from services.dashboard.web.sessions import Begun, Sessions
from shared.database import Role, address, create, migrate
from tests.dashboard.conftest import KEY, Caseload
from tests.dashboard.what_ifs import trial
from tools.embedded import choose


@dataclass
class Roles:
    """A database with its roles."""

    dsn: str
    name: str
    password: str

    async def connect(self, role: Role) -> asyncpg.Connection[asyncpg.Record]:
        return await asyncpg.connect(address(self.dsn, self.name, f"{self.name}_{role}", self.password))


@pytest.fixture
async def roles(postgres: choose.Postgres) -> AsyncIterator[Roles]:
    found = Roles(postgres.dsn(), f"roles_{secrets.token_hex(4)}", secrets.token_urlsafe(12))
    passwords: dict[Role, str] = dict.fromkeys(("migrate", "app", "read"), found.password)
    await create(found.dsn, DATABASE, passwords, database=found.name)
    await migrate(address(found.dsn, found.name, f"{found.name}_migrate", found.password), DATABASE)
    yield found
    admin = await asyncpg.connect(found.dsn)
    await admin.execute(f'drop database "{found.name}" with (force)')
    for role in ("migrate", "app", "read", "owner"):
        await admin.execute(f'drop role "{found.name}_{role}"')
    await admin.close()


async def test_the_application_signs_people_in_and_out(roles: Roles) -> None:
    pool = asyncpg.create_pool(
        address(roles.dsn, roles.name, f"{roles.name}_app", roles.password), min_size=0
    )
    await pool
    sessions = Sessions(pool, timedelta(hours=8))
    await sessions.begin_sign_in("state", "browser", Begun("/", {"nonce": "n"}))
    assert await sessions.end_sign_in("state", "browser") == Begun("/", {"nonce": "n"})
    viewer = Viewer("ruth", "region", ("london",), "camden", ("X123456",))
    cookie = await sessions.begin(viewer)
    assert await sessions.viewer(cookie) == viewer
    await sessions.end(cookie)
    assert await sessions.viewer(cookie) is None
    await pool.close()


async def test_the_application_publishes_trials_and_forgets_people(roles: Roles, played: Caseload) -> None:
    app = await roles.connect("app")
    model = await generations.build(app)
    assert await publish(app, trial(played.events).result)
    await forget_erased(app, model.schema, KEY)
    assert await app.fetchval("select count(*) from what_if_findings") == 3
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("update what_ifs set published_by = 'somebody else'")
    await app.close()


async def test_who_only_reads_sees_no_session(roles: Roles) -> None:
    read = await roles.connect("read")
    assert await read.fetchval("select count(*) from what_ifs") == 0
    for table in ("sessions", "sign_ins"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await read.fetch(f"select * from {table}")
    await read.close()
