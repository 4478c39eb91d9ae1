"""Which Kafka and which PostgreSQL the tests and the benchmark get: the best that this machine has.

Kafka: KAFKA_BOOTSTRAP_SERVERS, else Docker, else a JDK 17+ (and Maven, once), else the embedded broker.
PostgreSQL: DATABASE_URL, else Docker, else the machine's own binaries, else the embedded ones.

PROBATION_TEST_KAFKA=given|docker|apache|embedded and PROBATION_TEST_POSTGRES=given|docker|machine|embedded
force one; it is then an error if that one cannot be had, where otherwise the next is tried.
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
"""What a test may need:

* `real_kafka`   Apache Kafka itself: right `end_offsets`, size limits, transactions, only topics we made
* `durable`      what was acknowledged survives the end of the server
* `takeover`     another member of a consumer group takes over from one that was killed
* `idempotence`  aiokafka's `enable_idempotence=True` works
* `restart`      the test may stop, kill and start the server (`.server`)
"""


class Server(Protocol):
    """A server that can be started and ended; one that was given refuses all but `start` and `close`."""

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
        """Address of a database; as the superuser unless another user and its password are given."""
        ...


@dataclass(frozen=True)
class Kafka:
    """The Kafka that was chosen. `name` is fit to print; close it with `.server.close()`."""

    name: str
    server: KafkaServer
    features: frozenset[Feature]
    client_settings: Mapping[str, str]
    """Environment variables that services read, for this Kafka."""

    @property
    def bootstrap(self) -> str:
        """Address for a client's `bootstrap_servers`."""
        return self.server.bootstrap


@dataclass(frozen=True)
class Postgres:
    """The PostgreSQL that was chosen. `name` is fit to print; close it with `.server.close()`."""

    name: str
    server: PostgresServer
    features: frozenset[Feature]

    def dsn(self, database: str = "") -> str:
        """Address of a database, of the maintenance database if none is named; as the superuser."""
        return self.server.dsn(database) if database else self.server.dsn()


Choice = TypeVar("Choice", Kafka, Postgres)


@dataclass(frozen=True)
class Candidate(Generic[Choice]):
    """One way to get a server: `lacks` says what this machine lacks for it, None if nothing."""

    kind: str
    lacks: Callable[[], str | None]
    make: Callable[[], Choice]


def choose(candidates: Sequence[Candidate[Choice]], variable: str, forced: str | None) -> Choice:
    """Start the first that can be had, and return it running.

    Args:
        candidates: the best first.
        variable: name of the environment variable that forces one, for error texts.
        forced: its value: the kind that it must be.

    Raises:
        EmbeddedError: none could be had, or not the forced one; the text gives each reason.
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
        f"{variable}={forced} cannot be had" if forced else f"none can be had ({variable} would force one)"
    )
    raise EmbeddedError(f"{wanted}\n  " + "\n  ".join(reasons))


def kafka(environment: Mapping[str, str] = os.environ) -> Kafka:
    """A running Kafka, the best there is."""
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
            _apache_lacks,
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
    # An address that was given is meant: if nothing answers there, that is an error, not a reason to go on.
    variable = "PROBATION_TEST_KAFKA"
    return choose(candidates, variable, environment.get(variable) or ("given" if given else None))


def postgres(environment: Mapping[str, str] = os.environ) -> Postgres:
    """A running PostgreSQL, the best there is; ours runs without fsync, as its data is only for tests."""
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
    """The environment variables that services read, for a broker with one node at this address."""
    profile = _EMBEDDED_CLIENTS if embedded else _KAFKA_CLIENTS
    return {"PROBATION_KAFKA_BOOTSTRAP_SERVERS": bootstrap, "PROBATION_KAFKA_REPLICATION": "1", **profile}


def _kafka(name: str, server: KafkaServer, features: frozenset[Feature]) -> Kafka:
    settings = client_settings(server.bootstrap, embedded="real_kafka" not in features)
    return Kafka(name, server, features, settings)


def _docker_lacks() -> str | None:
    return None if docker_answers() else "no Docker daemon answers"


def _apache_lacks() -> str | None:
    if find_java() is None:
        return "no JDK 17 or later (JAVA_HOME or the PATH)"
    if not jars_are_here() and shutil.which("mvn") is None:
        return "no Maven (`mvn`) to fetch Apache Kafka with"
    return None
