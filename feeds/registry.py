"""The feeds that there are."""

from __future__ import annotations

from feeds.adapters import Adapter
from feeds.common_platform.hearing import CommonPlatform

_ALL: tuple[Adapter, ...] = (CommonPlatform(),)

ADAPTERS = {adapter.name: adapter for adapter in _ALL}
"""The adapters by the names of their feeds."""
