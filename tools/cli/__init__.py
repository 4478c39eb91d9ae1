"""The command line `probation`.

Where each thing is:

* `commands.py`   which module has which command, and how errors are reported
* `here.py`       run everything on this machine: `demo`, `up`
* `serving.py`    run one program, as in production: `serve`, `ticker`
* `asking.py`     `explain` and `simulate`; `replaying.py` has `replay`
* `what_if.py`    `what-if`: what another policy would change; `differences.py` tells it
* `report.py`     `report`: numbers by delivery unit and month
* `rule.py`       `rule`: a rule in words, with its values and an example
* `traced.py`     `trace`: what became of one event
* `letters.py`    dead letters and quarantine: `dead-letters`, `recheck`; `redrive.py` implements them
* `warned.py`     `warnings`: what was taken although something in it is doubtful
* `restoring.py` `republish`: fills topics that Kafka lost
* `comparing.py` `compare` and `db fill`: which findings differ between two databases of a service
* `retaining.py` `retention`: erases people whose retention has ended
* `feed.py`       `feed` and `feeds`: what courts, prisons, case management and providers send
* `setup.py`      set up before anything runs: `db`, `topics`, `schemas`
* `errors.py`     one-line messages for errors that users can correct
* `addresses.py`  the addresses of the databases and the broker; `databases.py` connects to them
* `local.py`      broker, databases, services and ticker on this machine
* `words.py`      plain words in the help
* `timeline.py`   prints a person's history; `now.py` how the case stands; `describing.py` what an event says
* `reading.py`    reads events from files

What is open, due and late, and who must act, is worked out in `shared/answers`.
"""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence
from types import FrameType


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Exit code 0: everything asked for is done. 1: something is left that the user can correct; the last line
    says what. 2: called wrongly.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    gc.set_threshold(100_000, 50, 100)  # looking for garbage in what loads takes a tenth of the time
    if arguments is None and _runs_until_stopped(words):
        signal.signal(signal.SIGTERM, _stop)  # until the program has started and handles it itself
    try:
        from tools.cli.commands import run  # takes a moment, in which Ctrl-C is no fault either
    except KeyboardInterrupt:
        sys.exit(130)
    run(words)


def _runs_until_stopped(words: Sequence[str]) -> bool:
    """Whether the command has done what it was asked for when it is told to stop."""
    return words[:1] in (["serve"], ["up"], ["feed"]) or words == ["ticker"]


def _stop(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what was started is being stopped
    sys.exit(0)
