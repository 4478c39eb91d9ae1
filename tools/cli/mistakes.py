"""One line for a person: what is wrong and what to do. A stack trace is for our own faults only."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg
from aiokafka.errors import KafkaConnectionError, KafkaError

from shared.database import MigrationError
from shared.policy import PolicyError
from shared.settings import SettingsError


class Mistake(Exception):
    """Something the user can put right; the message is the one line. `code` is the exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


_TOLD = (Mistake, SettingsError, PolicyError, MigrationError)
"""Errors whose text already is for a person."""

DEVELOPMENT = ("tools.cli.local", "tools.demo", "tools.embedded", "tools.schemas", "tools.simulate")
"""What a wheel leaves out (see pyproject.toml) and the commands for development begin with."""


def told(error: BaseException) -> str | None:
    """The line to print for an error that the user can put right; None for a fault of ours."""
    if isinstance(error, ModuleNotFoundError) and error.name in DEVELOPMENT:
        return (
            "this command is for development, and its parts are not installed: run it in a checkout of the "
            "project, where `make setup` installs them"
        )
    if isinstance(error, _TOLD):
        lines = [line.strip().removeprefix("probation: ") for line in str(error).splitlines()]
        return "; ".join(filter(None, lines)).replace(":; ", ": ")
    if isinstance(error, KafkaConnectionError):
        where = os.environ.get("PROBATION_KAFKA_BOOTSTRAP_SERVERS", "this machine's broker")
        return f"no Kafka answers at {where}: start it, or correct PROBATION_KAFKA_BOOTSTRAP_SERVERS"
    if isinstance(error, KafkaError):
        return f"Kafka refused: {_first_line(error)}"
    if isinstance(error, OSError):
        return _told_os_error(error)
    return None


def _told_os_error(error: OSError) -> str | None:
    if error.errno == errno.EADDRINUSE:
        return f"the port is in use ({_first_line(error)}): set PROBATION_HTTP_PORT to another, or 0 for none"
    if error.filename is None:
        return None
    if error.errno == errno.EISDIR:
        return f"{error.filename}: this is a folder: name a file"
    reasons: dict[int | None, str] = {
        errno.ENOENT: "there is no such file or folder",
        errno.ENOTDIR: "a part of the path is no folder",
        errno.EACCES: "you may not read or write this",
        errno.ENOSPC: "there is no space left",
    }
    return f"{error.filename}: {reasons.get(error.errno, error.strerror)}: give another path"


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


@contextmanager
def database(dsn: str, variable: str = "PROBATION_DATABASE_URL") -> Iterator[None]:
    """Says which database does not answer or is not set up, and what to do; `variable` named it."""
    parts = urlsplit(dsn)
    where = f"database {parts.path.lstrip('/')} at {parts.netloc.rpartition('@')[2]}"
    try:
        yield
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        raise Mistake(
            f"{where} refuses user {parts.username}: correct the user or password in its URL"
        ) from None
    except asyncpg.InvalidCatalogNameError:
        raise Mistake(f"{where} does not exist: run `probation db migrate --create`") from None
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        raise Mistake(f"{where} is not of this release: run `probation db migrate`") from None
    except asyncpg.InsufficientPrivilegeError as error:
        raise Mistake(f"{where}: {_first_line(error)}: use a user who may") from None
    except (TimeoutError, OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
        raise Mistake(f"{where} does not answer: start it, or correct {variable}") from None
    except (ValueError, asyncpg.InterfaceError) as error:
        raise Mistake(f"{variable} is wrong: {_first_line(error)}") from None
