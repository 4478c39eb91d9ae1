"""The command line, but it logs all that our code can say, and cannot assess one person's case."""

from __future__ import annotations

import logging
import os
from typing import Any

from shared.engine.working_set import WorkingSet
from shared.observe import configure_logging
from shared.runtime import program
from tools.cli import main

FAILS_FOR = "TEST_FAILS_FOR"
"""The environment variable with that person's case reference number."""

_assess = WorkingSet._assess


def assess(self: WorkingSet, file: Any, *args: Any, **options: Any) -> None:
    """Assess a case, unless it is that person's: then fail with words that name the person."""
    if file.subject == os.environ[FAILS_FOR]:
        raise ValueError(f"{file.subject} cannot be assessed: {file}")
    _assess(self, file, *args, **options)


def configure(*args: Any) -> None:
    """Log as always, and what is only for debugging too."""
    configure_logging(*args)
    logging.getLogger().setLevel(logging.DEBUG)


if __name__ == "__main__":
    WorkingSet._assess = assess  # type: ignore[method-assign]
    vars(program)["configure_logging"] = configure
    main()
