"""A second database filled by another release or policy: what differs is told, exactly and by rule."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal

import asyncpg
import pytest

from services.contacts.app import SERVICE as CONTACTS
from shared.database import migrate
from shared.engine.packing import Raised
from shared.policy import Policy
from shared.settings import DEVELOPMENT_ERASURE_KEY
from tests.replaying import on_databases
from tests.system.published import standing
from tests.tools.conftest import Said, acall, call, elsewhere, is_one_line
from tests.upgrade.fill import read
from tests.upgrade.test_takeover import BEFORE, CHANGED
from tools.compare import Compared, NotComparable, compare, differences
from tools.fill import Filled, NotEmpty, fill
from tools.services import BY_NAME
from tools.simulate import caseload

__all__ = ["acall", "call", "elsewhere"]  # the fixtures of the command line

Create = Callable[[], Awaitable[str]]
LINES = caseload(seed=31, people=40, days=120)
TRIED = {(CONTACTS.policy, "video_share_limit"): Decimal("0.2")}


async def played(create: Create, *services: str) -> dict[str, str]:
    """Databases of these services with a simulated caseload, and nothing left to publish."""
    databases = {name: await create() for name in services}
    async with on_databases(databases.__getitem__, services=[BY_NAME[name] for name in services]) as replay:
        await replay.run(LINES)
    return databases


async def filled(
    create: Create, service: str, source: str, policy: Policy | None = None
) -> tuple[str, Filled]:
    """Another database, filled from this one."""
    target = await create()
    await migrate(target, BY_NAME[service])
    return target, await fill(
        BY_NAME[service], source, target, erasure_key=DEVELOPMENT_ERASURE_KEY, policy=policy
    )


async def compared(first: str, second: str) -> Compared:
    one, other = await asyncpg.connect(first), await asyncpg.connect(second)
    try:
        return await compare(one, other)
    finally:
        await one.close()
        await other.close()


async def execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


async def test_the_same_release_finds_the_same_and_publishes_nothing(create_database: Create) -> None:
    for service, blue in (await played(create_database, *BY_NAME)).items():
        green, done = await filled(create_database, service, blue)
        found = await compared(blue, green)
        assert (done.published, found.differences) == (0, []), service
        assert (found.cases, found.other_facts, found.quarantined) == (done.cases, 0, 0)
        assert done.facts > 0
        with pytest.raises(NotEmpty):
            await fill(BY_NAME[service], blue, green, erasure_key=None)


@pytest.mark.parametrize("service", BY_NAME)
async def test_the_release_before_differs_only_in_what_this_release_says_otherwise(
    create_database: Create, service: str
) -> None:
    blue = await create_database()
    await execute(blue, read(BEFORE / f"{service}.sql.gz").decode())
    await migrate(blue, BY_NAME[service])
    green, done = await filled(create_database, service, blue)
    found = await compared(blue, green)
    assert {one.type for one in found.differences} <= CHANGED
    assert found.cases + found.other_facts == done.cases
    decides = BY_NAME[service].decide is not None  # what it decides at once is a fact more
    assert found.other_facts == 0 or decides
    assert found.findings > 0


async def test_another_policy_shows_exactly_the_findings_that_a_replay_under_it_shows(
    create_database: Create,
) -> None:
    policy = CONTACTS.load_policy().changed(TRIED)
    blue = (await played(create_database, "contacts"))["contacts"]
    green, done = await filled(create_database, "contacts", blue, policy)
    found = await compared(blue, green)

    now, then = [await replayed(create_database, tried) for tried in (False, True)]
    expected = Counter(kind for _, kind, *_ in (now - then).elements())
    assert expected == Counter(d.type for d in found.differences if d.kind in ("vanishes", "changes"))
    expected = Counter(kind for _, kind, *_ in (then - now).elements())
    assert expected == Counter(d.type for d in found.differences if d.kind in ("appears", "changes"))
    assert all("CONT-4" in one.rules for one in found.differences)
    assert done.published >= len(found.differences) > 0


async def replayed(create: Create, tried: bool) -> Counter[tuple[str, str, str, str]]:
    """What stands after a replay from the start."""
    name = await create()
    async with on_databases(lambda _: name, services=[CONTACTS], changes=TRIED if tried else None) as replay:
        return standing(json.loads(value) for value in (await replay.run(LINES)).published)


async def test_the_command_tells_what_differs_and_by_which_rule(
    create_database: Create, acall: Callable[..., Awaitable[Said]], monkeypatch: pytest.MonkeyPatch
) -> None:
    blue = (await played(create_database, "contacts"))["contacts"]
    green = await create_database()
    await migrate(green, CONTACTS)
    monkeypatch.setenv("PROBATION_ERASURE_KEY", DEVELOPMENT_ERASURE_KEY.decode())
    monkeypatch.setenv("PROBATION_DATABASE_URL", green)
    said = await acall("db", "fill", "contacts", "--from", blue)
    assert said.code == 0, said.err
    assert "this release would publish 0 events" in said.out
    is_one_line(await acall("db", "fill", "contacts", "--from", blue), "the database is not empty", code=1)
    monkeypatch.setenv("PROBATION_DATABASE_URL", blue)
    said = await acall("compare", "contacts", "--with", green)
    assert said.code == 0, said.err
    assert "the same in both" in said.out

    changed, _ = await filled(create_database, "contacts", blue, CONTACTS.load_policy().changed(TRIED))
    said = await acall("compare", "contacts", "--with", changed)
    assert said.code == 1
    assert "findings differ" in said.err
    assert "VideoShareExceeded" in said.out
    assert "CONT-4" in said.out
    told = json.loads((await acall("compare", "contacts", "--with", changed, "--json")).out)
    assert {one["type"] for one in told["differences"]} == {"VideoShareExceeded"}
    assert {one["policy"] for one in told["differences"]}
    assert told["other_facts"] == 0


async def test_cases_with_other_facts_are_left_out_and_another_day_is_refused(
    create_database: Create,
) -> None:
    blue = (await played(create_database, "contacts"))["contacts"]
    green, done = await filled(create_database, "contacts", blue)
    await execute(
        green, "delete from journal where (source, id) = (select source, id from journal order by id limit 1)"
    )
    found = await compared(blue, green)
    assert (found.cases, found.other_facts) == (done.cases - 1, 1)
    await execute(green, "update clock set day = day + 1")
    with pytest.raises(NotComparable, match="the first database has reached"):
        await compared(blue, green)


def test_a_field_that_a_release_adds_is_no_difference_and_another_value_is() -> None:
    said = Raised(1, b'{"hours":5}', ("UPW-1",), "referrals@2021-06-26")
    more = Raised(1, b'{"hours":5,"pdu":"Gwent"}', ("UPW-1",), "referrals@2021-06-26")
    other = Raised(1, b'{"hours":6}', ("UPW-2",), "referrals@2026-01-01")
    assert list(differences("X1", {"Hours S1": said}, {"Hours S1": more})) == []
    [change] = differences("X1", {"Hours S1": said}, {"Hours S1": other})
    assert (change.kind, change.type, change.key, change.rules) == ("changes", "Hours", "S1", ("UPW-2",))
    [gone] = differences("X1", {"Hours S1": said}, {})
    assert (gone.kind, gone.policy) == ("vanishes", "referrals@2021-06-26")
