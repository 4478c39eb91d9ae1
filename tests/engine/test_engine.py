"""The engine on a real database: what one transaction holds, and what it leaves when it fails."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg
import pytest

from shared.database import address, create, migrate
from shared.engine.outbox import headers_of
from shared.engine.packing import form_of
from tests.engine import toy
from tests.engine.conftest import EITHER_WAY
from tests.engine.library import begin, joined, lent, returned, stocked, wanted
from tests.engine.running import Office, Said, again, pool_of
from tools.embedded.choose import Postgres


async def test_the_app_role_may_add_to_the_journal_and_not_change_it(postgres: Postgres) -> None:
    name = f"library_{secrets.token_hex(4)}"
    password = secrets.token_hex(8)
    await create(postgres.dsn(), toy.SERVICE, {"app": password}, database=name)
    try:
        await migrate(address(postgres.dsn(), name), toy.SERVICE)
        app = await asyncpg.connect(address(postgres.dsn(), name, f"{name}_app", password))
        try:
            await app.execute(
                "insert into journal (source, id, subject, type, key, recorded, body)"
                " values ('s', '1', 'Ann', 't', 'k', now(), '')"
            )
            for forbidden in ("update journal set body = 'x'", "delete from journal", "truncate journal"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await app.execute(forbidden)
            assert await app.fetchval("select count(*) from journal") == 1
        finally:
            await app.close()
    finally:
        await _drop(postgres, name)


async def _drop(postgres: Postgres, name: str) -> None:
    connection = await asyncpg.connect(postgres.dsn())
    try:
        await connection.execute(f"drop database if exists {name} with (force)")
        for role in ("migrate", "app", "read", "owner"):
            await connection.execute(f"drop role if exists {name}_{role}")
    finally:
        await connection.close()


async def test_a_batch_and_where_to_read_on_are_stored_together(library: Office) -> None:
    await begin(library)
    before = await library.rows("select * from offsets order by topic")
    assert [(row["topic"], row["next_offset"]) for row in before] == [("clock", 3), ("desk", 2)]
    broken = await _failing_at_the_end(library)
    with pytest.raises(asyncpg.RaiseError):
        await library.take(lent("L1", "2026-03-01", "2026-03-10"))
    assert await library.rows("select * from offsets order by topic") == before
    await broken()
    await library.take(lent("L1", "2026-03-01", "2026-03-10"))
    assert await library.value("select next_offset from offsets where topic = 'desk'") == library.offset + 1


async def _failing_at_the_end(library: Office) -> Callable[[], Awaitable[None]]:
    """Let every batch fail with its last statement, after all else was written; returns how to mend it."""
    async with pool_of(library.engine).acquire() as connection:
        await connection.execute(
            """create function fail() returns trigger language plpgsql as
                $$ begin raise exception 'the disk is full'; end $$;
            create trigger fails before insert or update on offsets for each row execute function fail()"""
        )

    async def mend() -> None:
        async with pool_of(library.engine).acquire() as connection:
            await connection.execute("drop function fail() cascade")

    return mend


async def test_a_batch_that_fails_leaves_nothing_and_may_be_repeated(library: Office) -> None:
    """Not a row, not a dead letter; and somebody new in it is no stranger to the repeat."""
    await begin(library)
    counts = {table: await library.count(table) for table in ("journal", "cases", "outbox", "dead_letters")}
    batch = [
        library.message(joined(who="Bob")),
        library.message(lent("L1", "2026-03-01", "2026-03-10", who="Bob")),
        replace(library.message(joined(who="Cyd")), value=b"{"),
    ]
    mend = await _failing_at_the_end(library)
    tally = replace(library.engine.tally)
    with pytest.raises(asyncpg.RaiseError):
        await library.engine.handle(batch)
    assert {table: await library.count(table) for table in counts} == counts
    assert library.engine.tally == tally
    await mend()
    await library.engine.handle(batch)
    assert len((await library.history()).of("LoanOverdue", "Bob")) == 1
    assert await library.count("dead_letters") == 1
    before = await library.outbox()
    await library.engine.handle(batch)  # as after a crash between the two commits
    assert await library.outbox() == before
    assert await library.count("dead_letters") == 1


async def test_a_dead_letter_is_kept_as_it_came_and_published(library: Office) -> None:
    await begin(library)
    message = replace(
        library.message(joined(who="Bob")), value=b"\xff{", headers=(("content-type", b"x"),), offset=77
    )
    wrong = replace(library.message(lent("L1", "2026-03-01", "2026-03-10")), topic="shelves")
    await library.engine.handle([message, wrong])
    rows = await library.rows("select * from dead_letters order by number")
    assert [(row["reason"], row["topic"], row["offset"]) for row in rows] == [
        ("unreadable", "desk", 77),
        ("wrong_topic", "shelves", wrong.offset),
    ]
    assert rows[0]["value"] == b"\xff{"
    sent = await library.rows("select * from outbox where topic = 'library.dead-letter' order by id")
    assert [(row["key"], row["value"]) for row in sent] == [(b"Bob", b"\xff{"), (b"Ann", wrong.value)]
    headers = dict(headers_of(sent[0]["headers"]))
    assert headers["dead-letter-from"] == b"desk/0/77"
    assert headers["dead-letter-reason"] == b"unreadable"
    assert headers["content-type"] == b"x"


async def test_each_event_is_followed_by_what_it_changes_of_those_that_stand(library: Office) -> None:
    await begin(library)
    await library.take(lent("L1", "2026-03-01", "2026-03-10"))
    await library.take(returned("L1", "2026-03-09"))
    rows = await library.rows("select topic, key, value from outbox order by id")
    events = [json.loads(row["value"]) for row in rows[::2]]
    assert "Withdrawn" in {event["type"] for event in events}
    for event, row, kept in zip(events, rows[::2], rows[1::2], strict=True):
        gone = event["type"] == "Withdrawn"
        named = event["data"]["withdraws"] if gone else event["id"]
        assert (row["topic"], row["key"]) == ("library", event["subject"].encode())
        assert (kept["topic"], kept["key"]) == ("library.standing", named.encode())
        assert kept["value"] == (None if gone else row["value"])


async def test_refused_messages_are_told_to_the_log_by_reason_and_without_content(
    library: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await begin(library)
    broken = [replace(library.message(joined(who="Bob")), value=b"{Bob", offset=n) for n in (77, 78)]
    await library.engine.handle(broken)
    (record,) = [r for r in caplog.records if r.levelname == "WARNING"]
    assert vars(record)["reasons"] == {"unreadable": 2}
    assert vars(record)["first"] == "desk/0/77"
    assert "Bob" not in str(vars(record))


async def test_a_topic_made_anew_is_read_from_its_start(library: Office) -> None:
    await begin(library)
    newer = replace(library.message(joined(who="Bob")), incarnation="two", offset=0)
    await library.engine.handle([newer])
    row = (await library.rows("select incarnation, next_offset from offsets where topic = 'desk'"))[0]
    assert tuple(row) == ("two", 1)


@pytest.mark.parametrize(
    ("day", "latest", "explanation"),
    [
        ("2026-03-22", "2026-03-31", "2026-03-22 does not follow 2026-03-20"),
        ("2199-12-31", "2026-03-31", "2199-12-31 has not begun in London yet"),
    ],
)
async def test_a_day_that_cannot_be_is_refused(
    library: Office, day: str, latest: str, explanation: str
) -> None:
    """A wrong day would fire every deadline up to it."""
    await begin(library)
    await library.take(lent("L1", "2026-03-01", "2026-03-25"))
    before = await library.outbox()
    library.latest = date.fromisoformat(latest)
    library.engine._latest_day = lambda: library.latest
    await library.day(day)
    assert await library.value("select day from clock") == date(2026, 3, 20)
    assert await library.outbox() == before
    row = (await library.rows("select reason, explanation from dead_letters"))[0]
    assert row["reason"] == "clock_refused"
    assert row["explanation"].startswith(explanation)


async def test_an_early_day_waits_until_it_comes_in_london(
    library: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The ticker's clock is ahead, or the service's is behind: neither may stop time."""
    await begin(library)
    await library.take(lent("L1", "2026-03-01", "2026-03-20"))
    library.latest = date(2026, 3, 20)
    for day in ("2026-03-21", "2026-03-22", "2026-03-21"):
        await library.day(day)
    assert await library.value("select day from clock") == date(2026, 3, 20)
    assert await library.count("dead_letters") == 0
    early = [vars(r)["day"] for r in caplog.records if "announced early" in r.message]
    assert early == ["2026-03-21", "2026-03-22"]

    for latest in (date(2026, 3, 21), date(2026, 3, 22)):
        library.latest = latest
        await library.engine.begin_days()
        assert await library.value("select day from clock") == latest
    assert len((await library.history()).of("LoanOverdue")) == 1
    assert await library.count("announced_days") == 0


