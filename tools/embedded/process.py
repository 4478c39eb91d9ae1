"""A server process that ends with the program that started it, and its life: start, stop, kill, close."""

import contextlib
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.cli.mistakes import Mistake

_GUARD = Path(__file__).with_name("guard.py")
# Below the range from which systems take the ports of outgoing connections (Linux: 32768 and up), so that a
# stopped server finds its port still free when it is started again.
_FIRST_PORT, _LAST_PORT = 20_000, 32_000
_given: set[int] = set()


class EmbeddedError(Mistake):
    """A server could not be started or is not to be had here; the text says why and what to do."""


class Process:
    """One server process under `guard.py`.

    Args:
        name: what to call it in error texts.
        command: the program and its arguments.
        log: file that gets its output (appended).
        user: unprivileged account to run it as (only possible as root).
        remove: folder that is deleted when the process was closed, or this program has ended.
        stop_signal: the signal that stops it in order.
        grace_seconds: how long after that it is killed.
        environment: environment of the process, this program's own if not given.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        user: str | None = None,
        remove: Path | None = None,
        stop_signal: str = "SIGTERM",
        grace_seconds: float = 10.0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._name = name
        self._log = log
        options = ["--log", str(log), "--stop-signal", stop_signal, "--grace-seconds", str(grace_seconds)]
        if user is not None:
            options += ["--user", user]
        if remove is not None:
            options += ["--remove", str(remove)]
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_GUARD), *options, "--", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the program, which then stops its servers in order
        )
        assert self._guard.stdout is not None
        line = self._guard.stdout.readline()
        if not line:
            _, errors = self._guard.communicate()
            reason = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
            raise EmbeddedError(f"{name} could not be started: {reason[0]}")
        self.pid = int(line)

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Return when `ready()`; raise `EmbeddedError` if the process ends first or the time is over."""
        end = time.monotonic() + seconds
        while not ready():
            if self._guard.poll() is not None:
                raise EmbeddedError(f"{self._name} ended while it started{self._last_words()}")
            if time.monotonic() > end:
                raise EmbeddedError(f"{self._name} was not ready after {seconds:.0f} s{self._last_words()}")
            time.sleep(0.01)

    def end(self, word: str = "") -> None:
        """Tell the guard `stop`, `kill` or (by closing the pipe) to clear up, and wait until all is gone."""
        with contextlib.suppress(BrokenPipeError):  # it ended by itself
            self._guard.communicate(f"{word}\n".encode() if word else None)

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-15:] if self._log.exists() else []
        return ":\n" + "\n".join(lines) if lines else ""


class LocalServer(ABC):
    """A server on 127.0.0.1 with a folder for its data.

    `stop` and `kill` keep the data and the port, so that `start` goes on where it was; `close` ends it for
    good and removes the folder, unless it was given. `with` starts and closes.
    """

    def __init__(self, directory: Path | None) -> None:
        self.port = free_port()
        self._given = directory
        self._folder: Path | None = None
        self._process: Process | None = None

    @abstractmethod
    def _launch(self, folder: Path, remove: Path | None) -> tuple[Process, Callable[[], bool]]:
        """Start the process on this folder; also return the question whether it is ready."""

    def start(self) -> None:
        """Start it and return when it is ready for clients; `EmbeddedError` says why it is not."""
        if self._process is not None:
            return
        if self._folder is None:
            self._folder = self._given or Path(tempfile.mkdtemp(prefix="probation-"))
            self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._process, ready = self._launch(self._folder, None if self._given else self._folder)
            self._process.wait_until(ready, seconds=60)
        except BaseException:
            self.close()
            raise

    def stop(self) -> None:
        """Stop it in order; data and port are kept."""
        self._end("stop")

    def kill(self) -> None:
        """End it as `kill -9` does; data and port are kept."""
        self._end("kill")

    def restart(self) -> None:
        """Stop it in order and start it again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it for good; a scratch folder is removed. A second call does nothing."""
        self._end("")
        if self._folder is not None and self._given is None:
            shutil.rmtree(self._folder, ignore_errors=True)  # it was stopped or killed before
        self._folder = None

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        return None if self._process is None else self._process.pid

    def _end(self, word: str) -> None:
        if self._process is not None:
            self._process.end(word)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens at this moment, and that was not given out before."""
    for _ in range(200):
        port = _FIRST_PORT + secrets.randbelow(_LAST_PORT - _FIRST_PORT)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise EmbeddedError(f"no free port between {_FIRST_PORT} and {_LAST_PORT} on 127.0.0.1")


def is_free(port: int) -> bool:
    """Whether nothing listens on this port of 127.0.0.1."""
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


def accepts(port: int) -> bool:
    """Whether something accepts TCP connections on this port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
