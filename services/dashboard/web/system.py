"""The system page: gaps, refused messages, what is held, and the read models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.dashboard.web.questions import Snapshot


@dataclass(frozen=True)
class System:
    """What the page shows."""

    gaps: Sequence[Any]
    letters: Sequence[Any]
    models: Sequence[Any]
    held: Sequence[Any]


_GAPS = """
select source, count(*)::int as subjects, sum(missing)::int as missing
from gaps group by source order by source
"""
_LETTERS = """
select service, reason, count(*)::int as number, max(at) as latest,
       (array_agg(explanation order by at desc nulls last, origin))[1] as example
from dead_letters group by service, reason order by service, reason
"""
_MODELS = "select id, state, created_at from public.models order by id"
_HELD = "select source, number from held where number > 0 order by source"


async def system(asked: Snapshot) -> System:
    """What the read model that serves can tell of the system."""
    return System(
        await asked.fetch(_GAPS),
        await asked.fetch(_LETTERS),
        await asked.fetch(_MODELS),
        await asked.fetch(_HELD),
    )
