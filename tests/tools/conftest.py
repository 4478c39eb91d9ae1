"""The command line as people use it: arguments in, exit code and text out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.cli import main


@dataclass(frozen=True)
class Said:
    """The output of a command and its exit code."""

    code: int
    out: str
    err: str


def is_one_line(said: Said, *parts: str, code: int) -> None:
    """Check that a command printed one line with these parts on standard error, and nothing else."""
    assert said.code == code, said
    assert said.out == ""
    assert said.err.startswith("probation: ")
    assert said.err.count("\n") == 1, said.err
    assert "Traceback" not in said.err
    for part in parts:
        assert part in said.err


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A separate folder, with an environment that names no server."""
    for name in list(os.environ):
        if name.startswith("PROBATION_") or name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PROBATION_ENVIRONMENT", "development")  # the tests' servers have no TLS
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs `probation` with these arguments in this process."""

    def run(*words: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(words)
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, captured.out, captured.err)

    return run


@pytest.fixture
def acall(call: Callable[..., Said]) -> Callable[..., Awaitable[Said]]:
    """The same for tests with their own event loop: runs commands in another thread."""
    return lambda *words: asyncio.to_thread(call, *words)
