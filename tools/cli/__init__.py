"""The command line `probation`.

Where each thing is:

* `commands.py`  all commands together, and what becomes of an error
* `here.py`      everything on this machine: `demo`, `up`
* `serving.py`   one program, as production runs it: `serve`, `ticker`
* `asking.py`    questions: `explain`, `simulate`; `replaying.py` has `replay`
* `letters.py`   what could not be understood or assessed: `dead-letters`, `recheck`; `redrive.py` does it
* `setup.py`     before anything runs: `db`, `topics`, `schemas`
* `mistakes.py`  one line for every mistake of a user
* `places.py`    where the databases and the broker are
* `local.py`     broker, databases, services and ticker on this machine
* `timeline.py`  a person's story, printed
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Exit code 0: all that was asked for is done. 1: something is left that the user can put right, and the
    last line says what. 2: a wrong call.
    """
    try:
        from tools.cli.commands import run  # takes a second, in which Ctrl-C is no fault either
    except KeyboardInterrupt:
        sys.exit(130)
    run(sys.argv[1:] if arguments is None else list(arguments))
