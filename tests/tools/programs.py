"""`probation` as a program of its own, as people start it: what it prints, and what it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
_SERVERS = ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS")


class Program:
    """A running `probation`, in a folder if one is given. What it prints is kept in `said`."""

    def __init__(
        self, *words: str, folder: Path | None = None, environment: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        ours = {k: v for k, v in os.environ.items() if not k.startswith("PROBATION_") and k not in _SERVERS}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.cli", *words],
            cwd=folder,
            env={**ours, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "COLUMNS": "300", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.pid = self._process.pid
        self.said = ""
        self._more = threading.Condition()
        self._ended = False
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def says(self, text: str) -> str:
        """Wait until it has printed a text; returns all that it printed. It must not end before."""
        with self._more:
            assert self._more.wait_for(lambda: text in self.said or self._ended, PATIENCE), self.said
        assert text in self.said, f"it ended without saying {text!r}:\n{self.said}"
        return self.said

    def ends(self, by: signal.Signals | None = None) -> int:
        """Wait until it has ended, by a signal if one is named; returns its exit code."""
        if by is not None:
            self._process.send_signal(by)
        code = self._process.wait(PATIENCE)
        self._listener.join(PATIENCE)
        return code

    def close(self) -> None:
        """End it at once, if it still runs."""
        if self._process.poll() is None:
            self.ends(signal.SIGKILL)

    def children(self) -> set[int]:
        """The processes that it started, directly or indirectly."""
        parents = {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                _, _, rest = status.read_text(errors="replace").rpartition(") ")
            except OSError:  # it has ended
                continue
            parents[int(status.parent.name)] = int(rest.split()[1])
        found = {self.pid}
        while more := {pid for pid, of in parents.items() if of in found} - found:
            found |= more
        return found - {self.pid}

    def child(self, *words: str) -> int:
        """The one process that it started which runs this command, itself and not as the guard of another."""
        (found,) = [pid for pid in self.children() if _runs(pid, *words)]
        return found

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._more:
                self.said += line
                self._more.notify_all()
        with self._more:
            self._ended = True
            self._more.notify_all()


def shown_by(pids: set[int]) -> str:
    """What every process of the same user can see of these: their arguments and their environment."""
    files = [Path(f"/proc/{pid}/{kind}") for pid in pids for kind in ("cmdline", "environ")]
    return "".join(file.read_bytes().decode(errors="replace") for file in files if file.exists())


def _runs(pid: int, *words: str) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:  # it has ended
        return False
    return tuple(command[-len(words) - 1 : -1]) == words and "--log" not in command
