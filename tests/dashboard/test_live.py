"""Open pages are told when something changed for them, and of nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from schemas.parsing import parse
from services.dashboard.web import changes
from services.dashboard.web.access import REGIONS, Viewer
from services.dashboard.web.changes import Changes, Page
from services.dashboard.web.questions import Questions, Version, version_of
from tests.dashboard.conftest import KEY, Caseload, Read, day, messages
from tests.dashboard.running import running
from tests.dashboard.site import Site, a_person
from tools.embedded import choose

TOLD = "event: changed"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls follow each other closely, and each is heard."""
    monkeypatch.setattr(changes, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(changes, "HEARTBEAT_SECONDS", 0.0)


class Listener:
    """An open page that notes what it hears."""

    def __init__(self, following: Changes, viewer: Viewer, case: str | None, since: Version | None) -> None:
        self.heard: list[str] = []
        self._something = asyncio.Condition()
        self._stream = following.stream(Page(viewer, case, since), lambda fresh: f"<p>{fresh.version}</p>")
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for event in self._stream:
            async with self._something:
                self.heard.append(event)
                self._something.notify_all()

    @property
    def told(self) -> int:
        """How often it was told to look again."""
        return sum(event.startswith(TOLD) for event in self.heard)

    async def until_told(self, times: int = 1) -> None:
        async with asyncio.timeout(20), self._something:
            await self._something.wait_for(lambda: self.told >= times)

    async def until_it_hears_of(self, version: Version) -> None:
        """Wait until it hears twice that facts are of this version: what it is told of it comes before."""
        async with asyncio.timeout(20), self._something:
            await self._something.wait_for(lambda: self.heard.count(f"data: <p>{version}</p>\n\n") > 1)


class Listening:
    """What follows a read model, and the pages that listen."""

    def __init__(self, read: Read, questions: Questions) -> None:
        self.read = read
        self.following = Changes(questions)
        self._listeners: list[Listener] = []

    async def version(self) -> Version:
        [state] = await self.read.rows("select version from state")
        return Version(self.read.model.id, state["version"])

    async def page(self, viewer: Viewer, case: str | None = None) -> Listener:
        """A page that was just made."""
        return self.listen(viewer, case, await self.version())

    def listen(self, viewer: Viewer, case: str | None, since: Version | None) -> Listener:
        found = Listener(self.following, viewer, case, since)
        self._listeners.append(found)
        return found

    def forget(self, page: Listener) -> None:
        self._listeners.remove(page)

    async def close(self) -> None:
        await self.following.close()
        await asyncio.gather(*(one.task for one in self._listeners))


@pytest.fixture
async def listening(read: Read, played: Caseload) -> AsyncIterator[Listening]:
    """Pages can listen to a read model with the caseload."""
    await read.take(played.messages)
    await read.serve()
    pool = asyncpg.create_pool(read.dsn, min_size=0, max_size=2)
    await pool
    found = Listening(read, Questions(pool, KEY))
    yield found
    await found.close()
    pool.terminate()


def a_new_item(
    played: Caseload, region: str, subject: str = "X999001", number: int = 1, **data: Any
) -> bytes:
    """A sentence to allocate in a region; of a person not known before, unless one is given."""
    line = next(line for line in played.published if parse(line).type == "AllocationDue")
    event = json.loads(line)
    event |= {"id": f"new-{region}-{number}", "subject": subject, "partitionkey": subject}
    event |= {"sequence": f"{number:010}"}
    event["data"] |= {"region": region, "pdu": "A new unit", **data}
    return json.dumps(event).encode()


def of_region(*regions: str) -> Viewer:
    return Viewer("R1", "region", regions)


async def test_a_page_is_told_of_a_change_in_its_place_and_not_of_one_elsewhere(
    listening: Listening, played: Caseload
) -> None:
    here, elsewhere = await listening.page(of_region("london")), await listening.page(of_region("wales"))
    national = await listening.page(Viewer("N1", "national"))
    await here.until_it_hears_of(await listening.version())
    await listening.read.take(messages([a_new_item(played, "london")]))
    await here.until_told()
    await national.until_told()
    await elsewhere.until_it_hears_of(await listening.version())
    assert elsewhere.told == 0


async def test_a_manager_is_told_of_their_own_delivery_unit_only(
    listening: Listening, played: Caseload
) -> None:
    mine = await listening.page(Viewer("M1", "manager", ("london",), "a new unit"))
    other = await listening.page(Viewer("M2", "manager", ("london",), "another unit"))
    await mine.until_it_hears_of(await listening.version())
    await listening.read.take(messages([a_new_item(played, "london")]))
    await mine.until_told()
    await other.until_it_hears_of(await listening.version())
    assert other.told == 0


async def test_a_practitioner_is_told_of_their_own_case_wherever_it_is(
    listening: Listening, played: Caseload
) -> None:
    [row] = await listening.read.rows(
        "select subject, sentence_id, practitioner_id, region from responsible order by subject limit 1"
    )
    region = next(region for region in REGIONS if region != row["region"])
    practitioner = await listening.page(
        Viewer(row["practitioner_id"], "practitioner", (region,), "their own unit")
    )
    await practitioner.until_it_hears_of(await listening.version())
    item = a_new_item(played, row["region"], row["subject"], 99, sentence_id=row["sentence_id"])
    await listening.read.take(messages([item]))
    await practitioner.until_told()


async def test_a_case_that_is_open_is_told_of_its_own_changes_only(
    listening: Listening, played: Caseload
) -> None:
    [one, other] = await listening.read.rows(
        "select distinct subject, token, region from responsible join subjects using (subject) limit 2"
    )
    mine = await listening.page(of_region(*REGIONS), one["token"])
    others = await listening.page(of_region(*REGIONS), other["token"])
    await mine.until_it_hears_of(await listening.version())
    await listening.read.take(messages([a_new_item(played, one["region"], one["subject"], 99)]))
    await mine.until_told()
    await others.until_it_hears_of(await listening.version())
    assert others.told == 0


async def test_a_page_that_missed_a_change_is_told_when_it_comes_back(
    listening: Listening, played: Caseload
) -> None:
    before = await listening.version()
    first = await listening.page(of_region("london"))
    await first.until_it_hears_of(before)
    await listening.read.take(messages([a_new_item(played, "london")]))
    await first.until_told()
    await listening.listen(of_region("london"), None, before).until_told()
    await listening.listen(of_region("london"), None, None).until_told()
    here = await listening.page(of_region("london"))
    await here.until_it_hears_of(await listening.version())
    assert here.told == 0


async def test_what_comes_twice_is_no_change(listening: Listening, played: Caseload) -> None:
    page = await listening.page(of_region(*REGIONS))
    await page.until_it_hears_of(await listening.version())
    await listening.read.take(played.messages[::3])
    assert page.told == 0
    await page.until_it_hears_of(await listening.version())
    assert page.told == 0


async def test_when_a_day_begins_every_page_is_told(listening: Listening) -> None:
    page = await listening.page(of_region("london"))
    await page.until_it_hears_of(await listening.version())
    await listening.read.take(messages([day("2025-12-31")]))
    await page.until_told()


async def test_a_page_is_not_told_again_at_once(listening: Listening, played: Caseload) -> None:
    page = await listening.page(of_region("london", "wales"))
    await page.until_it_hears_of(await listening.version())
    await listening.read.take(messages([a_new_item(played, "london")]))
    await page.until_told()
    await listening.read.take(messages([a_new_item(played, "wales")]))
    await page.until_it_hears_of(await listening.version())
    assert page.told == 1


async def test_many_pages_are_told_one_after_the_other(
    listening: Listening, played: Caseload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "AT_ONCE", 2)
    pages = [await listening.page(of_region("london")) for _ in range(5)]
    version = await listening.version()
    await asyncio.gather(*(page.until_it_hears_of(version) for page in pages))
    await listening.read.take(messages([a_new_item(played, "london")]))
    await asyncio.gather(*(page.until_told() for page in pages))
    assert [page.told for page in pages] == [1] * 5


async def test_nothing_is_asked_of_the_database_when_no_page_is_open(listening: Listening) -> None:
    page = await listening.page(of_region("london"))
    await page.until_it_hears_of(await listening.version())
    assert listening.following.pages == 1
    page.task.cancel()
    await asyncio.wait([page.task])
    assert listening.following.pages == 0
    assert listening.following._polling is not None
    async with asyncio.timeout(20):
        await listening.following._polling
    listening.forget(page)


async def test_another_model_that_serves_is_a_change(listening: Listening, played: Caseload) -> None:
    page = await listening.page(of_region("london"))
    await page.until_it_hears_of(await listening.version())
    from services.dashboard.model import generations

    model = await generations.build(listening.read.connection)
    await generations.serve(listening.read.connection, model)
    await page.until_told()


async def test_the_stream_is_for_those_who_may_see_the_page(site: Site) -> None:
    person = await a_person(site)
    other = "wales" if person["region"] != "wales" else "london"
    assert (await site.get("/changes")).status == 401
    refused = await site.get(f"/changes?case={person['token']}", **site.region(other))
    assert refused.status == 403
    assert (await site.get("/changes?case=unknown", **site.region(other))).status == 403


@pytest.mark.parametrize("text", ["", "x", "1", "1.", ".1", "1.x", "-1.1", "1." + "1" * 50])
def test_what_is_no_version_is_none(text: str) -> None:
    assert version_of(text) is None
    assert version_of("3.14") == Version(3, 14)


async def test_streams_end_at_once_when_the_dashboard_stops(
    kafka: choose.Kafka, database: str, topic_prefix: str
) -> None:
    on = await running(kafka, database, topic_prefix)
    async with on.dashboard():
        await on.until_it_serves()
        reader, writer = await asyncio.open_connection("127.0.0.1", on.settings.http_port)
        writer.write(b"GET /changes HTTP/1.1\r\nhost: x\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert "content-type: text/event-stream" in head
        assert "cache-control: no-store" in head
        assert "x-accel-buffering: no" in head
        await reader.readuntil(b"Facts up to")
        stopped = asyncio.get_running_loop().time()
    rest = await asyncio.wait_for(reader.read(), 5)
    assert rest.endswith(b"0\r\n\r\n"), "the stream ended in order"
    assert asyncio.get_running_loop().time() - stopped < 5, "it did not wait for the server to lose patience"
    writer.close()