async def test_before_the_first_day_an_early_one_waits_too(library: Office) -> None:
    library.latest = date(2026, 3, 19)
    await library.day("2026-03-20")
    assert await library.value("select day from clock") is None
    library.latest = date(2026, 3, 20)
    await library.engine.begin_days()
    assert await library.value("select day from clock") == date(2026, 3, 20)


async def test_a_day_that_was_refused_begins_once_the_days_before_it_have_come(library: Office) -> None:
    await begin(library)
    for day in ("2026-03-22", "2026-03-23", "2026-03-22"):
        await library.day(day)
    assert await library.value("select day from clock") == date(2026, 3, 20)
    assert await library.count("dead_letters") == 2  # each is told once, however often it comes
    await library.day("2026-03-21")
    assert await library.value("select day from clock") == date(2026, 3, 23)


async def test_a_kept_day_begins_when_another_instance_looks(library: Office) -> None:
    """The instance that kept it may be gone."""
    await begin(library)
    library.latest = date(2026, 3, 20)
    await library.day("2026-03-21")
    other = again(library.engine)
    await other.start()
    await other.begin_days()
    assert await library.value("select day from clock") == date(2026, 3, 21)


async def test_a_day_again_or_an_earlier_one_changes_nothing(library: Office) -> None:
    await begin(library)
    await library.day("2026-03-20")
    await library.day("2026-03-01")
    assert await library.value("select day from clock") == date(2026, 3, 20)
    assert await library.count("dead_letters") == 0


