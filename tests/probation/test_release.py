"""A change to the common rules or their values is a new release: every case is assessed again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from schemas import language
from services.allocation.app import SERVICE
from shared.engine.service import Service
from shared.probation import POLICY
from tests import facts as f
from tests.casebook import event_of
from tests.engine.running import Told, again, office


@pytest.fixture
def common(tmp_path: Path) -> Path:
    """A copy of the common rules."""
    return Path(shutil.copytree(POLICY.parent, tmp_path / "probation"))


@pytest.fixture
def service(common: Path) -> Service:
    """The allocation service with that copy of the common rules."""
    return replace(SERVICE, common_policy=(common / POLICY.name,))


async def test_a_case_is_assessed_again_if_the_common_rules_change(
    database: str, service: Service, common: Path
) -> None:
    async with office(database, service, language) as at_work:
        await at_work.day("2026-06-01")
        event = event_of(f.order("2026-06-01"))
        await at_work.take(Told(event.data, event.subject, event.id, event.recorded))
        known = await at_work.value("select release from cases")
        code = common / "supervision.py"
        code.write_text(f"{code.read_text(encoding='utf-8')}\n# changed\n", encoding="utf-8")
        newer = again(at_work.engine)
        await newer.start()
        await newer.sweep()
        assert await at_work.value("select release from cases") > known
