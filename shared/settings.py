"""Settings: environment variables named `PROBATION_...`, or files of the same names in `/run/secrets`.

PROBATION_SECRETS_FOLDER names another folder for the files. Passwords belong there: other processes of the
same user can read the environment of a process.

Each field says what it is for. If a setting is missing or wrong, the program ends with one line that names
the variable and the remedy.
"""

from __future__ import annotations

import difflib
import os
import ssl
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.encryption import database_mistake, kafka_mistake
from shared.mistakes import Mistake

PREFIX = "PROBATION_"
SECRETS_FOLDER = f"{PREFIX}SECRETS_FOLDER"
OTHERS = (f"{PREFIX}TEST_", f"{PREFIX}ACCESS_REASON", f"{PREFIX}FEED_", SECRETS_FOLDER)
"""Variables that begin so belong to the tests, the command line and the feeds, or say where secrets are."""

SECRETS = Path(os.environ.get(SECRETS_FOLDER, "/run/secrets"))
"""The folder with settings that are files, so that no list of processes shows them."""

DEVELOPMENT_ERASURE_KEY = b"for development only"
"""Takes the place of PROBATION_ERASURE_KEY in development: what it hides is not secret."""


class SettingsError(Mistake):
    """A setting is missing or wrong. The message is one line: which variable, and what to do."""


class KafkaSettings(BaseSettings):
    """Settings of every program that uses Kafka."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", env_ignore_empty=True)

    environment: Literal["production", "development"] = Field(
        default="production", description="development allows connections without TLS"
    )
    kafka_bootstrap_servers: str = Field(
        pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$",
        description="the brokers' addresses, for example localhost:9092",
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT",
        description="protocol of the connection: SASL_SSL (user and password, or token) or SSL (client "
        "certificate); the others only in development",
    )
    kafka_username: str | None = Field(
        default=None, description="SCRAM-SHA-512 user, for SASL; with a token endpoint, the client's id there"
    )
    kafka_password: SecretStr | None = Field(
        default=None, description="password of that user; with a token endpoint, the client's secret there"
    )
    kafka_ca_file: Path | None = Field(
        default=None,
        description="certificate authority of the brokers (PEM), if the system does not trust it already; "
        "trusted for the token endpoint too",
    )
    kafka_certificate_file: Path | None = Field(
        default=None, description="certificate with which the program shows who it is (PEM), for mutual TLS"
    )
    kafka_key_file: Path | None = Field(
        default=None, description="private key of that certificate (PEM, PKCS #8), without a password"
    )
    kafka_token_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="address at which tokens are fetched, for OAUTHBEARER in place of SCRAM-SHA-512",
    )
    kafka_token_scope: str | None = Field(
        default=None, description="scope that tokens are asked for, if the endpoint wants one"
    )
    kafka_idempotence: bool = Field(
        default=True,
        description="false only for the embedded broker, which does not support idempotent producers",
    )
    kafka_fetch_max_wait_ms: int = Field(
        default=500,
        ge=1,
        le=30_000,
        description="how long the broker may delay the answer to a fetch; embedded: 100",
    )
    kafka_session_timeout_ms: int = Field(
        default=30_000,
        ge=1_000,
        le=300_000,
        description="time without a heartbeat after which an instance loses its partitions",
    )
    kafka_replication: int = Field(
        default=3, ge=1, le=9, description="replicas of each topic that is created; 1 if there is one broker"
    )
    kafka_partitions: int = Field(
        default=12,
        ge=1,
        le=1_000,
        description="partitions of each topic that is created. Do not change it later, because keys would "
        "move; set it to the new number to accept that a topic was given more",
    )
    topic_prefix: str = Field(
        default="probation.",
        pattern=r"^[A-Za-z0-9._-]{0,50}$",
        description="prefix of every topic and consumer group",
    )
    http_host: str = Field(default="0.0.0.0", description="address for health checks and metrics")  # noqa: S104
    http_port: int = Field(
        default=8080, ge=0, le=65_535, description="port for health checks and metrics; 0: none"
    )
    log_key: SecretStr | None = Field(
        default=None,
        description="key of the hash that identifies a person in logs; the same for all services, so that "
        "one person can be followed. Without it each process generates its own",
    )

    @property
    def intended_partitions(self) -> int | None:
        """The number of partitions that people have set; None if nobody has."""
        return self.kafka_partitions if "kafka_partitions" in self.model_fields_set else None

    @field_validator("kafka_ca_file")
    @classmethod
    def _readable(cls, path: Path | None) -> Path | None:
        if path is not None:
            try:
                ssl.create_default_context(cafile=path)
            except (OSError, ssl.SSLError) as error:
                raise ValueError(f"{path} cannot be used: {error}") from None
        return path

    @property
    def uses_sasl(self) -> bool:
        """Whether the client says who it is with a password or a token."""
        return self.kafka_security_protocol.startswith("SASL")

    @property
    def uses_tls(self) -> bool:
        """Whether connections are encrypted, and the brokers' certificates checked."""
        return self.kafka_security_protocol.endswith("SSL")

    @property
    def user(self) -> str:
        """The SASL user's name."""
        return self.kafka_username or ""

    @property
    def password(self) -> str:
        """The SASL user's password."""
        return self.kafka_password.get_secret_value() if self.kafka_password else ""

    def check(self) -> None:
        """Refuse contradictory settings, and in production unencrypted ones. Raises `SettingsError`."""
        if mistake := kafka_mistake(self):
            raise SettingsError(mistake)


