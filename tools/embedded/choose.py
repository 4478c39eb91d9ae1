"""Chooses the best Kafka and PostgreSQL that this machine has for the tests and the benchmark.

Kafka: KAFKA_BOOTSTRAP_SERVERS, else Docker, else JDK 17 or later (and Maven the first time), else the
embedded broker. PostgreSQL: DATABASE_URL, else Docker, else the machine's own binaries, else the embedded
ones.

PROBATION_TEST_KAFKA=given|docker|apache|embedded and PROBATION_TEST_POSTGRES=given|docker|machine|embedded
force one. If a forced one is not available, that is an error; otherwise the next is tried.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal, Protocol, TypeVar

from tools.embedded.broker import EmbeddedBroker
from tools.embedded.database import EmbeddedPostgres, machine_binaries
from tools.embedded.docker import KAFKA_IMAGE, POSTGRES_IMAGE, DockerKafka, DockerPostgres, docker_answers
from tools.embedded.given import GivenKafka, GivenPostgres
from tools.embedded.kafka import ApacheKafka, find_java, jars_are_here, version
from tools.embedded.process import EmbeddedError

Feature = Literal["real_kafka", "durable", "takeover", "idempotence", "restart"]
"""What a test may require:

* `real_kafka`   Apache Kafka itself: correct `end_offsets`, size limits, transactions, no automatic topics
* `durable`      acknowledged data survives the end of the server
* `takeover`     another member of a consumer group takes over from a killed one
* `idempotence`  aiokafka's `enable_idempotence=True` works
* `restart`      the test may stop, kill and start the server (`.server`)
"""


class Server(Protocol):
    """A server that can be started and ended. One at a given address allows only `start` and `close`."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...
    def close(self) -> None: ...


class KafkaServer(Server, Protocol):
    """A Kafka."""

    @property
    def bootstrap(self) -> str: ...


class PostgresServer(Server, Protocol):
    """A PostgreSQL."""

    def dsn(self, database: str = ..., *, user: str = ..., password: str | None = ...) -> str:
        """The address of a database, as the superuser unless another user and their password are given."""
        ...


@dataclass(frozen=True)
class Kafka:
    """The chosen Kafka. `name` is for printing. Close it with `.server.close()`."""

    name: str
    server: KafkaServer
    features: frozenset[Feature]
    client_settings: Mapping[str, str]
    """The environment variables that services need for this Kafka."""

    @property
    def bootstrap(self) -> str:
        """The address for a client's `bootstrap_servers`."""
        return self.server.bootstrap


@dataclass(frozen=True)
class Postgres:
    """The chosen PostgreSQL. `name` is for printing. Close it with `.server.close()`."""

    name: str
    server: PostgresServer
    features: frozenset[Feature]

    def dsn(self, database: str = "") -> str:
        """The address of a database, by default the maintenance database, as the superuser."""
        return self.server.dsn(database) if database else self.server.dsn()


Choice = TypeVar("Choice", Kafka, Postgres)


@dataclass(frozen=True)
class Candidate(Generic[Choice]):
    """One way to get a server. `lacks` returns what this machine lacks for it, or None."""

    kind: str
    lacks: Callable[[], str | None]
    make: Callable[[], Choice]


def choose(candidates: Sequence[Candidate[Choice]], variable: str, forced: str | None) -> Choice:
    """Start the first available one and return it.

    Args:
        candidates: in order of preference.
        variable: the name of the environment variable that forces one, for error messages.
        forced: the value of that variable: the kind that it must be.

    Raises:
        EmbeddedError: none is available, or not the forced one. The message gives each reason.
    """
    if forced:
        kinds = [candidate.kind for candidate in candidates]
        if forced not in kinds:
            raise EmbeddedError(f"{variable}={forced}: must be one of {', '.join(kinds)}")
        candidates = [candidate for candidate in candidates if candidate.kind == forced]
    reasons, failures = [], ""
    for candidate in candidates:
        lack = candidate.lacks()
        if lack is None:
            choice = candidate.make()
            try:
                choice.server.start()
                return replace(choice, name=choice.name + failures)
            except EmbeddedError as error:
                lack = str(error)
                failures += f" ({candidate.kind} was tried and failed: {lack.splitlines()[0]})"
        reasons.append(f"{candidate.kind}: {lack}")
    wanted = (
        f"{variable}={forced} is not available"
        if forced
        else f"none is available ({variable} would force one)"
    )
    raise EmbeddedError(f"{wanted}\n  " + "\n  ".join(reasons))


