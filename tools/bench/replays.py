"""A simulated year through `probation replay`, beside its floor and the release of before, by turns.

Each is a program of its own, of which the processor time is that of all its processes, a database's too. The
floor reads and parses what the services read, once for each of them, and does nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from schemas import language
from tools.bench.world import ROOT, python_of, used
from tools.embedded.database import EmbeddedPostgres, machine_binaries
from tools.event_file import events_in
from tools.services import SERVICES

BEFORE = "2d9501f"
"""The commit with which everything is compared: the release before a year was first measured."""
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Played:
    """A year played by a program."""

    name: str
    people: int
    events: int
    published: int
    seconds: float
    processor_seconds: float
    megabytes: float
    """The most memory that one of its processes used."""
    load: float
    """How many others wanted a processor before it began."""

    @property
    def microseconds(self) -> float:
        """Processor time for each event of the file."""
        return self.processor_seconds / self.events * 1e6


@dataclass(frozen=True)
class Year:
    """A file with a simulated year of so many people, and one for what is published on it."""

    people: int
    file: Path

    @classmethod
    def simulated(cls, people: int, folder: Path, checkout: Path = ROOT) -> Year:
        """Simulate a year; `checkout` has the release whose simulation it is."""
        year = cls(people, folder / f"year_{people}_{checkout.name}.jsonl")
        command = [*_probation(checkout), "simulate", "--people", str(people), "--out", str(year.file)]
        subprocess.run(command, cwd=checkout, check=True, stdout=subprocess.DEVNULL)
        return year

    @property
    def found(self) -> Path:
        """The file for what is published on it."""
        return self.file.with_suffix(".found")

    def replayed(self, name: str, *options: str) -> Played:
        """The year through the replay of this release."""
        return self._play(name, [*_probation(ROOT), *self._words, *options], ROOT)

    def replayed_before(self, checkout: Path) -> Played:
        """The year through the replay of the release before, with the processor time of its PostgreSQL."""
        with EmbeddedPostgres(binaries=machine_binaries(), fsync=False) as server:
            assert server.pid is not None
            before = used(server.pid)
            command = [*_probation(checkout), *self._words]
            played = self._play(f"replay of {BEFORE}", command, checkout, {"DATABASE_URL": server.dsn()})
            of_server = used(server.pid) - before
        return replace(played, processor_seconds=played.processor_seconds + of_server)

    @property
    def _words(self) -> list[str]:
        return ["replay", str(self.file), "--out", str(self.found)]

    def floor(self) -> Played:
        """The year and what was published on it, read and parsed once for each service that reads it."""
        command = [sys.executable, "-m", "tools.bench.replays", str(self.file), str(self.found)]
        return self._play("floor", command, ROOT)

    def _play(
        self, name: str, command: Sequence[str], folder: Path, variables: Mapping[str, str] = NOTHING
    ) -> Played:
        """Let a program play the year. Raises `CalledProcessError` if it fails."""
        load, begin = os.getloadavg()[0], time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, **variables},
        )
        assert process.stderr is not None
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, stderr=errors)
        return Played(
            name,
            self.people,
            _count(self.file),
            _count(self.found),
            time.monotonic() - begin,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024,
            load,
        )


def _probation(checkout: Path) -> list[str]:
    """How to run the commands of a release, in its checkout."""
    return [python_of(checkout), "-m", "tools.cli"]


def _count(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


def checked_out(commit: str) -> Path:
    """A checkout of a commit with its own environment, made if there is none yet."""
    folder = ROOT / ".probation" / "bench" / commit
    if not (folder / "tools").is_dir():
        subprocess.run(["git", "worktree", "prune"], cwd=ROOT, check=True)
        add = ["git", "worktree", "add", "--quiet", "--detach", str(folder), commit]
        subprocess.run(add, cwd=ROOT, check=True)
    subprocess.run(["tools/setup"], cwd=folder, check=True)
    return folder


def replays(folder: Path, sizes: Sequence[int], compared: int, rounds: int) -> Iterator[Played]:
    """Take the measurements one by one.

    First this release by turns with the one before, on a year of `compared` people as that one simulates it;
    then years of each of the sizes, with one process and with all, beside the floor.
    """
    before = checked_out(BEFORE)
    year = Year.simulated(compared, folder, before)
    for _ in range(rounds):
        yield year.replayed_before(before)
        yield year.replayed("replay", "--jobs", "1")
    yield year.floor()
    yield year.replayed("replay, all jobs")
    for size in sizes:
        year = Year.simulated(size, folder)
        yield year.replayed("replay", "--jobs", "1")
        yield year.replayed("replay, all jobs")
        yield year.floor()


def parse_for_each_service(files: Sequence[Path]) -> int:
    """Read and parse events once for each service that reads their topics; returns how many were parsed."""
    number = 0
    for file in files:
        for value in events_in(file):
            event, _, _ = language.examine(value, ())
            number += 1
            topics = language.topics_of(event.type)
            if event.type == "Withdrawn":
                topics = (event.source.rpartition("/")[2],)
            readers = sum(not set(topics).isdisjoint(service.reads) for service in SERVICES)
            for _ in range(readers - 1):
                language.examine(value, ())
                number += 1
    return number


if __name__ == "__main__":
    parse_for_each_service([Path(name) for name in sys.argv[1:]])
