"""What every program that runs until it is stopped does at its start."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from shared.observe import Fingerprints, configure_logging
from shared.settings import KafkaSettings, describe

log = logging.getLogger(__name__)


def begin(name: str, settings: KafkaSettings, stop: Callable[[], None]) -> None:
    """Set up the log, write the settings in force to it, and let SIGTERM and SIGINT call `stop`.

    Called in the program's event loop.
    """
    key = settings.log_key.get_secret_value() if settings.log_key else None
    configure_logging(name, Fingerprints(key))
    log.info("settings in force", extra=describe(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a program's main coroutine, on uvloop where there is one (not on Windows)."""
    with contextlib.ExitStack() as stack:
        try:
            import uvloop
        except ImportError:
            runner = stack.enter_context(asyncio.Runner())
        else:
            runner = stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
        runner.run(main)
