"""Tells open pages that something changed, as server-sent events.

Each instance asks the read model once a second what changed where, for all of its open pages. A page is told
only that something changed for it, and how current the facts are. It then asks for its content anew, so that
access is checked as always.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.dashboard.web.access import Viewer
from services.dashboard.web.questions import FAULTS, Freshness, NotReady, Questions, Snapshot, Version
from shared.waiting import is_set

POLL_SECONDS = 1.0
AGAIN_SECONDS = 10.0
"""How often a page is told of changes at most."""
AT_ONCE = 100
"""How many pages are told in one second, as each then asks for its content."""
FRESH_SECONDS = 5.0
"""How often a page hears how current the facts are at most."""
HEARTBEAT_SECONDS = 15.0
"""How often a page hears something at least. Without it, it says after a minute that it is not current."""
LIFE_SECONDS = 600.0
"""After this time a stream ends. The page asks for a new one, and access is checked again."""
KEPT = 120
"""How many changes are remembered, for pages that come back."""


@dataclass(frozen=True, slots=True)
class Page:
    """An open page: who looks at it, the token of the case that it shows, and the version that it has."""

    viewer: Viewer
    case: str | None
    since: Version | None


@dataclass(frozen=True, slots=True)
class Change:
    """What one poll found changed: regions, delivery units, whose cases, and cases by their tokens."""

    version: Version
    regions: frozenset[str]
    units: frozenset[tuple[str, str]]
    practitioners: frozenset[str]
    cases: frozenset[str]

    def concerns(self, page: Page) -> bool:
        """May the page show any of it?"""
        viewer = page.viewer
        if page.case is not None:
            return page.case in self.cases
        if viewer.role == "operator" or viewer.name in self.practitioners:
            return True
        regions, pdu_key = viewer.scope
        if pdu_key is None:
            return not self.regions.isdisjoint(regions)
        return any((region, pdu_key) in self.units for region in regions)


class Changes:
    """Follows the read model as long as any page is open."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._latest: Freshness | None = None
        self._changes: deque[Change] = deque()
        self._complete_from: Version | None = None
        self._polled = asyncio.Event()
        self._polling: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._told = 0
        self.pages = 0
        """How many pages are open."""

    async def close(self) -> None:
        """End all streams, so that the program can stop."""
        self._closing.set()
        self._polled.set()
        if self._polling is not None:
            await self._polling

    async def stream(self, page: Page, freshness: Callable[[Freshness], str]) -> AsyncIterator[str]:
        """The events for a page. `freshness` puts into HTML how current the facts are."""
        clock = asyncio.get_running_loop().time
        began = clock()
        told = heard = began - AGAIN_SECONDS
        said = ""
        with self._open():
            while not self._closing.is_set() and clock() - began < LIFE_SECONDS:
                await self._polled.wait()
                if self._latest is None:
                    continue
                if clock() - told >= AGAIN_SECONDS and self._told < AT_ONCE and self._concerns(page):
                    self._told += 1
                    told = clock()
                    page = replace(page, since=self._latest.version)
                    yield f"event: changed\nid: {self._latest.version}\ndata: now\n\n"
                words, silent = freshness(self._latest), clock() - heard
                if silent >= HEARTBEAT_SECONDS or (words != said and silent >= FRESH_SECONDS):
                    heard, said = clock(), words
                    yield "".join(f"data: {line}\n" for line in words.splitlines()) + "\n"

    def _concerns(self, page: Page) -> bool:
        since = page.since
        if since is None or self._complete_from is None or since < self._complete_from:
            return True  # it is not known what changed since then
        return any(change.version > since and change.concerns(page) for change in self._changes)

    @contextmanager
    def _open(self) -> Iterator[None]:
        self.pages += 1
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            self.pages -= 1

    async def _poll(self) -> None:
        """Ask again and again until no page is open."""
        while self.pages and not self._closing.is_set():
            try:
                await self._ask()
            except (NotReady, *FAULTS):
                if self._latest is not None:  # it gets older
                    self._latest = replace(self._latest, now=datetime.now(UTC))
            self._told = 0
            polled, self._polled = self._polled, asyncio.Event()
            polled.set()
            await is_set(self._closing, within=POLL_SECONDS)

    async def _ask(self) -> None:
        async with self._questions.snapshot() as asked:
            before, latest = self._latest, asked.freshness
            if before is None or before.version.model != latest.version.model:
                self._changes.clear()
                self._complete_from = latest.version
            elif latest.version > before.version:
                self._remember(await _change(asked, before.version))
            self._latest = latest

    def _remember(self, change: Change) -> None:
        self._changes.append(change)
        if len(self._changes) > KEPT:
            self._complete_from = self._changes.popleft().version


async def _change(asked: Snapshot, since: Version) -> Change:
    """What changed since a version."""
    places = await asked.fetch("select * from changes where version > $1", since.number)
    cases = await asked.fetch("select token from subjects where version > $1", since.number)
    return Change(
        asked.freshness.version,
        frozenset(place["region"] for place in places),
        frozenset((place["region"], place["pdu_key"]) for place in places),
        frozenset(place["practitioner_id"] for place in places if place["practitioner_id"]),
        frozenset(case["token"] for case in cases),
    )