async def test_several_days_may_come_in_one_batch_in_order(library: Office) -> None:
    await begin(library)
    await library.take(lent("L1", "2026-03-01", "2026-03-22"))
    await library.engine.handle([library.morning(day) for day in ("2026-03-21", "2026-03-22", "2026-03-23")])
    assert await library.value("select day from clock") == date(2026, 3, 23)
    overdue = (await library.history()).events[-1]
    assert (overdue["type"], overdue["causationid"]) == ("LoanOverdue", "day-2026-03-23")


@EITHER_WAY
async def test_before_the_first_day_facts_are_only_joined(library: Office) -> None:
    await library.take(joined(), stocked("A", 1), lent("L1", "2026-03-01", "2026-03-10"), wanted("W1"))
    assert await library.outbox() == []
    await library.day("2026-03-20")
    history = await library.history()
    assert (len(history.of("LoanOverdue")), len(history.of("CopyLent"))) == (1, 1)


async def test_quarantine_and_recheck_give_what_an_undisturbed_run_gives(
    library: Office, opened: Callable[..., Awaitable[Office]], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [
        [joined(), joined(who="Bob"), stocked("A", 2)],
        [lent("L1", "2026-03-01", "2026-03-10"), wanted("W1"), lent("L2", "2026-03-01", "2026-03-25")],
        [returned("L1", "2026-03-12"), lent("L3", "2026-03-01", "2026-03-10", who="Bob")],
    ]
    sound = await opened()
    for batch in told:
        await sound.take(*batch)
    await sound.until_from_nothing("2026-03-20", "2026-03-27")

    await library.take(*told[0])
    await library.day("2026-03-20")
    with monkeypatch.context() as broken:
        broken.setattr(toy, "_loan", _raises_for_ann())
        await library.take(*told[1])
        assert await library.engine.quarantined() == ["Ann"]
        await library.until("2026-03-24")
    await library.take(*told[2])
    assert await library.value("select count(*) from journal where subject = 'Ann'") == 5
    await library.until("2026-03-27")
    assert not (await library.history()).of("FineDue")
    assert await library.engine.recheck("Ann") is None
    # But for the day on which the copy was lent: a decision is taken when it can be.
    assert _undecided(await library.standing()) == _undecided(await sound.standing())
    assert await _claims(library) == await _claims(sound) == {"A": {"Emma": 1}}


def _raises_for_ann() -> Any:
    sound = toy._loan

    def broken(view: toy.MemberView, *arguments: Any) -> Any:
        if view.case.subject == "Ann":
            raise LookupError("nobody foresaw this")
        return sound(view, *arguments)

    return broken


async def test_recheck_says_what_is_still_wrong(library: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await begin(library)
    with monkeypatch.context() as broken:
        broken.setattr(toy, "_loan", _raises_for_ann())
        await library.take(lent("L1", "2026-03-01", "2026-03-10"))
        wrong = await library.engine.recheck("Ann")
        assert wrong is not None
        assert wrong.startswith("LookupError in broken")
        assert "foresaw" not in wrong  # the text may speak of a person
        assert await library.engine.quarantined() == ["Ann"]
    assert await library.engine.recheck("Ann") is None
    assert len((await library.history()).of("LoanOverdue")) == 1


def _undecided(standing: Counter[Said]) -> Counter[Said]:
    return Counter({said: n for said, n in standing.items() if said[1] != "CopyLent"})


async def _claims(library: Office) -> dict[str, dict[str, int]]:
    """What the shelves think is used of them."""
    found = {}
    for row in await library.rows("select subject, state from cases where kind = 'shelf'"):
        found[row["subject"]] = form_of(toy.SERVICE.entities[0]).case(row["state"]).case.used
    return found


async def test_another_release_is_told_apart_and_an_old_one_restarted_is_new(library: Office) -> None:
    """The same release started again assesses nothing; whichever release started last is at work."""
    await begin(library)
    same = again(library.engine)
    await same.start()
    await same.sweep()
    assert same.tally.swept == 0
    assert same.release.number == library.engine.release.number
