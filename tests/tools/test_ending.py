"""A program that is stopped early ends well: no error, no trace of where it was."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.tools.programs import ROOT, Program


@pytest.mark.parametrize("words", ["serve contacts", "ticker", "up"])
def test_a_program_that_is_stopped_while_it_loads_ends_well(words: str) -> None:
    code = (
        "import builtins, os, signal, sys, tools.cli\n"
        "take = builtins.__import__\n"
        "def stopped(name, *rest):\n"
        "    if name == 'tools.cli.commands': os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return take(name, *rest)\n"
        "builtins.__import__ = stopped\n"
        f"sys.argv[1:] = {words.split()}\n"
        "tools.cli.main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("words", ["serve contacts", "ticker"])
def test_a_program_that_waits_for_its_servers_ends_well_when_it_is_stopped(words: str) -> None:
    settings = {
        "PROBATION_ENVIRONMENT": "development",
        "PROBATION_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "PROBATION_DATABASE_URL": "postgresql://a@127.0.0.1:1/x",
        "PROBATION_HTTP_PORT": "0",
    }
    program = Program(*words.split(), environment=settings)
    try:
        program.says("waiting")
        assert program.ends(signal.SIGTERM) == 0, program.said
    finally:
        program.close()
    assert '"event": "stopped"' in program.said
