"""The state of each service, from its database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from schemas.topics import SERVICES
from shared.calendar import london_date
from shared.engine.days import ONE_DAY
from shared.engine.queries import load
from shared.engine.release import release_digest
from shared.runtime.checks import SQL as MONITOR
from shared.runtime.checks import WAITING_SECONDS
from shared.runtime.clock import LATE_SECONDS
from tools.cli.databases import connected
from tools.cli.errors import UserError
from tools.doctor.part import Part
from tools.services import BY_NAME
from tools.wording import counted

SQL = load(Path(__file__).with_name("state.sql"))
Offsets = dict[tuple[str, int], int]
"""Where a reader reads on, by topic (short name) and partition."""


async def service(name: str, now: datetime) -> Part:
    """How one service is as of now. Never raises because it cannot be reached."""
    part = Part(name)
    try:
        async with connected(name) as connection:
            [state] = await connection.fetch(SQL["state"], name)
            letters = await connection.fetch(SQL["letters"])
            [behind] = await connection.fetch(MONITOR["behind"])
            oldest = await connection.fetchval(MONITOR["outbox_oldest"]) or 0.0
    except UserError as fault:
        part.troubles.append(str(fault))
        part.data = {"reached": False}
        return part
    _running(part, state, oldest)
    _day(part, state["day"], state["announced"], now)
    _release(part, state)
    if any(behind):
        part.troubles.append("its database went back: see docs/operations.md, A fail-over of the database")
    if state["quarantined"]:
        cases = counted(state["quarantined"], "case")
        part.troubles.append(f"{cases} could not be assessed: run `probation recheck {name}`")
    for letter in letters:
        number = counted(letter["number"], "dead letter")
        part.troubles.append(
            f"{number} ({letter['reason']}) since {letter['since']:%Y-%m-%d}: "
            f"run `probation dead-letters list {name}`"
        )
    if state["warnings"]:
        part.lines.append(
            f"{counted(state['warnings'], 'warning')}, in all: `probation warnings {name}` shows them"
        )
    part.data |= {
        "reached": True,
        "quarantined": state["quarantined"],
        "dead_letters": {letter["reason"]: letter["number"] for letter in letters},
        "warnings": state["warnings"],
    }
    return part


def _running(part: Part, state: Mapping[str, Any], oldest: float) -> None:
    if not state["connections"]:
        part.troubles.append(f"no instance is connected to its database: start `probation serve {part.name}`")
    elif not state["publishes"]:
        part.troubles.append("no instance publishes: is any of them ready (/readyz)?")
    if oldest > WAITING_SECONDS:
        part.troubles.append(
            f"an event has waited for {oldest:,.0f} s to be published: does Kafka accept it (/readyz)?"
        )
    part.data |= {"connections": state["connections"], "publishes": state["publishes"]}


def _day(part: Part, reached: date | None, announced: Iterable[date], now: datetime) -> None:
    """The day reached, and those that were missed."""
    expected = london_date(now - timedelta(seconds=LATE_SECONDS))
    waiting = list(announced)
    missing = []
    if reached is None:
        part.troubles.append("no day has begun: nothing is concluded; start `probation ticker`")
    else:
        part.lines.append(f"day {reached}")
        days = [reached + n * ONE_DAY for n in range(1, (expected - reached).days + 1)]
        missing = [day for day in days if day not in waiting]
        if missing:
            part.troubles.append(
                f"{counted(len(missing), 'day')} missed, from {missing[0]} on: start the ticker, or run "
                f"`probation ticker --repeat-from {missing[0]}`"
            )
    part.data |= {
        "day": reached.isoformat() if reached else None,
        "days_missed": [day.isoformat() for day in missing],
        "days_waiting": [day.isoformat() for day in waiting],
    }


def _release(part: Part, state: Mapping[str, Any]) -> None:
    """Which rules and policy are at work."""
    own = BY_NAME[part.name]
    policy = own.load_policy()
    version = policy.on(state["day"]).version if state["day"] else None
    same = state["digest"] == release_digest(own, policy)
    if state["digest"] and not same:
        part.troubles.append(
            "other rules or another policy are at work than this command has: run it from the release that "
            "the service runs, or deploy this one"
        )
    elif version is not None:
        part.lines.append(f"release {state['release']}, policy {version}")
    part.data |= {
        "release": state["release"],
        "policy": version if same else None,
        "same_release_as_this_command": same,
    }


async def offsets() -> dict[str, Offsets]:
    """Where each service that can be reached reads on."""
    found: dict[str, Offsets] = {}
    for name in SERVICES:
        try:
            async with connected(name) as connection:
                rows = await connection.fetch(SQL["offsets"])
        except UserError:
            continue
        found[name] = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    return found


async def sequences() -> Part:
    """Gaps in the numbers that feeds give their events, where they give any. All services' facts together."""
    part = Part("sequences of the feeds")
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for name in SERVICES:
        try:
            async with connected(name) as connection:
                for row in await connection.fetch(SQL["sources"]):
                    if b'"sequence"' in row["body"]:
                        found = await connection.fetch(SQL["numbers"], row["source"])
                        numbers[row["source"]].update(one[0] for one in found if one[0] is not None)
        except UserError:
            continue  # said where the service is looked at
    if not any(numbers.values()):
        part.lines.append("no feed numbers its events")
    part.data["gaps"] = {source: _gaps(those) for source, those in sorted(numbers.items()) if those}
    for source, gaps in part.data["gaps"].items():
        if gaps:
            missing = sum(last - first + 1 for first, last in gaps)
            first, last = gaps[0]
            part.troubles.append(
                f"{source}: {counted(missing, 'number')} missing in its sequence, the first "
                f"{first if first == last else f'{first} to {last}'}: have it send them, unless no "
                "service reads them or they are dead letters"
            )
        else:
            part.lines.append(f"{source}: no gap")
    return part


def _gaps(numbers: set[int]) -> list[tuple[int, int]]:
    """The first and last number of each gap."""
    ordered = sorted(numbers)
    return [(a + 1, b - 1) for a, b in pairwise(ordered) if b > a + 1]
