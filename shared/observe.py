"""Structured logs. They never contain personal data.

Logs contain no case reference numbers. A line about one person has `who` instead, a keyed hash of the number
(`Fingerprints`), which is the same in all services that share PROBATION_LOG_KEY.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import sys
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

_LIBRARIES = (
    "aiokafka",
    "asyncio",
    "asyncpg",
    "authlib",
    "faststream",
    "httpcore2",
    "httpx2",
    "opentelemetry",
    "uvicorn",
)
"""Libraries whose logs are limited to warnings."""

_RANDOM_KEY = secrets.token_bytes(32)


QUIET_SECONDS = 10.0
"""How often a cause is logged while it lasts."""

FORGET_SECONDS = 600.0
"""After this time without a line, a cause is new."""

_STANDARD = frozenset(vars(logging.makeLogRecord({})))


class Repetitions(logging.Filter):
    """Lets a warning or error through once in ten seconds for each cause, with how many it held back.

    A cause is one of our messages with the texts that belong to it, or one of our libraries: without its
    broker, aiokafka alone would log thousands of lines a minute.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._causes: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is logged."""
        if record.levelno < logging.WARNING:
            return True
        now = self._clock()
        cause = _cause(record)
        last, held_back = self._causes.get(cause, (-QUIET_SECONDS, 0))
        if now - last < QUIET_SECONDS:
            self._causes[cause] = (last, held_back + 1)
            return False
        self._causes = {c: known for c, known in self._causes.items() if now - known[0] < FORGET_SECONDS}
        self._causes[cause] = (now, 0)
        if held_back:
            record.held_back = held_back
        return True


def _cause(record: logging.LogRecord) -> tuple[object, ...]:
    library = record.name.partition(".")[0]
    if library in _LIBRARIES:
        return (library, record.levelno)
    texts = {name: value for name, value in vars(record).items() if isinstance(value, str)}
    return (
        record.name,
        record.getMessage(),
        *sorted(item for item in texts.items() if item[0] not in _STANDARD),
    )


class Fingerprints:
    """Keyed hashes that identify people in logs.

    Without a key each process generates its own. Lines from one run can still be linked, but nobody can find
    a person's number by trying all numbers.
    """

    def __init__(self, key: str | None) -> None:
        self._key = key.encode() if key else _RANDOM_KEY

    def __call__(self, subject: str) -> str:
        """The hash for this subject."""
        return hmac.new(self._key, subject.encode(), hashlib.sha256).hexdigest()[:16]


def configure_logging(service: str, fingerprint: Fingerprints) -> None:
    """Send everything logged through `logging` to standard error, as JSON, or as text on a terminal."""
    root = logging.getLogger()
    root.handlers = [log_handler(service, fingerprint)]
    root.setLevel(logging.INFO)
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)


def log_handler(service: str, fingerprint: Fingerprints) -> logging.Handler:
    """Writes lines of a service to standard error, with the hash of a person in place of the number."""
    terminal = sys.stderr.isatty()

    def hide(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        subject = line.pop("subject", None)
        if subject is not None:
            line["who"] = fingerprint(str(subject))
        return line

    def name(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"service": service, **line}

    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide,
        name,
    ]
    if terminal:
        render: list[Processor] = [structlog.dev.ConsoleRenderer(exception_formatter=_plain)]
    else:
        # Never show local variables in tracebacks: they contain personal data.
        faults = ExceptionDictTransformer(show_locals=False)
        render = [structlog.processors.ExceptionRenderer(faults), structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler()
    handler.addFilter(Repetitions())
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, *render])
    )
    return handler


_plain = structlog.dev.plain_traceback
