"""The topic with what stands, and the example that reads it once and then follows the service's topic."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas import language
from tests import facts as f
from tests.casebook import event_of
from tests.conftest import needs
from tests.system.harness import System
from tests.system.published import history
from tests.system.published import standing as statements

SERVICES = ("contacts", "enforcement")
EXAMPLE = Path("docs/examples/standing.py")
OTHER = "X2"

Follow = Callable[..., AsyncIterator[dict[str, Any]]]


@pytest.fixture
def follow() -> Follow:
    """The example's function."""
    spec = importlib.util.spec_from_file_location("standing_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    found: Follow = example.follow
    return found


async def tell(system: System, *facts: f.Fact) -> None:
    """Publish these facts and wait until both services have said what follows from them."""
    await system.publish([language.render(event_of(fact)) for fact in f.told(facts)])
    await system.quiet(*SERVICES)


async def standing(system: System, service: str) -> dict[str, Any]:
    """The events that stand, by id, for whoever has followed the service's topic from its start."""
    found: dict[str, Any] = {}
    for event in await history(system, service):
        if event["type"] == "Withdrawn":
            del found[event["data"]["withdraws"]]
        else:
            found[event["id"]] = event
    assert statements(found.values()) == statements(await history(system, service))
    return found


def missed(day: str, **options: Any) -> f.Fact:
    return f.contact(day, "unacceptable_absence", id=f"C-{day}-{options.get('subject', '1')}", **options)


async def test_a_new_subscriber_knows_what_stands_and_follows_it_without_a_gap(
    system: System, follow: Follow
) -> None:
    needs(system.kafka, "real_kafka")
    instances = await system.start_all(*SERVICES)
    await system.begin(date(2026, 3, 2))
    orders = [f.order("2026-01-05", id=f"S-{subject}", subject=subject) for subject in (f.PERSON, OTHER)]
    await tell(system, *orders, missed("2026-02-16", sentence=f"S-{f.PERSON}"))
    await tell(system, missed("2026-02-23", sentence=f"S-{f.PERSON}"))
    await tell(system, f.contact("2026-02-24", "failed_to_attend", sentence=f"S-{OTHER}", subject=OTHER))

    for service in SERVICES:
        first = follow(system.kafka.bootstrap, service, system.prefix)
        assert await anext(first) == await standing(system, service)
        await first.aclose()  # type: ignore[attr-defined]

    followers = {name: follow(system.kafka.bootstrap, name, system.prefix) for name in SERVICES}
    for follower in followers.values():
        await anext(follower)
    # A merge, a correction, and a restart after a crash: each withdraws and publishes anew.
    await tell(system, f.merged("2026-03-02", f.PERSON, subject=OTHER))
    await instances[0].kill()
    await system.start("contacts")
    await tell(system, f.contact("2026-02-23", id="C-2026-02-23-1", sentence=f"S-{f.PERSON}"))

    for service, follower in followers.items():
        expected = await standing(system, service)
        async for known in follower:
            if known == expected:
                break
        fresh = follow(system.kafka.bootstrap, service, system.prefix)
        assert await anext(fresh) == expected
        for opened in (fresh, follower):
            await opened.aclose()  # type: ignore[attr-defined]


async def test_the_topic_with_what_stands_is_compacted(system: System) -> None:
    needs(system.kafka, "real_kafka")
    configs = await system.topic_configs("contacts.standing")
    assert configs["cleanup.policy"] == "compact"
