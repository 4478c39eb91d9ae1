"""Why a database or Kafka cannot be used: one line for people, what to do, and whether waiting helps."""

from __future__ import annotations

import socket
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

import asyncpg
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from asyncpg.exceptions import TargetServerAttributeNotMatched

from shared.database import MigrationError
from shared.kafka import explain
from shared.mistakes import Mistake
from shared.pooler import PoolerError, is_refused_by_pooler
from shared.security import TlsFailed, TokenRefused, TokenUnavailable
from shared.settings import KafkaSettings

_NOT_ALLOWED = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)


class Trouble(NamedTuple):
    """What is wrong and what to do, in one line. `lasting`: waiting does not help, somebody must act."""

    what: str
    lasting: bool


class Unusable(Mistake):
    """A program cannot start, and waiting does not help. The message is one line that says what to do."""


def database_trouble(
    fault: BaseException, dsn: str, variable: str = "PROBATION_DATABASE_URL"
) -> Trouble | None:
    """What keeps a program from using the database at `dsn`, which `variable` names; None if it is a bug."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    where = f"database {parts.path.lstrip('/')} at {host}"
    match fault:
        case MigrationError() | PoolerError():
            return Trouble(f"{where} {fault}", lasting=True)
        case asyncpg.InvalidAuthorizationSpecificationError():  # a wrong password too
            what = f"{where} refuses user {parts.username}: correct the user or password in its URL"
            return Trouble(what, lasting=True)
        case asyncpg.InvalidCatalogNameError():
            return Trouble(f"{where} does not exist: run `probation db migrate --create`", lasting=True)
        case asyncpg.UndefinedTableError() | asyncpg.UndefinedColumnError():
            what = f"{where} is not migrated to this release: run `probation db migrate`"
            return Trouble(what, lasting=True)
        case asyncpg.InsufficientPrivilegeError():
            return Trouble(f"{where}: {_first_line(fault)}: use a user who has this right", lasting=True)
        case asyncpg.ProtocolViolationError() if is_refused_by_pooler(fault):
            return Trouble(f"{where} {PoolerError()}", lasting=True)
        case asyncpg.ReadOnlySQLTransactionError() | TargetServerAttributeNotMatched():
            what = f"{where} only reads: let {variable} name the primary server, not a standby"
            return Trouble(what, lasting=False)
        case asyncpg.TooManyConnectionsError():
            what = f"{where} has no free connection: raise its max_connections, or stop other programs"
            return Trouble(what, lasting=False)
        case socket.gaierror():
            what = f"{where}: no host of that name is known: correct {variable}, or start the host"
            return Trouble(what, lasting=False)
        case ssl.SSLError():
            what = f"{where}: TLS failed ({fault.reason or _first_line(fault)}): correct {variable}"
            return Trouble(what, lasting=True)
        case FileNotFoundError() | PermissionError():  # a certificate that the URL names
            return Trouble(f"{variable} is wrong: {_first_line(fault)}", lasting=True)
        case TimeoutError() | OSError() | asyncpg.CannotConnectNowError() | asyncpg.PostgresConnectionError():
            what = f"{where} does not answer: start it, or correct {variable}"
            return Trouble(what, lasting=False)
        case ValueError() | OverflowError() | asyncpg.UndefinedObjectError():
            return Trouble(f"{variable} is wrong: {_first_line(fault)}", lasting=True)
        case asyncpg.InterfaceError():
            return Trouble(f"{variable} is wrong: {_first_line(fault)}", lasting=False)
        case asyncpg.PostgresError():
            return Trouble(f"{where}: {type(fault).__name__} {fault.sqlstate}", lasting=False)
    return None


def kafka_trouble(fault: BaseException, settings: KafkaSettings) -> Trouble | None:
    """What keeps a program from using Kafka; None if it is a bug."""
    where = settings.kafka_bootstrap_servers
    match fault:
        case TokenRefused():
            what = (
                f"{settings.kafka_token_url} gives client {settings.user} no token ({fault.args[0]}): "
                "correct PROBATION_KAFKA_USERNAME or PROBATION_KAFKA_PASSWORD"
            )
            return Trouble(what, lasting=True)
        case TokenUnavailable():
            what = (
                f"no token comes from {settings.kafka_token_url}: start it, or correct "
                "PROBATION_KAFKA_TOKEN_URL"
            )
            return Trouble(what, lasting=False)
        case SaslAuthenticationFailed():
            what = (
                f"Kafka at {where} refuses user {settings.kafka_username}: "
                "correct PROBATION_KAFKA_USERNAME or PROBATION_KAFKA_PASSWORD"
            )
            return Trouble(what, lasting=True)
        case UnsupportedSaslMechanismError():
            what = (
                f"Kafka at {where} takes no {'token' if settings.kafka_token_url else 'password'} there: "
                "correct PROBATION_KAFKA_TOKEN_URL, or the port in PROBATION_KAFKA_BOOTSTRAP_SERVERS"
            )
            return Trouble(what, lasting=True)
        case TlsFailed():
            return Trouble(_tls_trouble(fault.fault, where), lasting=True)
        case LookupError():  # topics are missing
            return Trouble(str(fault), lasting=False)
        case KafkaConnectionError() | OSError() | TimeoutError():
            what = f"no Kafka answers at {where}: start it, or correct PROBATION_KAFKA_BOOTSTRAP_SERVERS"
            return Trouble(what, lasting=False)
        case KafkaError() if isinstance(fault, _NOT_ALLOWED):
            user = settings.kafka_username or "this program"
            return Trouble(f"Kafka does not allow {user} to do this: {explain(fault)}", lasting=False)
        case KafkaError():
            return Trouble(f"Kafka refused the request: {_first_line(fault)}", lasting=False)
    return None


def _tls_trouble(fault: ssl.SSLError, where: str) -> str:
    if isinstance(fault, ssl.SSLCertVerificationError):
        return (
            f"Kafka at {where} shows a certificate that is not trusted ({fault.verify_message.rstrip('.')}): "
            "correct PROBATION_KAFKA_CA_FILE, or the host in PROBATION_KAFKA_BOOTSTRAP_SERVERS"
        )
    if "ALERT" in (fault.reason or ""):
        return (
            f"Kafka at {where} does not accept this program's certificate ({fault.reason}): correct "
            "PROBATION_KAFKA_CERTIFICATE_FILE and PROBATION_KAFKA_KEY_FILE"
        )
    return (
        f"Kafka at {where} does not speak TLS as this program does ({fault.reason}): correct its port, or "
        "PROBATION_KAFKA_SECURITY_PROTOCOL"
    )


def _first_line(fault: BaseException) -> str:
    return (str(fault) or type(fault).__name__).splitlines()[0]
