"""Apache Kafka and PostgreSQL in containers, for tests on a machine where a Docker daemon answers.

The images are those in `docker-compose.yml`. Ports are fixed and on 127.0.0.1, so that a container has the
same address and data after it is killed and started again. Testcontainers' reaper removes the containers when
this program ends.
"""

import secrets
import socket
import time
from abc import ABC, abstractmethod
from typing import Any, Self

from tools.embedded.database import address
from tools.embedded.process import EmbeddedError, free_port

KAFKA_IMAGE = "apache/kafka:4.3.1@sha256:77e3df9054047a88b520d0cc46e16696d3b22022e1d580aeccd2632df6532837"
POSTGRES_IMAGE = "postgres:17.11@sha256:d74eeac9a635390a49bc21bd49fccd973de707e2a53a76ac49b552b8712ec46f"
# A request that any Kafka answers (ApiVersions 0): Docker's proxy accepts connections before the broker does.
_API_VERSIONS = bytes.fromhex("0000000a 0012 0000 00000000 ffff")


class Container(ABC):
    """A server in a container with one port. Started, stopped, killed and closed like a `LocalServer`."""

    def __init__(
        self, image: str, port: int, environment: dict[str, str], command: str | None = None
    ) -> None:
        from testcontainers.core.container import DockerContainer

        self.port = free_port()
        self._image = image
        self._container = DockerContainer(image).with_envs(**environment)
        self._container.ports[f"{port}/tcp"] = ("127.0.0.1", self.port)  # type: ignore[assignment]
        if command is not None:
            self._container.with_command(command)
        self._created = False

    @abstractmethod
    def _is_ready(self) -> bool:
        """Whether it serves clients."""

    def start(self) -> None:
        """Start it, downloading the image if needed, and wait until it is ready. Raises `EmbeddedError`."""
        try:
            if self._created:
                self._docker().start()
            else:
                self._container.start()
                self._created = True
        except (
            Exception
        ) as error:  # from Docker's client, its HTTP client or the registry: all are treated alike
            raise EmbeddedError(f"Docker could not run {self._image}: {error}") from error
        end = time.monotonic() + 60
        while not self._is_ready():
            if time.monotonic() > end:
                output = self._docker().logs(tail=15).decode(errors="replace")
                self.close()
                raise EmbeddedError(f"{self._image} was not ready after 60 s:\n{output}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it gracefully, keeping data and port."""
        self._docker().stop()

    def kill(self) -> None:
        """Kill it as `kill -9` does, keeping data and port."""
        self._docker().kill()

    def restart(self) -> None:
        """Stop it gracefully and start it again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Remove the container and its data."""
        self._container.stop()

    def _docker(self) -> Any:
        return self._container.get_wrapped_container()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class DockerKafka(Container):
    """Apache Kafka, configured like `ApacheKafka`."""

    def __init__(self) -> None:
        super().__init__(KAFKA_IMAGE, 9092, {})
        environment = {
            "CLUSTER_ID": "cHJvYmF0aW9uLXRlc3RzLg",
            "KAFKA_NODE_ID": "1",
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{self.bootstrap}",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "KAFKA_LOG_DIRS": "/var/lib/kafka/data",
            "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
            "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
            "KAFKA_BROKER_SESSION_TIMEOUT_MS": "3000",
            "KAFKA_BROKER_HEARTBEAT_INTERVAL_MS": "500",
            "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "3",
            "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "3",
            "KAFKA_HEAP_OPTS": "-Xmx512m",
        }
        self._container.with_envs(**environment)

    @property
    def bootstrap(self) -> str:
        """The address for a client's `bootstrap_servers`."""
        return f"127.0.0.1:{self.port}"

    def _is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(_API_VERSIONS)
                return connection.recv(1) != b""
        except OSError:
            return False


class DockerPostgres(Container):
    """PostgreSQL for temporary databases, without fsync, like `EmbeddedPostgres(fsync=False)`."""

    def __init__(self) -> None:
        self._password = secrets.token_urlsafe(18)
        command = "postgres -c fsync=off -c full_page_writes=off -c max_connections=200"
        super().__init__(POSTGRES_IMAGE, 5432, {"POSTGRES_PASSWORD": self._password}, command)

    def dsn(self, database: str = "postgres", *, user: str = "postgres", password: str | None = None) -> str:
        """The address of a database, as the superuser unless another user and their password are given."""
        return address(self.port, database, user, self._password if password is None else password)

    def _is_ready(self) -> bool:
        # Over TCP, because the server answers on the socket before the image has set up the cluster.
        return self._container.exec(["pg_isready", "--host=127.0.0.1", "--quiet"]).exit_code == 0


def docker_answers() -> bool:
    """Whether a Docker daemon can be reached."""
    import docker

    try:
        docker.from_env(timeout=5).ping()
    except Exception:  # no socket, permission or daemon, or an invalid DOCKER_HOST: no
        return False
    return True
