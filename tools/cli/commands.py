"""All commands together, and how errors are reported."""

from __future__ import annotations

import logging
import sys

import typer
from typer.exceptions import TyperException

from tools.cli import (
    asking,
    check,
    comparing,
    doctor,
    feed,
    here,
    letters,
    restoring,
    retaining,
    serving,
    setup,
    traced,
    warned,
)
from tools.cli.errors import UserError, user_message
from tools.cli.words import use_plain_words

use_plain_words()
app = typer.Typer(
    name="probation",
    help="Message-driven probation services on Kafka: facts come in, findings go out.\n\n"
    "New here? Run [bold]probation demo[/bold]. It needs no setup, changes nothing and takes three minutes.",
    epilog="Help for each command: probation COMMAND --help",
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
COMMANDS = (
    *(here, check, asking, comparing, traced, doctor, letters, warned),
    *(restoring, feed, serving, retaining, setup),
)
for module in COMMANDS:
    module.register(app)


def run(words: list[str]) -> None:
    """Run a command and exit: with 2 if called wrongly, with 1 for other errors that users can correct."""
    logging.getLogger().addHandler(logging.NullHandler())  # only `serve` and `ticker` show what libraries log
    try:
        code = typer.main.get_command(app).main(
            words or ["--help"], prog_name="probation", standalone_mode=False
        )
    except TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "probation"
        _say(f"{_worded(error.format_message())}: see `{path} --help`")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except Exception as error:
        line = user_message(error)
        if line is None:
            raise
        _say(line)
        sys.exit(error.code if isinstance(error, UserError) else 1)
    sys.exit(code if isinstance(code, int) else 0)


def _worded(message: str) -> str:
    """The library's message in the words of our own messages."""
    message = message.rstrip(".").replace("Value error, ", "").replace("Input should be", "it must be")
    message = message.replace(", unable to parse string as an integer", "")
    return message.replace("does not match the formats '%Y-%m-%d'", "is not a date like 2025-01-31")


def _say(line: str) -> None:
    print(f"probation: {' '.join(line.split())}", file=sys.stderr)
