"""Fetches the detail that a thin event points at: with time-outs, retries and a short cache.

Only addresses below those in the settings are called, and redirects are not followed: a message must not be
able to make us call anything else.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import httpx

from feeds.message import Untranslatable
from shared.waiting import full_jitter

TRIES = 4
"""How often an address is called before the message waits."""

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
CACHED_SECONDS = 5.0
"""How long an answer serves other messages about the same thing, which often come together."""

MOST_BYTES = 4_000_000
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_GONE = frozenset({404, 410})

_RELATIVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*(/[A-Za-z0-9][A-Za-z0-9._@+-]*)*")

NOTHING = b""
"""In place of the detail: the source no longer has it."""


class Unavailable(Exception):
    """The source does not answer, or refuses us. The message waits."""


class Details:
    """A client for the details. Close it at the end."""

    def __init__(
        self,
        allowed: Sequence[str],
        token: str | None = None,
        *,
        pause: Callable[[int], float] = full_jitter,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        self._client = httpx.AsyncClient(timeout=TIMEOUT, headers=headers, follow_redirects=False)
        self._allowed = tuple(allowed)
        self._pause = pause
        self._clock = clock
        self._answers: dict[str, tuple[float, bytes]] = {}

    async def fetch(self, url: str) -> bytes:
        """What is at an address; `NOTHING` if it is gone. It may be below the first that may be called.

        Raises `Unavailable` if it does not answer, and `Untranslatable` if it may not be called.
        """
        if self._allowed and _RELATIVE.fullmatch(url):
            url = self._allowed[0] + url
        if not self._allowed:
            raise Untranslatable(
                "detailUrl",
                "may not be called, because no address is set",
                "set PROBATION_FEED_DETAIL_URLS to the address of the source's API and start the feed again",
            )
        if not self._may_call(url):
            raise Untranslatable(
                "detailUrl",
                "is not below an address that may be called",
                "add its beginning to PROBATION_FEED_DETAIL_URLS if it is right, and start the feed again",
            )
        now = self._clock()
        self._answers = {u: kept for u, kept in self._answers.items() if now - kept[0] < CACHED_SECONDS}
        if url not in self._answers:
            self._answers[url] = (now, await self._with_retries(url))
        return self._answers[url][1]

    def _may_call(self, url: str) -> bool:
        """Compared part by part, so that neither `..` nor a name in the host's place gets by."""
        try:
            wanted = urlsplit(url)
            port = wanted.port
        except ValueError:
            return False
        if wanted.username is not None or ".." in wanted.path or "%" in wanted.path or "\\" in url:
            return False
        return any(
            (wanted.scheme, wanted.hostname, port) == (base.scheme, base.hostname, base.port)
            and wanted.path.startswith(base.path)
            for base in map(urlsplit, self._allowed)
        )

    async def _with_retries(self, url: str) -> bytes:
        why = ""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(self._pause(attempt))
            try:
                async with self._client.stream("GET", url) as response:
                    if response.status_code in _GONE:
                        return NOTHING
                    if response.status_code == httpx.codes.OK:
                        return await _body(response)
                    why = f"it answers {response.status_code}"
                    if response.status_code not in _RETRIED:
                        break
            except httpx.HTTPError as fault:
                why = type(fault).__name__
        raise Unavailable(f"{urlsplit(url).hostname}: {why}: check the source and PROBATION_FEED_TOKEN")

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Untranslatable(
                "detailUrl", f"answers with more than {MOST_BYTES} bytes", "ask the source why it is so large"
            )
    return bytes(body)