def kafka(environment: Mapping[str, str] = os.environ) -> Kafka:
    """The best available Kafka, running."""
    given = environment.get("KAFKA_BOOTSTRAP_SERVERS", "")
    real: frozenset[Feature] = frozenset({"real_kafka", "durable", "takeover", "idempotence"})
    candidates = (
        Candidate(
            "given",
            lambda: None if given else "KAFKA_BOOTSTRAP_SERVERS is not set",
            lambda: _kafka(f"the Kafka given in KAFKA_BOOTSTRAP_SERVERS ({given})", GivenKafka(given), real),
        ),
        Candidate(
            "docker",
            _docker_lacks,
            lambda: _kafka(f"Apache Kafka in Docker ({KAFKA_IMAGE})", DockerKafka(), real | {"restart"}),
        ),
        Candidate(
            "apache",
            apache_lacks,
            lambda: _kafka(
                f"Apache Kafka {version()} on this machine's JDK", ApacheKafka(), real | {"restart"}
            ),
        ),
        Candidate(
            "embedded",
            lambda: None,
            lambda: _kafka(
                "the embedded broker (Tansu, in memory)", EmbeddedBroker(), frozenset({"takeover"})
            ),
        ),
    )
    # If an address is given but nothing answers there, that is an error. Do not try the next candidate.
    variable = "PROBATION_TEST_KAFKA"
    return choose(candidates, variable, environment.get(variable) or ("given" if given else None))


def postgres(environment: Mapping[str, str] = os.environ) -> Postgres:
    """The best available PostgreSQL, running. Ours runs without fsync, because its data is only for tests."""
    given = environment.get("DATABASE_URL", "")
    binaries = machine_binaries()
    candidates = (
        Candidate(
            "given",
            lambda: None if given else "DATABASE_URL is not set",
            lambda: Postgres(
                "the PostgreSQL given in DATABASE_URL", GivenPostgres(given), frozenset({"durable"})
            ),
        ),
        Candidate(
            "docker",
            _docker_lacks,
            lambda: Postgres(f"PostgreSQL in Docker ({POSTGRES_IMAGE})", DockerPostgres(), _OWN),
        ),
        Candidate(
            "machine",
            lambda: None if binaries else "no PostgreSQL 15 or later is installed",
            lambda: Postgres(
                f"this machine's PostgreSQL ({binaries})",
                EmbeddedPostgres(binaries=binaries, fsync=False),
                _OWN,
            ),
        ),
        Candidate(
            "embedded",
            lambda: None,
            lambda: Postgres("the embedded PostgreSQL 18", EmbeddedPostgres(fsync=False), _OWN),
        ),
    )
    variable = "PROBATION_TEST_POSTGRES"
    return choose(candidates, variable, environment.get(variable) or ("given" if given else None))


_OWN: frozenset[Feature] = frozenset({"durable", "restart"})
_EMBEDDED_CLIENTS = {"PROBATION_KAFKA_IDEMPOTENCE": "false", "PROBATION_KAFKA_FETCH_MAX_WAIT_MS": "100"}
_KAFKA_CLIENTS = {"PROBATION_KAFKA_IDEMPOTENCE": "true", "PROBATION_KAFKA_FETCH_MAX_WAIT_MS": "500"}


def client_settings(bootstrap: str, *, embedded: bool) -> dict[str, str]:
    """The environment variables that services need for a single-node broker at this address."""
    profile = _EMBEDDED_CLIENTS if embedded else _KAFKA_CLIENTS
    return {
        "PROBATION_ENVIRONMENT": "development",  # it has no TLS
        "PROBATION_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "PROBATION_KAFKA_REPLICATION": "1",
        **profile,
    }


def _kafka(name: str, server: KafkaServer, features: frozenset[Feature]) -> Kafka:
    settings = client_settings(server.bootstrap, embedded="real_kafka" not in features)
    return Kafka(name, server, features, settings)


def _docker_lacks() -> str | None:
    return None if docker_answers() else "no Docker daemon answers"


def apache_lacks() -> str | None:
    """What this machine lacks to run Apache Kafka; None if nothing."""
    if find_java() is None:
        return "no JDK 17 or later (in JAVA_HOME or on the PATH)"
    if not jars_are_here() and shutil.which("mvn") is None:
        return "no Maven (`mvn`) to download Apache Kafka with"
    return None
