"""One-line messages for errors that users can correct. Only our own bugs show a stack trace.

Every command needs this module, so it loads no library before there is an error of it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.mistakes import Mistake

if TYPE_CHECKING:
    from shared.settings import KafkaSettings


class UserError(Mistake):
    """An error that the user can correct. The message is one line; `code` is the exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


DEVELOPMENT = ("tools.cli.local", "tools.demo", "tools.embedded", "tools.schemas", "tools.simulate")
"""Modules that the wheel leaves out (see pyproject.toml) and commands for development import first."""


def user_message(error: BaseException) -> str | None:
    """The line to print for an error that the user can correct; None for our own bugs."""
    if isinstance(error, ModuleNotFoundError) and error.name in DEVELOPMENT:
        return (
            "this command is for development, and its parts are not installed: run it in a checkout of the "
            "project, where `make setup` installs them"
        )
    if isinstance(error, Mistake):
        lines = [line.strip().removeprefix("probation: ") for line in str(error).splitlines()]
        return "; ".join(filter(None, lines)).replace(":; ", ": ")
    if isinstance(error, OSError):
        return _os_error_message(error)
    from aiokafka.errors import KafkaConnectionError, KafkaError

    if isinstance(error, KafkaConnectionError):
        where = os.environ.get("PROBATION_KAFKA_BOOTSTRAP_SERVERS", "this machine's broker")
        return f"no Kafka answers at {where}: start it, or correct PROBATION_KAFKA_BOOTSTRAP_SERVERS"
    if isinstance(error, KafkaError):
        return f"Kafka refused the request: {_first_line(error)}"
    return None


def _os_error_message(error: OSError) -> str | None:
    if error.errno == errno.EADDRINUSE:
        return f"the port is in use ({_first_line(error)}): set PROBATION_HTTP_PORT to another, or 0 for none"
    if error.filename is None:
        return None
    if error.errno == errno.EISDIR:
        return f"{error.filename}: this is a folder: give a file"
    reasons: dict[int | None, str] = {
        errno.ENOENT: "no such file or folder",
        errno.ENOTDIR: "part of the path is not a folder",
        errno.EACCES: "permission denied",
        errno.ENOSPC: "no space left",
    }
    return f"{error.filename}: {reasons.get(error.errno, error.strerror)}: give another path"


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


@contextmanager
def database(dsn: str, variable: str = "PROBATION_DATABASE_URL") -> Iterator[None]:
    """Reports which database does not answer or is not set up, and what to do. `variable` named it."""
    try:
        yield
    except Exception as error:
        from shared.connecting import database_trouble

        trouble = database_trouble(error, dsn, variable)
        if trouble is None:
            raise
        raise UserError(trouble.what) from None


@contextmanager
def kafka(settings: KafkaSettings) -> Iterator[None]:
    """Reports why Kafka cannot be used, and what to do."""
    from aiokafka.errors import KafkaError

    from shared.connecting import kafka_trouble

    try:
        yield
    except (KafkaError, LookupError, TimeoutError) as error:
        trouble = kafka_trouble(error, settings)
        assert trouble is not None
        raise UserError(trouble.what) from None
