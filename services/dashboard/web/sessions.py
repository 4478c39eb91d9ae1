"""Who is signed in, and sign-ins that have begun, in the database. Browsers hold random cookies only."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.dashboard.web.access import Viewer

SIGN_IN_TIME = timedelta(minutes=10)
"""How long people may take at the provider."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: where to go afterwards, and what Authlib must know then."""

    next: str
    session: dict[str, Any]


class Sessions:
    """The sessions and sign-ins of all instances. `lasting` is how long a session lasts."""

    def __init__(self, pool: Any, lasting: timedelta) -> None:
        self._pool = pool
        self._lasting = lasting

    async def viewer(self, cookie: str) -> Viewer | None:
        """Who has this cookie; None if the session is over."""
        row = await self._pool.fetchrow(_VIEWER, _hash(cookie), datetime.now(UTC))
        if row is None:
            return None
        given: dict[str, Any] = json.loads(row["viewer"])
        listed: dict[str, Any] = {name: tuple(given[name]) for name in ("regions", "grants")}
        return Viewer(**{**given, **listed})

    async def begin(self, viewer: Viewer) -> str:
        """Begin a session, and return its cookie."""
        cookie = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("delete from public.sessions where expires_at <= $1", now)
            await connection.execute(
                "insert into public.sessions (id, viewer, expires_at) values ($1, $2, $3)",
                *(_hash(cookie), json.dumps(asdict(viewer)), now + self._lasting),
            )
        return cookie

    async def end(self, cookie: str) -> None:
        """End a session."""
        await self._pool.execute("delete from public.sessions where id = $1", _hash(cookie))

    async def begin_sign_in(self, state: str, browser: str, begun: Begun) -> None:
        """Keep what must be known when the browser with that cookie comes back from the provider."""
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("delete from public.sign_ins where expires_at <= $1", now)
            await connection.execute(
                _BEGIN,
                *(state, _hash(browser), begun.next, json.dumps(begun.session), now + SIGN_IN_TIME),
            )

    async def end_sign_in(self, state: str, browser: str) -> Begun | None:
        """What was kept, once; None if this browser began no such sign-in, or too long ago."""
        row = await self._pool.fetchrow(_END, state, _hash(browser), datetime.now(UTC))
        return Begun(row["next"], json.loads(row["session"])) if row else None


def _hash(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()


_VIEWER = "select viewer from public.sessions where id = $1 and expires_at > $2"
_BEGIN = """
insert into public.sign_ins (state, browser, next, session, expires_at) values ($1, $2, $3, $4, $5)
"""
_END = """
delete from public.sign_ins where state = $1 and browser = $2 and expires_at > $3 returning next, session
"""
