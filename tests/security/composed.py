"""Kafka, PostgreSQL and our programs as docker-compose.yml sets them up, without Docker.

What a container is given is read from that file: settings, secrets, commands. Only what depends on the
machine is another here: host names, ports and folders.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from shared.settings import PREFIX, KafkaSettings
from tests.system.instance import Instance
from tools.embedded.database import _account, _readable, machine_binaries, wheel_binaries
from tools.embedded.kafka import ApacheKafka, fetch_jars, find_java
from tools.embedded.process import LocalServer, Process, accepts, free_port

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, Any] = COMPOSE["services"]

FOLDERS = ("default", "mounted", "final")
"""The kinds of folders that the image's program has for settings."""

QUICK = {
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "3",
}
"""Makes the tests quicker and has to do with no right."""

TOKENS = {
    "KAFKA_LISTENER_NAME_TOKEN_SASL_ENABLED_MECHANISMS": "OAUTHBEARER",
    "KAFKA_LISTENER_NAME_TOKEN_OAUTHBEARER_SASL_JAAS_CONFIG": (
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"
    ),
    "KAFKA_LISTENER_NAME_TOKEN_OAUTHBEARER_SASL_SERVER_CALLBACK_HANDLER_CLASS": (
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler"
    ),
    "KAFKA_LISTENER_NAME_TOKEN_OAUTHBEARER_CONNECTIONS_MAX_REAUTH_MS": "3600000",
    "KAFKA_SASL_OAUTHBEARER_EXPECTED_AUDIENCE": "kafka",
}
"""One more listener, for programs that come with a token."""


def make_secrets(folder: Path, *users: str) -> Path:
    """Run `deploy/make-secrets` in this folder, and return the folder with what it made.

    `users` get a certificate too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "deploy" / "make-secrets", folder)
    subprocess.run([folder / "make-secrets", *users], check=True)
    return folder / "secrets"


class ComposedKafka(ApacheKafka):
    """Kafka with the settings of the container `kafka`, which its image's own program makes of them."""

    start_seconds = 240.0  # clients that try to connect again slow its second start down

    def __init__(self, secrets: Path) -> None:
        super().__init__()
        self._secrets = secrets
        self.broker_port, self.host_port, self.token_port = free_port(), free_port(), free_port()
        keys = (secrets / "token_keys.json").as_uri()  # that sign tokens
        self.jvm_options = (f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys}",)
        self._tokens = TOKENS | {"KAFKA_SASL_OAUTHBEARER_JWKS_ENDPOINT_URL": keys}

    @property
    def bootstrap(self) -> str:
        """The address for programs that have a password."""
        return f"localhost:{self.port}"

    def placed(self, value: str) -> str:
        """A value of the file with this machine's ports and names."""
        ports = {
            "9092": self.host_port,
            "19092": self.port,
            "29092": self.broker_port,
            "29093": self._controller_port,
        }
        value = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value).replace("$$", "$")
        value = value.replace("kafka:", "localhost:").replace("://:", "://127.0.0.1:")
        return re.sub(r":(\d+)\b", lambda found: f":{ports.get(found[1], found[1])}", value)

    def _properties(self, data: Path) -> str:
        made = data.parent / "config" / "server.properties"
        files = given_secrets("kafka", self._secrets, data.parent / "secrets")
        if not made.exists():
            made.parent.mkdir()
            environment = {
                name: self.placed(str(value)).replace("/run/secrets", str(files))
                for name, value in CONTAINERS["kafka"]["environment"].items()
            }
            environment |= QUICK | self._tokens | {"KAFKA_LOG_DIRS": str(data)}
            for name in ("KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS"):
                environment[name] += f",TOKEN://localhost:{self.token_port}"
            environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] += ",TOKEN:SASL_SSL"
            command = [str(find_java()), "-cp", f"{fetch_jars()}/*", "kafka.docker.KafkaDockerWrapper"]
            command += ["setup", *(f"--{kind}-configs-dir={made.parent}" for kind in FOLDERS)]
            subprocess.run(command, env=environment, check=True, capture_output=True)
        return made.read_text()


class ComposedPostgres(LocalServer):
    """PostgreSQL with the program and the secrets of the container `postgres`."""

    def __init__(self, secrets: Path) -> None:
        super().__init__(None)
        self._secrets = secrets

    def _launch(self, folder: Path, remove: Path | None) -> tuple[Process, Callable[[], bool]]:
        folder.chmod(0o711)  # the server's account must be able to enter
        binaries = machine_binaries() or _readable(wheel_binaries())
        data, program = folder / "data", folder / "deploy"
        files = given_secrets("postgres", self._secrets, folder / "secrets")
        if not program.exists():
            shutil.copytree(ROOT / "deploy" / "postgres", program)
            data.mkdir(mode=0o700)
            if (account := _account()) is not None:
                shutil.chown(data, account)
        assert CONTAINERS["postgres"]["entrypoint"] == ["/deploy/start"]
        machine = {"port": self.port, "unix_socket_directories": "", "fsync": "off"}
        process = Process(
            "PostgreSQL",
            [str(program / "start"), *(f"--{name}={value}" for name, value in machine.items())],
            log=folder / "log",
            user=_account(),
            remove=remove,
            stop_signal="SIGINT",
            environment={
                "PATH": f"{binaries}:{os.environ['PATH']}",
                "PGDATA": str(data),
                "SECRETS": str(files),
            },
        )
        return process, lambda: accepts(self.port)


