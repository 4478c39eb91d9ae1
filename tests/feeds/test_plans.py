"""However much the sources have sent, no message that comes makes a feed read all of it."""

from __future__ import annotations

import asyncpg

from feeds.postgres import DATABASE, SQL
from shared.database import migrate
from tests.plans import reading_all

FILLED = """
insert into messages (feed, digest, origin, received, attributes, body, status, depends, subjects)
select 'court', sha256(n::text::bytea), '', '2026-01-01', '{}', decode(repeat(md5(n::text), 20), 'hex'),
    case when n % 100 = 0 then 'waiting' else 'done' end, array['pnc:' || n], array['X' || n % 4000 + 1]
from generate_series(1, 12000) as n;
insert into stated (feed, record, part, about, subject, type, key, data, happened, recorded)
select 'court', 'R' || n, '', '', 'X' || n % 4000 + 1, 'SentenceStarted', 'S' || n, '{}', '2026-01-01',
    '2026-01-01'
from generate_series(1, 12000) as n;
insert into versions (feed, record, part, recorded)
select 'court', 'R' || n, '*', '2026-01-01' from generate_series(1, 12000) as n;
insert into facts (subject, type, key, data, happened, recorded)
select 'X' || n % 4000 + 1, 'SentenceStarted', 'S' || n, '{}', '2026-01-01', '2026-01-01'
from generate_series(1, 12000) as n;
analyze;
"""


async def test_no_statement_reads_all_messages_or_all_that_they_said(database: str) -> None:
    await migrate(database, DATABASE)
    connection = await asyncpg.connect(database)
    await connection.execute(FILLED)
    found = await reading_all(connection, SQL, {"messages", "stated", "versions", "facts"})
    await connection.close()
    assert not found
