"""The pages, asked without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import asyncpg

from services.dashboard.settings import DashboardSettings
from services.dashboard.web.app import web
from services.dashboard.web.changes import Changes
from services.dashboard.web.questions import Questions

if TYPE_CHECKING:
    from tests.dashboard.conftest import Caseload, Read

PROXY_KEY = "key of the tests' proxy"


@dataclass
class Answer:
    """What a browser gets."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Site:
    """The pages, asked without a network."""

    app: Any
    read: Read
    played: Caseload

    async def get(self, address: str, **who: str) -> Answer:
        return await self._ask("GET", address, who, b"")

    async def post(self, address: str, form: Mapping[str, str], **who: str) -> Answer:
        return await self._ask("POST", address, who, urlencode(form).encode())

    async def _ask(self, method: str, address: str, who: dict[str, str], body: bytes) -> Answer:
        parts = urlsplit(address)
        cookie = who.pop("cookie", None)
        headers = {"x-probation-" + name.replace("_", "-"): value for name, value in who.items()}
        headers |= {"cookie": cookie} if cookie else {}
        scope = {
            "type": "http",
            "method": method,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "root_path": "",
            "scheme": "http",
            "server": ("test", 80),
            "client": ("test", 1),
            "http_version": "1.1",
        }
        said: list[dict[str, Any]] = []

        requests = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not requests:
                await asyncio.Event().wait()
            return requests.pop()

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        await self.app(scope, receive, send)
        start, *rest = said
        text = b"".join(message.get("body", b"") for message in rest).decode()
        return Answer(start["status"], {n.decode(): v.decode() for n, v in start["headers"]}, text)

    def region(self, region: str, **more: str) -> dict[str, str]:
        return {"user": "R1", "role": "region", "region": region, "proxy_key": PROXY_KEY, **more}


@asynccontextmanager
async def asked(read: Read, played: Caseload, key: bytes) -> AsyncIterator[Site]:
    """The pages of a read model, inside the block."""
    settings = DashboardSettings.model_validate(
        {
            "kafka_bootstrap_servers": "localhost:9092",
            "database_url": read.dsn,
            "dashboard_proxy_key": PROXY_KEY,
            "erasure_key": key.decode(),
        }
    )
    pool = asyncpg.create_pool(read.dsn, min_size=0, max_size=4)
    await pool
    questions = Questions(pool, key)
    yield Site(web(questions, Changes(questions), settings, None), read, played)
    pool.terminate()


async def a_person(site: Site) -> dict[str, Any]:
    """A person with something open, where they are supervised, and what stands for them in addresses."""
    rows = await site.read.rows(
        "select r.subject, s.token, r.region, r.pdu, r.practitioner_id from responsible r "
        "join subjects s using (subject) join open_items i using (subject) "
        "where i.region = r.region and i.pdu = r.pdu order by r.subject limit 1"
    )
    return rows[0]
