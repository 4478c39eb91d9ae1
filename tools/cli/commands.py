"""All commands together, and how errors are reported.

A command loads only its own module: all of them with their libraries take a second.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from importlib import import_module

import typer
from typer.exceptions import TyperException

from tools.cli.errors import UserError, user_message
from tools.cli.words import use_plain_words

use_plain_words()

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "here": ("demo", "up"),
    "check": ("check",),
    "asking": ("explain", "report", "rule", "replay", "what-if", "simulate"),
    "comparing": ("compare", "db"),
    "traced": ("trace",),
    "doctor": ("doctor",),
    "letters": ("dead-letters", "recheck"),
    "warned": ("warnings",),
    "restoring": ("republish",),
    "feed": ("feed", "feeds"),
    "serving": ("serve", "ticker"),
    "retaining": ("retention",),
    "setup": ("db", "topics", "schemas"),
}
"""The commands of each module, in the order of the help."""


def command_line(command: str | None = None) -> typer.Typer:
    """The modules that have this command, loaded; all modules if none has it."""
    app = typer.Typer(
        name="probation",
        help="Message-driven probation services on Kafka: facts come in, findings go out.\n\nNew here? "
        "Run [bold]probation demo[/bold]. It needs no setup, changes nothing and takes three minutes.",
        epilog="Help for each command: probation COMMAND --help",
        callback=lambda: None,  # without one, a single command would not need to be named
        rich_markup_mode="rich",
        add_completion=False,
        pretty_exceptions_show_locals=False,
    )
    for module in [name for name, commands in COMMANDS.items() if command in commands] or COMMANDS:
        import_module(f"tools.cli.{module}").register(app)
    return app


def run(words: list[str]) -> None:
    """Run a command and exit: with 2 if called wrongly, with 1 for other errors that users can correct."""
    logging.getLogger().addHandler(logging.NullHandler())  # only `serve` and `ticker` show what libraries log
    try:
        app = typer.main.get_command(command_line(*words[:1]))
        code = app.main(words or ["--help"], prog_name="probation", standalone_mode=False)
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
