"""A server process that ends with the program that started it: start, stop, kill, close."""

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

from tools.cli.errors import UserError

_GUARD = Path(__file__).with_name("guard.py")
# Below the range for the ports of outgoing connections (Linux: 32768 and up), so that the port of a stopped
# server is still free when it is started again.
_FIRST_PORT, _LAST_PORT = 20_000, 32_000
_given: set[int] = set()


class EmbeddedError(UserError):
    """A server could not be started or is not available. The message says why and what to do."""


class Process:
    """One server process under `guard.py`.

    Args:
        name: its name in error messages.
        command: the program and its arguments.
        log: file to append its output to.
        user: unprivileged account to run it as (only root can do this).
        remove: folder to delete when the process is closed or this program ends.
        stop_signal: the signal that stops it gracefully.
        grace_seconds: how long to wait after that before killing it.
        environment: environment of the process. Default: this program's own.
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
            start_new_session=True,  # Ctrl-C is for the program, which then stops its servers gracefully
        )
        assert self._guard.stdout is not None
        line = self._guard.stdout.readline()
        if not line:
            _, errors = self._guard.communicate()
            reason = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
            raise EmbeddedError(f"{name} could not be started: {reason[0]}")
        self.pid = int(line)

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready()`. Raises `EmbeddedError` if the process ends first or the time runs out."""
        end = time.monotonic() + seconds
        while not ready():
            if self._guard.poll() is not None:
                raise EmbeddedError(f"{self._name} ended during its start{self._log_tail()}")
            if time.monotonic() > end:
                raise EmbeddedError(f"{self._name} was not ready after {seconds:.0f} s{self._log_tail()}")
            time.sleep(0.01)

    @property
    def exit_code(self) -> int | None:
        """Its exit code, or 128 + signal if a signal ended it; None while it runs."""
        return self._guard.poll()

    def end(self, word: str = "") -> None:
        """Tell the guard to `stop`, `kill` or (by closing the pipe) clean up, and wait until it is done."""
        with contextlib.suppress(BrokenPipeError):  # it has ended already
            self._guard.communicate(f"{word}\n".encode() if word else None)

    def _log_tail(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-15:] if self._log.exists() else []
        return ":\n" + "\n".join(lines) if lines else ""


class LocalServer(ABC):
    """A server on 127.0.0.1 with a folder for its data.

    `stop` and `kill` keep the data and the port, so that `start` continues with them. `close` ends it for
    good and removes the folder, unless the folder was given. `with` starts and closes it.
    """

    start_seconds = 60.0
    """How long it may take to start."""

    def __init__(self, directory: Path | None) -> None:
        self.port = free_port()
        self._given = directory
        self._folder: Path | None = None
        self._process: Process | None = None

    @abstractmethod
    def _launch(self, folder: Path, remove: Path | None) -> tuple[Process, Callable[[], bool]]:
        """Start the process with this folder. Also returns a function that checks whether it is ready."""

    def start(self) -> None:
        """Start it and wait until it is ready for clients. Raises `EmbeddedError`, which says why not."""
        if self._process is not None:
            return
        if self._folder is None:
            self._folder = self._given or Path(tempfile.mkdtemp(prefix="probation-"))
            self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._process, ready = self._launch(self._folder, None if self._given else self._folder)
            self._process.wait_until(ready, seconds=self.start_seconds)
        except BaseException:
            self.close()
            raise

    def stop(self) -> None:
        """Stop it gracefully, keeping data and port."""
        self._end("stop")

    def kill(self) -> None:
        """Kill it as `kill -9` does, keeping data and port."""
        self._end("kill")

    def restart(self) -> None:
        """Stop it gracefully and start it again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it for good and remove its temporary folder. A second call does nothing."""
        self._end("")
        if self._folder is not None and self._given is None:
            shutil.rmtree(self._folder, ignore_errors=True)  # it was already stopped or killed
        self._folder = None

    @property
    def pid(self) -> int | None:
        """The process id of the running server."""
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
    """A TCP port of 127.0.0.1 on which nothing listens now, and that was not returned before."""
    for _ in range(200):
        port = _FIRST_PORT + secrets.randbelow(_LAST_PORT - _FIRST_PORT)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise EmbeddedError(f"no free port between {_FIRST_PORT} and {_LAST_PORT} on 127.0.0.1")


def is_free(port: int) -> bool:
    """Whether no program listens on this port of 127.0.0.1."""
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
