"""A PostgreSQL with a standby that can take its place, behind one address that leads to whichever serves."""

from __future__ import annotations

import asyncio
import contextlib
import pwd
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Self

import asyncpg

from tests.system.instance import until
from tools.embedded.database import EmbeddedPostgres, _account, address, machine_binaries
from tools.embedded.process import Process, accepts


class Standby(EmbeddedPostgres):
    """A copy of a running server, which follows it."""

    def __init__(self, primary: EmbeddedPostgres, binaries: Path) -> None:
        super().__init__(binaries=binaries, fsync=False)
        self._primary = primary
        self._folder_of = binaries

    def _launch(self, folder: Path, remove: Path | None) -> tuple[Process, Callable[[], bool]]:
        account = _account()
        data = folder / "data"
        if data.exists():  # it was promoted, killed, and starts again
            return super()._launch(folder, remove)
        data.mkdir(mode=0o700)
        (folder / "password").write_text(self._primary._password)
        if account is not None:
            folder.chmod(0o711)
            shutil.chown(data, account)
        subprocess.run(
            [
                *(self._folder_of / "pg_basebackup", "--pgdata", data, "--write-recovery-conf", "--no-sync"),
                *("--checkpoint=fast", f"--dbname={self._primary.dsn()}"),
            ],
            check=True,
            capture_output=True,
            user=account,
            group=None if account is None else pwd.getpwnam(account).pw_gid,
            extra_groups=None if account is None else [],
            cwd="/",
        )
        process, _ = super()._launch(folder, remove)
        return process, lambda: accepts(self.port)  # it is never "ready" as a primary is


class Pair:
    """A primary, its standby, and the address that leads to one of them. Use it with `async with`."""

    def __init__(self) -> None:
        binaries = machine_binaries()
        assert binaries is not None
        self.primary: EmbeddedPostgres = EmbeddedPostgres(binaries=binaries, fsync=False)
        self.standby = Standby(self.primary, binaries)
        self.serving = self.primary
        self._streams: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.primary.start)
        self._door = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port: int = self._door.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._door.close()
        self.hang_up()
        await asyncio.to_thread(self.standby.close)
        await asyncio.to_thread(self.primary.close)

    def dsn(self, database: str = "postgres") -> str:
        """The address of a database on whichever server serves, as the superuser."""
        return address(self.port, database, "postgres", self.primary._password)

    async def follow(self) -> None:
        """Start the standby, and wait until it follows."""
        await asyncio.to_thread(self.standby.start)
        await until(self._does_not_follow)

    async def _does_not_follow(self) -> str | None:
        connection = await asyncpg.connect(self.primary.dsn())
        try:
            found = await connection.fetchval("select state from pg_stat_replication")
        finally:
            await connection.close()
        return None if found == "streaming" else f"the standby does not follow: {found}"

    async def fall_behind(self) -> None:
        """Let the standby receive nothing any more."""
        await self._on_standby("alter system set primary_conninfo = ''", "select pg_reload_conf()")
        await until(self._receives)

    async def _receives(self) -> str | None:
        connection = await asyncpg.connect(self.standby.dsn())
        try:
            found = await connection.fetchval("select count(*) from pg_stat_wal_receiver")
        finally:
            await connection.close()
        return "the standby still receives" if found else None

    async def fail_over(self) -> None:
        """Kill the primary, make the standby serve in its place, and let the address lead there."""
        await asyncio.to_thread(self.primary.kill)
        await self.move_to(self.standby)
        await self.promote()

    async def promote(self) -> None:
        """Let the standby write."""
        await self._on_standby("select pg_promote()")

    async def renew(self) -> None:
        """After a fail-over: the server that serves has a standby, which follows it, in its turn."""
        binaries = machine_binaries()
        assert binaries is not None
        await asyncio.to_thread(self.primary.close)
        self.primary, self.standby = self.standby, Standby(self.standby, binaries)
        await self.follow()

    async def restart(self) -> None:
        """Kill the primary, and start it again."""
        await asyncio.to_thread(self.primary.kill)
        await asyncio.to_thread(self.primary.start)

    async def move_to(self, server: EmbeddedPostgres) -> None:
        """Let the address lead to a server; connections to the other one break."""
        self.serving = server
        self.hang_up()

    async def _on_standby(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.standby.dsn())
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    def hang_up(self) -> None:
        """Cut all connections."""
        for stream in self._streams:
            stream.transport.abort()
        self._streams.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other, onward = await asyncio.open_connection("127.0.0.1", self.serving.port)
        except OSError:
            writer.transport.abort()
            return
        self._streams |= {writer, onward}
        await asyncio.gather(_pump(reader, onward), _pump(other, writer))
        self._streams -= {writer, onward}


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.transport.abort() if source.exception() else target.close()
