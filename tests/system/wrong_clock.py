"""The command line with the date in London from a file, so that the clock of one program can be wrong."""

from __future__ import annotations

import os
from datetime import date
from functools import partial
from pathlib import Path

from shared.runtime import service
from tools.cli import main

LONDON = "TEST_LONDON"
"""The environment variable with the name of that file."""


def london() -> date:
    """The date, as this program's clock has it."""
    return date.fromisoformat(Path(os.environ[LONDON]).read_text())


if __name__ == "__main__":
    service.serve = partial(service.serve, latest_day=london)
    main()
