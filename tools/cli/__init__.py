"""The command line `probation`.

Where each thing is:

* `here.py`      everything on this machine: `demo`, `up`
* `serving.py`   one program, as production runs it: `serve`, `ticker`
* `asking.py`    questions: `replay`, `explain`, `simulate`
* `letters.py`   what could not be understood or assessed: `dead-letters`, `recheck`; `redrive.py` does it
* `setup.py`     before anything runs: `db`, `topics`, `schemas`
* `mistakes.py`  one line for every mistake of a user
* `places.py`    where the databases and the broker are
* `clock.py`     how a day is written
* `local.py`     broker, databases, services and ticker on this machine
* `timeline.py`  a person's story, printed
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit code 2 for a wrong call, 1 for what else a user can put right."""
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries log is for `serve` and `ticker`
    words = sys.argv[1:] if arguments is None else list(arguments)
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
    return message.replace("does not match the formats '%Y-%m-%d'", "is no date like 2025-01-31")


def _say(line: str) -> None:
    print(f"probation: {' '.join(line.split())}", file=sys.stderr)
