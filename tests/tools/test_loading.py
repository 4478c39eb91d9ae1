"""A command loads what it needs and no more, so that it answers at once: the whole project takes seconds."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.main import get_command

from tests.tools.programs import ROOT
from tools.cli.commands import COMMANDS, command_line

NOWHERE = {
    "PROBATION_ENVIRONMENT": "development",
    "PROBATION_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "PROBATION_DATABASE_URL": "postgresql://a@127.0.0.1:1/x",
    "PROBATION_HTTP_PORT": "0",
}

LOADED = """
import atexit, sys
atexit.register(lambda: print("loaded:", *sys.modules))
from shared.runtime import program
program.run = lambda main: main.close()
from tools.cli import main
main(sys.argv[1:])
"""


def loaded_by(command: str) -> set[str]:
    """The modules that are loaded when a command ends, or would begin to run until it is stopped."""
    words = [sys.executable, "-c", LOADED, *command.split()]
    ended = subprocess.run(words, cwd=ROOT, env=NOWHERE, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.rpartition("loaded: ")[2].split())


@pytest.mark.parametrize(
    ("command", "needed", "not_needed"),
    [
        ("rule --help", "tools.cli.rule", "aiokafka asyncpg faststream schemas.catalogue tools.services"),
        ("db fill --help", "tools.cli.comparing", "aiokafka faststream schemas.catalogue tools.services"),
        ("ticker", "shared.runtime.ticker", "faststream tools.services tools.cli.feed"),
        ("feed hmpps", "feeds.service", "faststream tools.services services.contacts"),
        ("serve dashboard", "services.dashboard.app", "faststream tools.services services.contacts"),
        ("serve contacts", "services.contacts.app faststream", "services.referrals tools.services feeds"),
    ],
)
def test_a_command_loads_only_what_it_needs(command: str, needed: str, not_needed: str) -> None:
    loaded = loaded_by(command)
    assert set(needed.split()) <= loaded
    assert set(not_needed.split()) & loaded == set()


def test_the_models_of_messages_are_not_built_before_there_is_a_message() -> None:
    built = "from schemas import language, parsing; print(parsing._event.cache_info().currsize)"
    ended = subprocess.run([sys.executable, "-c", built], cwd=ROOT, capture_output=True, text=True)
    assert ended.stdout == "0\n", ended.stderr


@pytest.mark.parametrize("command", sorted({name for names in COMMANDS.values() for name in names}))
def test_a_command_is_found_without_the_others(command: str) -> None:
    assert command in get_command(command_line(command)).commands  # type: ignore[attr-defined]


def test_the_help_lists_all_commands() -> None:
    listed = get_command(command_line()).commands  # type: ignore[attr-defined]
    assert set(listed) == {name for names in COMMANDS.values() for name in names}
