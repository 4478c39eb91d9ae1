"""The feeds and the dashboard, from their databases."""

from __future__ import annotations

from collections import defaultdict

import asyncpg

from feeds.postgres import DATABASE
from feeds.postgres import SQL as FEEDS
from services.dashboard.model.generations import models
from services.dashboard.model.healing import gaps
from shared.database import check
from tools.cli import errors
from tools.cli.addresses import dashboard_database, database_of
from tools.cli.errors import UserError
from tools.doctor.part import Part
from tools.doctor.services import SQL, Offsets
from tools.wording import counted

_WAITS = {
    "identity": "whose it is",
    "link": "which sentence it is about",
    "place": "where the person is supervised",
}
_WORDS = {"new": "not read yet", "waiting": "waiting", "dead": "not translated"}


async def feeds() -> tuple[Part, Offsets | None]:
    """What waits in the feeds, and where they read on; None if their database is not reached."""
    part = Part("feeds")
    try:
        dsn = database_of("feeds")
        with errors.database(dsn):
            connection = await asyncpg.connect(dsn)
            try:
                await check(connection, DATABASE)
                counts = await connection.fetch(FEEDS["counts"])
                waits = await connection.fetch(SQL["waits"])
                late = await connection.fetchval(SQL["late"])
                unpublished = await connection.fetchval("select count(*) from outbox")
                refused = await connection.fetchval("select count(*) from dead_letters")
                rows = await connection.fetch(SQL["offsets"])
            finally:
                await connection.close()
    except UserError as fault:
        part.lines.append(f"not looked at: {fault}")
        part.data = {"reached": False}
        return part, None
    for row in counts:
        what = f"{row['feed']}: {counted(row['count'], 'message')} {_WORDS[row['status']]}"
        part.troubles.append(f"{what}: run `probation feeds list {row['feed']}`")
    for row in waits:
        words = _WAITS.get(row["what"], row["what"])
        part.lines.append(f"{row['feed']}: {row['number']:,} wait to be told {words}")
    if late:
        part.troubles.append(f"{counted(late, 'message')} waited for too long: a person must decide")
    if unpublished:
        part.lines.append(f"{counted(unpublished, 'event')} to be published")
    if refused:
        part.troubles.append(
            f"Kafka refused {counted(refused, 'event')} of the feeds: see dead_letters in its database"
        )
    if not part.troubles:
        part.lines.append("nothing waits")
    messages: defaultdict[str, dict[str, int]] = defaultdict(dict)
    waiting: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in counts:
        messages[row["feed"]][row["status"]] = row["count"]
    for row in waits:
        waiting[row["feed"]][row["what"]] = row["number"]
    part.data = {"reached": True, "messages": messages, "waiting_for": waiting, "late": late}
    return part, {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def sequences_of_services() -> Part:
    """Gaps in what the services published, which the dashboard looks for as it reads everything."""
    part = Part("sequences of the services")
    try:
        dsn = dashboard_database()
        with errors.database(dsn):
            connection = await asyncpg.connect(dsn)
            try:
                serving = [model for model in await models(connection) if model.serving]
                found = await gaps(connection, serving[0].schema) if serving else None
            finally:
                await connection.close()
    except UserError as fault:
        part.lines.append(f"not known without the dashboard: {fault}")
        return part
    part.data = {"subjects_with_a_gap": found}
    if found is None:
        part.lines.append("not known yet: the dashboard is still reading")
    elif found:
        part.troubles.append(
            f"numbers are missing for {counted(found, 'subject')}: see /system of the dashboard"
        )
    else:
        part.lines.append("no gap")
    return part
