"""How PostgreSQL would run statements on tables with many rows."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import asyncpg


async def reading_all(
    connection: asyncpg.Connection[Any], statements: Mapping[str, str], tables: Collection[str]
) -> set[str]:
    """The names of the statements that would read all rows of one of these tables, whatever they are asked.

    That PostgreSQL does not know what they are asked is why they are planned without parameters: so it plans
    those of a service after the first few times.
    """
    await connection.execute("set plan_cache_mode = force_generic_plan")
    await connection.execute("set jit = off")
    found = set()
    for name, statement in statements.items():
        await connection.execute(f"prepare planned as {statement}")
        number = max(map(int, re.findall(r"\$(\d+)", statement)), default=0)
        asked = f"({', '.join(['null'] * number)})" if number else ""
        plan = json.loads(await connection.fetchval(f"explain (format json) execute planned{asked}"))
        await connection.execute("deallocate planned")
        if any(_reads_all(node, tables) for node in _nodes(plan[0]["Plan"])):
            found.add(name)
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _reads_all(node: dict[str, Any], tables: Collection[str]) -> bool:
    """Does a part of a plan read all of one of these tables? A partial index has few of its rows."""
    table = node.get("Relation Name")
    if table not in tables:
        return False
    in_order = node.get("Index Name") == f"{table}_pkey" and "Index Cond" not in node
    return in_order or node["Node Type"] == "Seq Scan"
