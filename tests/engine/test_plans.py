"""However many people a service has, none of its statements reads all that it holds about all of them."""

from __future__ import annotations

import asyncpg

from services.referrals.app import SERVICE
from shared.database import migrate
from shared.engine.queries import SQL
from shared.engine.relay import SQL as OF_RELAY
from shared.runtime.service import SQL as OF_MONITOR
from tests.plans import reading_all

FILLED = """
update clock set day = '2026-01-10', release = 2, rules_since = 1;
insert into cases (subject, kind, sequence, release, assessed_on, wake_on, pools, waiting, state)
select 'X' || n, 'person', 6, 2, '2026-01-10', date '2026-01-11' + n % 90, '{}',
    case when n % 200 = 0 then array['pool ' || n % 50] end, decode(repeat(md5(n::text), 40), 'hex')
from generate_series(1, 20000) as n;
insert into cases (subject, kind, sequence, release, assessed_on, pools, state)
select 'P' || n, 'provider', 1, 2, '2026-01-10', array['pool ' || n], decode(md5(n::text), 'hex')
from generate_series(1, 500) as n;
insert into journal (source, id, subject, type, key, month, recorded, day, body)
select 'feed', 'E' || n, 'X' || n % 20000 + 1, 'ContactRecorded', 'ContactRecorded/' || n, 24300 + n % 3,
    '2026-01-01', '2026-01-01', decode(repeat(md5(n::text), 10), 'hex')
from generate_series(1, 60000) as n;
insert into months (subject, month, state)
select 'X' || person, 24300 + month, decode(repeat(md5(person::text), 10), 'hex')
from generate_series(1, 20000) as person, generate_series(0, 2) as month;
insert into published (subject, sequence, value, headers)
select 'X' || person, sequence, decode(repeat(md5(person::text), 10), 'hex'), ''
from generate_series(1, 20000) as person, generate_series(1, 3) as sequence;
analyze;
"""
"""Twenty thousand people. PostgreSQL does not know the day, and expects a third of them to be due on it."""

OF_MANY = {"claims", "take_over_due"}
"""Those that may: an entity's case is joined anew, or all that are due because the database went back."""


async def test_no_statement_reads_the_cases_or_the_history_of_everyone(database: str) -> None:
    await migrate(database, SERVICE)
    connection = await asyncpg.connect(database)
    await connection.execute(FILLED)
    statements = {f"{name} (monitor)": statement for name, statement in OF_MONITOR.items()}
    statements |= {f"{name} (relay)": statement for name, statement in OF_RELAY.items()} | SQL
    found = await reading_all(connection, statements, {"cases", "journal", "months", "published"})
    await connection.close()
    assert found == OF_MANY