class ServiceSettings(KafkaSettings):
    """Settings of a service."""

    database_url: SecretStr = Field(description="the service's own database, postgresql://user@host/name")
    erasure_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="key of the hash that is kept of an erased person, at least 16 characters; the same for "
        "all services, and for ever. Without it nobody can be erased",
    )
    brake_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="stop if more than this share of recent messages is bad; 1 never stops",
    )
    brake_window: int = Field(
        default=1_000, ge=1, description="number of recent messages that this share is taken of"
    )

    def check(self) -> None:
        """Refuse what `KafkaSettings` refuses, and an unencrypted connection to a database elsewhere."""
        super().check()
        url = self.database_url.get_secret_value()
        if mistake := database_mistake(f"{PREFIX}DATABASE_URL", url, self.environment):
            raise SettingsError(mistake)

    @property
    def hashing_key(self) -> bytes | None:
        """The erasure key; in development one of its own takes its place."""
        if self.erasure_key is not None:
            return self.erasure_key.get_secret_value().encode()
        return DEVELOPMENT_ERASURE_KEY if self.environment == "development" else None

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: SecretStr) -> SecretStr:
        parts = urlsplit(value.get_secret_value())
        try:
            _ = parts.port
        except ValueError:
            raise ValueError("its port must be a number up to 65535") from None
        if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
            raise ValueError("must be postgresql://user@host:port/name")
        return value


S = TypeVar("S", bound=KafkaSettings)


def load(kind: type[S], **given: Any) -> S:
    """The settings of this process. `given` overrides the environment. Raises `SettingsError`."""
    _refuse_unknown(kind)
    try:
        settings = kind(_secrets_dir=SECRETS if SECRETS.is_dir() else None, **given)
    except ValidationError as error:
        raise SettingsError(_explained(kind, error)) from None
    settings.check()
    return settings


def describe(settings: KafkaSettings) -> dict[str, str]:
    """The settings in force, without passwords, to show or log."""
    shown = {}
    for name, value in settings:
        if name == "database_url":
            parts = urlsplit(value.get_secret_value())
            place = parts.netloc.rpartition("@")[2]
            shown[name] = f"{parts.scheme}://{parts.username or ''}@{place}{parts.path}"
        elif value is not None:
            shown[name] = str(value)
    return shown


def _refuse_unknown(kind: type[KafkaSettings]) -> None:
    known = {PREFIX + name.upper() for name in ServiceSettings.model_fields | kind.model_fields}
    others = tuple(start for start in OTHERS if not any(name.startswith(start) for name in known))
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and not name.startswith(others) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            remedy = f"did you mean {close[0]}?" if close else f"the settings are {', '.join(sorted(known))}"
            raise SettingsError(f"{name} is not a setting: {remedy}")


def _explained(kind: type[BaseSettings], error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    field = str(first["loc"][0])
    variable = PREFIX + field.upper()
    means = kind.model_fields[field].description
    if first["type"] == "missing":
        return f"{variable} is missing: set it to {means}"
    return f"{variable} is wrong: {first['msg'].removeprefix('Value error, ')} ({means})"
