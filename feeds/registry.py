"""The feeds that there are."""

from __future__ import annotations

from feeds.adapters import Adapter, Join
from feeds.common_platform.hearing import CommonPlatform
from feeds.hmpps.adapter import HMPPS
from feeds.hmpps.risk import joined
from feeds.knowledge import RISK
from feeds.practice.adapter import Practice
from feeds.providers.adapter import PROVIDERS

_ALL: tuple[Adapter, ...] = (CommonPlatform(), HMPPS, Practice(), PROVIDERS)

ADAPTERS = {adapter.name: adapter for adapter in _ALL}
"""The adapters by the names of their feeds."""


def topic_of(feed: str) -> str:
    """The topic on which what the source sends arrives. It is the same whatever our own topics begin with."""
    return f"feeds.{feed}"


JOINS: dict[str, Join] = {RISK: Join(HMPPS.name, joined)}
"""What is worked out anew when a part of it changes, by the type of its parts."""
