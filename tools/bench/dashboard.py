"""The dashboard with a national caseload: pages for 20 readers, and live updates for 500 open pages.

The dashboard runs as in production, as a process of its own, but without a broker: it serves what its read
model has. Readers ask over HTTP, each for one page after the other, with a second in between. Then pages are
held open, a day begins, and the time counts until each page has been told and has its content anew.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from services.dashboard.model.taking import Taker
from services.dashboard.web.access import REGIONS
from shared.settings import DEVELOPMENT_ERASURE_KEY
from tools.bench.national import DATABASE_NAME, TRIAL, National, message, national
from tools.bench.world import used
from tools.clock import day_started
from tools.embedded.database import EmbeddedPostgres, machine_binaries
from tools.embedded.process import Process, accepts, free_port

READERS = 20
PAUSE_SECONDS = 1.0
"""Between two pages of a reader."""
LIMIT_SECONDS = 120
"""By when every open page must have its content."""


@dataclass(frozen=True)
class PageTimes:
    """How long one kind of page took: milliseconds, sorted; and its processor time in milliseconds."""

    name: str
    milliseconds: Sequence[float]
    processor: float = 0.0

    def quantile(self, share: float) -> float:
        """The time within which this share of the pages was there."""
        return self.milliseconds[max(0, math.ceil(share * len(self.milliseconds)) - 1)]


@dataclass(frozen=True)
class Live:
    """How long it took until the last of the open pages was told of a change, and until it had its content.

    `idle` is the processor time that the dashboard and PostgreSQL use for the open pages in a second in which
    nothing changes.
    """

    pages: int
    told_seconds: float
    shown_seconds: float
    idle: float


@dataclass(frozen=True)
class Measured:
    """All that was measured. `rate` is how many pages a second one process makes if no reader pauses."""

    held: National
    postgres: str
    """The version of PostgreSQL."""
    pages: Sequence[PageTimes]
    rate: float
    live: Live

    @property
    def all(self) -> PageTimes:
        """All kinds of pages together."""
        times = sorted(itertools.chain.from_iterable(page.milliseconds for page in self.pages))
        processor = sum(page.processor for page in self.pages) / len(self.pages)
        return PageTimes("all pages", times, processor)


class Browser:
    """A connection that asks for one page after the other."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, headers: Mapping[str, str]) -> bytes:
        """The content of a page."""
        reader = await self.ask(path, headers)
        head = await reader.readuntil(b"\r\n\r\n")
        status, fields = head.split(b"\r\n", 1)
        assert status.endswith(b"200 OK"), f"{path}: {status.decode()}"
        length = next(f for f in fields.lower().split(b"\r\n") if f.startswith(b"content-length:"))
        return await reader.readexactly(int(length.partition(b":")[2]))

    async def ask(self, path: str, headers: Mapping[str, str]) -> asyncio.StreamReader:
        """Send a request."""
        if self._stream is None:
            self._stream = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._stream
        lines = [f"GET {path} HTTP/1.1", "host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await writer.drain()
        return reader

    def close(self) -> None:
        if self._stream:
            self._stream[1].close()


@dataclass(frozen=True)
class Kind:
    """A kind of page: the addresses, and who asks."""

    name: str
    paths: Sequence[str]
    headers: Mapping[str, str]


def who(role: str, region: str, pdu: str = "", user: str = "R1") -> dict[str, str]:
    """The headers of somebody who asks."""
    found = {"user": user, "role": role, "region": region, "pdu": quote(pdu)}
    return {f"x-probation-{name}": value for name, value in found.items() if value}


async def kinds(connection: asyncpg.Connection[Any], schema: str) -> list[Kind]:
    """The pages to ask for: of the whole country, a region, a delivery unit, a practitioner, a person."""
    await connection.execute(f"set search_path to {schema}")
    units = await connection.fetch("select region, pdu from units order by random() limit 20")
    staff = await connection.fetch(
        "select practitioner_id, region, pdu from practitioners where people > 0 order by random() limit 20"
    )
    tokens = await connection.fetch(
        "select s.token from subjects s join responsible r using (subject) "
        "where exists (select from events e where e.subject = s.subject) order by s.token limit 200"
    )
    everywhere, national = who("region", ",".join(REGIONS)), who("national", "")
    london, unit, one = who("region", "london"), units[0], staff[0]
    manager = who("manager", unit["region"], unit["pdu"])
    practitioner = who("practitioner", one["region"], one["pdu"], one["practitioner_id"])
    people = [f"/cases/{row['token']}" for row in tokens]
    theirs = [f"/?practitioner={quote(row['practitioner_id'])}" for row in staff]
    places = [f"/?region={row['region']}&pdu={quote(row['pdu'])}" for row in units]
    late = "/?when=overdue&page=10"
    return [
        Kind("today: the country, numbers only", ["/"], national),
        Kind("today: all regions", ["/"], everywhere),
        Kind("today: all regions, page 10 of what is overdue", [late], everywhere),
        Kind(
            "today: all regions, one kind", ["/?kind=BreachRequired", "/?kind=HomeVisitRequired"], everywhere
        ),
        Kind("today: all regions, one team", ["/?team=short_sentence"], everywhere),
        Kind("today: a region", ["/", "/?when=today", "/?when=undated"], london),
        Kind("today: a delivery unit", places, everywhere),
        Kind("today: a manager", ["/"], manager),
        Kind("today: a practitioner's cases", theirs, everywhere),
        Kind("today: a practitioner's delivery unit", ["/?page=1"], practitioner),
        Kind("workload: the country, numbers only", ["/workload"], national),
        Kind("workload: all regions", ["/workload", "/workload?page=10"], everywhere),
        Kind("workload: a region", ["/workload"], london),
        Kind("workload: a manager", ["/workload"], manager),
        Kind("performance: the country", ["/performance", "/performance?months=24"], national),
        Kind("performance: a delivery unit", ["/performance"], manager),
        Kind("performance: one measure, the country", ["/performance/one-practitioner-throughout"], national),
        Kind("performance: one measure, a region", ["/performance/sentences-allocated-on-time"], london),
        Kind("equalities: the country", ["/equalities", "/equalities?group=minority_ethnic"], national),
        Kind("needs: the country", ["/needs"], national),
        Kind("what if: the country, numbers only", [f"/what-if/{TRIAL}"], national),
        Kind("what if: all regions", [f"/what-if/{TRIAL}", f"/what-if/{TRIAL}?page=10"], everywhere),
        Kind("what if: a delivery unit", [f"/what-if/{TRIAL}"], manager),
        Kind("a case", people, everywhere),
        Kind("system", ["/system"], everywhere),
    ]


async def read_pages(
    port: int, found: Sequence[Kind], seconds: float, pause: float
) -> tuple[list[PageTimes], float]:
    """Let the readers ask for pages. Returns the times by kind, and the pages a second."""
    times: dict[str, list[float]] = {kind.name: [] for kind in found}
    begin = time.monotonic()

    async def reader(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - not secret
        browser = Browser(port)
        await asyncio.sleep(pause * number / READERS)
        while time.monotonic() - begin < seconds:
            kind = chance.choice(found)
            path = chance.choice(kind.paths)
            asked = time.monotonic()
            await browser.get(path, kind.headers)
            times[kind.name].append((time.monotonic() - asked) * 1000)
            await asyncio.sleep(pause)
        browser.close()

    await asyncio.gather(*(reader(number) for number in range(READERS)))
    rate = sum(map(len, times.values())) / (time.monotonic() - begin)
    return [PageTimes(name, sorted(some)) for name, some in times.items() if some], rate


async def processor_time(port: int, kind: Kind, busy: Callable[[], float]) -> float:
    """The processor time of a page, of the dashboard and PostgreSQL, in milliseconds."""
    browser, times = Browser(port), 40
    before = busy()
    for number in range(times):
        await browser.get(kind.paths[number % len(kind.paths)], kind.headers)
    browser.close()
    return (busy() - before) / times * 1000


async def open_pages(port: int, pages: int, begin_day: Callable[[], Any], busy: Callable[[], float]) -> Live:
    """Hold pages open, let a day begin, and wait until all have their content anew."""
    ready, begun = asyncio.Semaphore(0), asyncio.Event()
    told, shown = list[float](), list[float]()

    async def page(number: int) -> None:
        headers = who("region", REGIONS[number % len(REGIONS)])
        stream, browser = Browser(port), Browser(port)
        reader = await stream.ask("/changes", headers)
        await reader.readuntil(b"event: changed")  # a page that says no version is told at once
        await reader.readuntil(b"Facts up to")
        ready.release()
        await begun.wait()
        await reader.readuntil(b"event: changed")
        told.append(time.monotonic())
        await browser.get("/", headers)
        shown.append(time.monotonic())
        stream.close()
        browser.close()

    tasks = [asyncio.create_task(page(number)) for number in range(pages)]
    for _ in range(pages):
        await ready.acquire()
    await asyncio.sleep(10)  # they can be told again
    before, at = busy(), time.monotonic()
    await asyncio.sleep(10)
    idle = (busy() - before) / (time.monotonic() - at)
    begun.set()
    await begin_day()
    begin = time.monotonic()
    async with asyncio.timeout(LIMIT_SECONDS):
        await asyncio.gather(*tasks)
    return Live(pages, max(told) - begin, max(shown) - begin, idle)


@asynccontextmanager
async def serving(postgres: EmbeddedPostgres, log: Path) -> AsyncIterator[tuple[Process, int]]:
    """The dashboard as a process, and its port."""
    port = free_port()
    process = Process(
        "dashboard",
        [sys.executable, "-m", "tools.cli", "serve", "dashboard"],
        log=log,
        environment=os.environ
        | {
            "PROBATION_DATABASE_URL": postgres.dsn(DATABASE_NAME),
            "PROBATION_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}",  # nobody is there
            "PROBATION_ENVIRONMENT": "development",
            "PROBATION_HTTP_HOST": "127.0.0.1",
            "PROBATION_HTTP_PORT": str(port),
        },
    )
    try:
        process.wait_until(lambda: accepts(port), seconds=60)
        yield process, port
    finally:
        process.end("stop")


async def dashboard(people: int, pages: int, seconds: float, say: Callable[[str], None]) -> Measured:
    """Fill a read model with so many people, and measure."""
    with EmbeddedPostgres(binaries=machine_binaries(), fsync=True) as postgres:
        held = await national(postgres, people, DEVELOPMENT_ERASURE_KEY, say)
        return await measure(postgres, held, pages, seconds, say)


async def measure(
    postgres: EmbeddedPostgres, held: National, pages: int, seconds: float, say: Callable[[str], None]
) -> Measured:
    """Measure with the read model that there is."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="probation-bench-")))
        connection = await asyncpg.connect(postgres.dsn(DATABASE_NAME))
        stack.callback(connection.terminate)
        async with serving(postgres, folder / "dashboard.log") as (process, port):
            found = await kinds(connection, held.schema)

            def busy(dashboard: int = process.pid, database: int = postgres.pid or 0) -> float:
                return used(dashboard) + used(database)

            say(f"{READERS} readers")
            await read_pages(port, found, seconds / 3, PAUSE_SECONDS)  # warms up
            times, _ = await read_pages(port, found, seconds, PAUSE_SECONDS)
            used_by = {kind.name: await processor_time(port, kind, busy) for kind in found}
            times = [replace(page, processor=used_by[page.name]) for page in times]
            say("without pauses")
            _, rate = await read_pages(port, found, seconds / 3, 0)
            say(f"{pages} open pages")
            live = await open_pages(
                port,
                pages,
                lambda: _begin_day(connection, held),
                busy,
            )
        version: str = await connection.fetchval("show server_version")
    return Measured(held, version, times, rate, live)


async def _begin_day(connection: asyncpg.Connection[Any], held: National) -> None:
    taker = Taker(held.schema, DEVELOPMENT_ERASURE_KEY)
    await taker.take(connection, [message(day_started(held.day + timedelta(days=1)))])
