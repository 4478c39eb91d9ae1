"""All commands together, and what becomes of an error."""

from __future__ import annotations

import logging
import sys

import typer
from typer.exceptions import TyperException

from tools.cli import asking, here, letters, serving, setup
from tools.cli.mistakes import Mistake, told

app = typer.Typer(
    name="probation",
    help="Message-driven probation services on Kafka: facts come in, findings go out.\n\n"
    "New here? Run [bold]probation demo[/bold]: it needs nothing, changes nothing and takes three minutes.",
    epilog="Each command explains itself: probation COMMAND --help",
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for module in (here, asking, letters, serving, setup):
    module.register(app)


def run(words: list[str]) -> None:
    """Run a command and exit: 2 for a wrong call, 1 for what else a user can put right."""
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries log is for `serve` and `ticker`
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
        line = told(error)
        if line is None:
            raise
        _say(line)
        sys.exit(error.code if isinstance(error, Mistake) else 1)
    sys.exit(code if isinstance(code, int) else 0)


def _worded(message: str) -> str:
    """The message of the library, without its own ways of speaking."""
    message = message.rstrip(".").replace("Value error, ", "").replace("Input should be", "it must be")
    message = message.replace(", unable to parse string as an integer", "")
    return message.replace("does not match the formats '%Y-%m-%d'", "is no date like 2025-01-31")


def _say(line: str) -> None:
    print(f"probation: {' '.join(line.split())}", file=sys.stderr)