def given_secrets(container: str, secrets: Path, folder: Path) -> Path:
    """Put what a container finds in /run/secrets into this folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for given in CONTAINERS[container].get("secrets", []):
        names = {"source": given, "target": given} if isinstance(given, str) else given
        file = COMPOSE["secrets"][names["source"]]["file"].removeprefix("deploy/secrets/")
        shutil.copy(secrets / file, folder / names["target"])
    return folder


@dataclass
class Composed:
    """The running servers, and what each of our programs is given."""

    folder: Path
    secrets: Path
    kafka: ComposedKafka
    postgres: ComposedPostgres

    def environment(self, container: str, **other: str) -> dict[str, str]:
        """The environment variables of a container, and its secrets as they are now."""
        files = given_secrets(container, self.secrets, self.folder / "run" / container)
        for file in files.iterdir():
            text = file.read_text()
            if text.startswith("postgresql://"):
                placed = text.replace("@postgres:5432", f"@localhost:{self.postgres.port}")
                file.write_text(placed.replace("/run/secrets", str(files)))
        settings = {
            name: self.kafka.placed(str(value)).replace("/run/secrets", str(files))
            for name, value in CONTAINERS[container].get("environment", {}).items()
        }
        return settings | {f"{PREFIX}SECRETS_FOLDER": str(files)} | other

    def run(self, container: str, **other: str) -> subprocess.CompletedProcess[str]:
        """Run the command of a container to its end."""
        folders = dict(self._mounted(container))
        words = [folders.get(word, word) for word in CONTAINERS[container]["command"]]
        return self.command(words, self.environment(container, **other))

    def environment_with_certificate(self, container: str) -> dict[str, str]:
        """The same, but the program shows Kafka the certificate of its name in place of a password."""
        given = self.environment(container)
        files = self.folder / "run" / f"{container}-with-certificate"
        shutil.copytree(given[f"{PREFIX}SECRETS_FOLDER"], files, dirs_exist_ok=True)
        (files / "probation_kafka_password").unlink()
        certificate = shutil.copy(self.secrets / f"{container}.pem", files)
        return given | {
            f"{PREFIX}SECRETS_FOLDER": str(files),
            f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS": f"localhost:{self.kafka.broker_port}",
            f"{PREFIX}KAFKA_SECURITY_PROTOCOL": "SSL",
            f"{PREFIX}KAFKA_USERNAME": "",
            f"{PREFIX}KAFKA_CERTIFICATE_FILE": str(certificate),
            f"{PREFIX}KAFKA_KEY_FILE": str(certificate),
        }

    async def start(self, container: str, environment: Mapping[str, str] | None = None) -> Instance:
        """Start the program of a container, and wait until it is ready."""
        instance = await self.launch(container, environment)
        await instance.ready()
        return instance

    async def launch(self, container: str, environment: Mapping[str, str] | None = None) -> Instance:
        """Start the program of a container."""
        given = {**(environment or self.environment(container)), f"{PREFIX}KAFKA_SESSION_TIMEOUT_MS": "2000"}
        return await Instance.start(container, given, self.folder, words=CONTAINERS[container]["command"])

    def command(
        self, words: Iterable[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of ours with these settings and no others."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return subprocess.run(
            [sys.executable, "-m", "tools.cli", *words],
            env={**ours, "COLUMNS": "300", **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )

    def settings(self, principal: str, **other: Any) -> KafkaSettings:
        """The settings of a client that has this user's password."""
        given: dict[str, Any] = {
            "kafka_bootstrap_servers": self.kafka.bootstrap,
            "kafka_security_protocol": "SASL_SSL",
            "kafka_username": principal,
            "kafka_password": (self.secrets / "kafka" / principal).read_text(),
            "kafka_ca_file": self.secrets / "ca.crt",
            "kafka_replication": 1,
        }
        return KafkaSettings(**(given | other))

    def by_certificate(self, name: str, folder: Path | None = None) -> KafkaSettings:
        """The settings of a client that shows this certificate, from the folder of secrets or another."""
        file = (folder or self.secrets) / f"{name}.pem"
        return KafkaSettings(
            kafka_bootstrap_servers=f"localhost:{self.kafka.broker_port}",
            kafka_security_protocol="SSL",
            kafka_ca_file=self.secrets / "ca.crt",
            kafka_certificate_file=file,
            kafka_key_file=file,
        )

    def administrator(self) -> KafkaSettings:
        """The settings of the one who may do everything."""
        return self.by_certificate("admin")

    def address(self, database: str, user: str) -> str:
        """The address of a database for a user, with the user's own password."""
        file = self.secrets / ("postgres" if user == "postgres" else f"database/{user}")
        place = f"{user}:{file.read_text()}@localhost:{self.postgres.port}/{database}"
        return f"postgresql://{place}?sslmode=verify-full&sslrootcert={self.secrets}/ca.crt"

    def _mounted(self, container: str) -> Iterable[tuple[str, str]]:
        for volume in CONTAINERS[container].get("volumes", []):
            source, target, _ = volume.split(":")
            yield target, str(self.secrets / source.removeprefix("./deploy/secrets/"))
