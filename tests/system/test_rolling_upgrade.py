"""The release before is replaced by this one, instance after instance, while events flow."""

from __future__ import annotations

import asyncio
import io
import subprocess
import tarfile
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.conftest import needs
from tests.system.harness import System
from tests.system.instance import ROOT
from tests.system.oracle import FROM_FEEDS, day_of, replayed, undecided
from tests.system.published import assert_same, history, standing
from tools.simulate import caseload

T = TypeVar("T")
RELEASE_BEFORE = "876a1360f24f07054567660077b1111efd97f296"
"""The last commit of the release before. Set it when a release is made."""


@pytest.fixture(scope="session")
def release_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the release before."""
    packed = subprocess.run(["git", "-C", ROOT, "archive", RELEASE_BEFORE], capture_output=True, check=False)
    if packed.returncode:
        pytest.skip(
            f"needs the git history back to {RELEASE_BEFORE[:7]}: fetch it with `git fetch --unshallow`"
        )
    folder = tmp_path_factory.mktemp("release-before")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


async def test_a_rolling_upgrade_under_load_loses_and_doubles_nothing(
    system: System, release_before: Path
) -> None:
    needs(system.kafka, "real_kafka", "takeover")
    lines = undecided(caseload(seed=14, people=80, days=60))
    last = max(map(day_of, lines))
    expected = await replayed(system.postgres, lines, last, "contacts")
    third = len(lines) // 3

    system.checkout = release_before
    old = await system.start_all("contacts", "contacts")
    await system.begin(last)
    await system.publish(lines[:third])
    await system.quiet("contacts")

    system.checkout = ROOT
    parts = iter(even(lines[third:], 5))

    async def while_events_flow(step: Awaitable[T]) -> T:
        done, _ = await asyncio.gather(step, system.publish(next(parts)))
        return done

    # The instances of the release before go on, on the new tables.
    await while_events_flow(system.migrate("contacts"))
    for instance in old:
        await while_events_flow(system.start("contacts"))
        assert await while_events_flow(instance.stop()) == 0
    await system.quiet("contacts")

    facts = await system.fetch("contacts", FROM_FEEDS)
    assert sorted(row["id"] for row in facts) == sorted(expected.facts["contacts"])
    records = await system.read("contacts")
    assert_same(standing(await history(system, "contacts")), standing(expected.published))
    assert len({record.value for record in records}) == len(records), "an event twice"
    kept = await system.fetch("contacts", "select value from published order by subject, sequence")
    assert {row["value"] for row in kept} == {record.value for record in records}


def even(lines: list[bytes], parts: int) -> list[list[bytes]]:
    """The lines in so many parts."""
    size = -(-len(lines) // parts)
    return [lines[start : start + size] for start in range(0, len(lines), size)]
