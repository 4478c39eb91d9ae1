"""A process of a service, and waiting for what other processes do."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

import asyncpg
from aiokafka.errors import KafkaError

from shared.settings import PREFIX
from tools.embedded import guard
from tools.embedded.process import free_port

PATIENCE = 60.0
"""Seconds after which a waiting test fails."""

ROOT = Path(__file__).parents[2]


async def until(wrong: Callable[[], Awaitable[str | None]], *, seconds: float = PATIENCE) -> None:
    """Wait until nothing is wrong. When the time runs out, fail with what still is.

    A server that does not answer also counts as wrong, because the test may have killed it.
    """
    what: str | None = "nothing was seen"
    try:
        async with asyncio.timeout(seconds):
            while what is not None:
                try:
                    what = await wrong()
                except (KafkaError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
                    what = repr(fault)
                await asyncio.sleep(0.02 if what else 0)  # other processes send no signal
    except TimeoutError:
        raise AssertionError(f"after {seconds:.0f} s: {what}") from None


@dataclass(frozen=True)
class Instance:
    """A process of a service. It ends with the test, however the test ends."""

    service: str
    pid: int
    port: int
    log: Path
    guard: subprocess.Popen[bytes]

    @classmethod
    async def start(
        cls,
        service: str,
        settings: Mapping[str, str],
        folder: Path,
        program: str = "tools.cli",
        checkout: Path = ROOT,
        words: Sequence[str] = (),
    ) -> Instance:
        """Start a process of a service, as `probation serve` does, or by other words. Its log is kept."""
        port = free_port()
        log = folder / f"{service}-{port}.log"
        here = {"PROBATION_HTTP_HOST": "127.0.0.1", "PROBATION_HTTP_PORT": str(port)}
        ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        command = [sys.executable, "-m", program, *(words or ("serve", service))]
        process = subprocess.Popen(  # noqa: ASYNC220 - takes no time
            [sys.executable, "-I", "-S", str(guard.__file__), "--log", str(log), "--", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**ours, **here, **settings},
            cwd=checkout,
            start_new_session=True,
        )
        assert process.stdout is not None
        return cls(service, int(await asyncio.to_thread(process.stdout.readline)), port, log, process)

    async def ready(self, *also: str, seconds: float = PATIENCE) -> None:
        """Wait until it reports that it is ready, and the parts `also` that do not count in most tests."""
        await until(lambda: self._unready(also), seconds=seconds)

    async def answers(self) -> None:
        """Wait until it reports its health, whatever it is."""

        async def silent() -> str | None:
            await self.health()
            return None

        await until(silent)

    async def kill(self) -> None:
        """Kill it as `kill -9` does, without finishing anything."""
        os.kill(self.pid, signal.SIGKILL)
        assert await self.ended() == 128 + signal.SIGKILL

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.guard.poll() is None

    @property
    def fault(self) -> str | None:
        """The end of its log, if it ended unexpectedly."""
        if self.guard.poll() in (None, 0, 128 + signal.SIGKILL):
            return None
        return (
            f"a process of {self.service} ended with {self.guard.returncode}:\n{self.log.read_text()[-1500:]}"
        )

    def pause(self) -> None:
        """Pause it until `resume`."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Resume it."""
        os.kill(self.pid, signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to stop gracefully."""
        os.kill(self.pid, signal.SIGTERM)

    async def ended(self) -> int:
        """Wait until it has ended. Returns its exit code, or 128 + signal if a signal ended it."""
        async with asyncio.timeout(PATIENCE):
            return await asyncio.to_thread(self.guard.wait)

    async def stop(self) -> int:
        """Stop it gracefully and return its exit code."""
        self.terminate()
        return await self.ended()

    async def health(self) -> dict[str, str]:
        """The health of each part."""
        return dict(json.loads(await self._get("readyz")))

    async def consumed(self) -> int:
        """The number of messages that this process has processed and committed."""
        lines = (await self.metrics()).splitlines()
        counted = "probation_messages_consumed_total"
        return sum(int(float(line.split()[-1])) for line in lines if line.startswith(counted))

    async def metrics(self) -> str:
        """What it answers Prometheus."""
        return await self._get("metrics")

    async def metric(self, name: str) -> float:
        """A metric without labels, as it was last measured."""
        lines = (await self.metrics()).splitlines()
        return next(float(line.split()[-1]) for line in lines if line.split()[0] == name)

    async def _unready(self, also: Collection[str]) -> str | None:
        if self.fault:
            raise AssertionError(self.fault)
        health = await self.health()
        # The days of a test lie in the past, so the clock is behind London's in most of them.
        ignored = {"ok", "clock"} - set(also)
        wrong = {part: what for part, what in health.items() if part not in ignored and what != "ok"}
        return f"{self.service} is not ready: {wrong}" if wrong else None

    async def _get(self, path: str) -> str:
        return await asyncio.to_thread(_fetch, f"http://127.0.0.1:{self.port}/{path}")


def _fetch(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except HTTPError as unready:  # 503, with the reasons
        return unready.read().decode()
