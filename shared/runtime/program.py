"""The start of every program that runs until it is stopped."""

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

STOPS = (signal.SIGTERM, signal.SIGINT)
"""The signals that tell a program to stop."""


def begin(name: str, settings: KafkaSettings, stop: Callable[[], None]) -> None:
    """Set up logging, log the settings in force, and make SIGTERM and SIGINT call `stop`.

    Must be called in the program's event loop.
    """
    key = settings.log_key.get_secret_value() if settings.log_key else None
    configure_logging(name, Fingerprints(key))
    log.info("settings in force", extra=describe(settings))
    loop = asyncio.get_running_loop()
    for number in STOPS:
        loop.add_signal_handler(number, stop)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a program's main coroutine, on uvloop if it is available (not on Windows)."""
    with contextlib.ExitStack() as stack:
        try:
            import uvloop
        except ImportError:
            runner = stack.enter_context(asyncio.Runner())
        else:
            runner = stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
        runner.run(main)
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)  # it is ending: another signal must not change the exit code
