"""When certificates end is read from the files that a program was given, and from what servers show."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.metrics import TickerMetrics
from shared.runtime.certificates import Certificate, in_files, of_servers, watched
from shared.settings import KafkaSettings, ServiceSettings
from tests.security.composed import make_secrets
from tools.embedded.process import free_port


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_secrets(tmp_path_factory.mktemp("certificates"), "contacts")


def settings(secrets: Path, port: int = 1, **given: Any) -> ServiceSettings:
    known: dict[str, Any] = {
        "kafka_bootstrap_servers": f"localhost:{port}",
        "kafka_security_protocol": "SSL",
        "kafka_ca_file": secrets / "ca.crt",
        "database_url": "postgresql://contacts@localhost:1/contacts",
    }
    return ServiceSettings(**(known | given))


def told_by_openssl(file: Path) -> float:
    """When the certificate in a file ends."""
    command = ["openssl", "x509", "-noout", "-enddate", "-in", str(file)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(ssl.cert_time_to_seconds(said.strip().removeprefix("notAfter=")))


@asynccontextmanager
async def broker(certificate: Path) -> AsyncIterator[int]:
    """A server that speaks TLS and shows this certificate. Its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    port = free_port()
    async with await asyncio.start_server(lambda _, writer: writer.close(), "localhost", port, ssl=context):
        yield port


def test_each_certificate_that_the_settings_name_is_read(secrets: Path) -> None:
    of_the_database = f"sslmode=verify-full&sslrootcert={secrets}/ca.crt&sslcert={secrets}/postgres.pem"
    found = in_files(
        settings(
            secrets,
            kafka_certificate_file=secrets / "contacts.pem",
            kafka_key_file=secrets / "contacts.pem",
            database_url=f"postgresql://contacts@db/contacts?{of_the_database}",
        )
    )
    named = [
        ("authority", "ca.crt"),
        ("client", "contacts.pem"),
        ("authority", "ca.crt"),
        ("client", "postgres.pem"),
    ]
    assert found == [
        Certificate(kind, str(secrets / name), told_by_openssl(secrets / name))  # type: ignore[arg-type]
        for kind, name in named
    ]


def test_of_several_authorities_in_a_file_the_one_that_ends_first_counts(
    secrets: Path, tmp_path: Path
) -> None:
    both = tmp_path / "ca.crt"
    both.write_text("".join((secrets / name).read_text() for name in ("ca.crt", "kafka.pem")))
    [found] = in_files(settings(secrets, kafka_ca_file=both))
    assert found.ends == told_by_openssl(secrets / "kafka.pem") < told_by_openssl(secrets / "ca.crt")


def test_a_file_that_is_no_certificate_hides_no_other(secrets: Path) -> None:
    broken = f"sslmode=verify-full&sslrootcert={secrets}/erasure_key"
    [found] = in_files(settings(secrets, database_url=f"postgresql://contacts@db/contacts?{broken}"))
    assert found.place == str(secrets / "ca.crt")


async def test_a_server_tells_what_it_shows_and_one_that_is_away_tells_nothing(secrets: Path) -> None:
    async with broker(secrets / "kafka.pem") as port:
        given = settings(secrets, kafka_bootstrap_servers=f"localhost:{port},localhost:1")
        expected = Certificate("server", f"localhost:{port}", told_by_openssl(secrets / "kafka.pem"))
        assert await of_servers(given) == [expected]


async def test_a_server_whose_certificate_the_program_does_not_trust_is_seen_too(
    secrets: Path, tmp_path: Path
) -> None:
    foreign = make_secrets(tmp_path)
    async with broker(foreign / "kafka.pem") as port:
        [seen] = await of_servers(settings(secrets, port))
    assert seen.ends == told_by_openssl(foreign / "kafka.pem")


async def test_without_tls_there_is_nothing_to_tell() -> None:
    plain = KafkaSettings(environment="development", kafka_bootstrap_servers="localhost:1")
    assert in_files(plain) == await of_servers(plain) == []


async def test_the_metric_goes_on_with_what_the_files_held_when_the_program_started(
    secrets: Path, tmp_path: Path
) -> None:
    file = tmp_path / "ca.crt"
    file.write_text((secrets / "ca.crt").read_text())
    place = {"kind": "authority", "place": str(file)}

    def ends() -> float | None:
        return metrics.registry.get_sample_value("probation_certificate_expiry_timestamp_seconds", place)

    for certificate in ("ca.crt", "postgres.pem"):  # the second is what a new start finds
        file.write_text((secrets / certificate).read_text())
        metrics = TickerMetrics()
        async with watched(settings(secrets, kafka_ca_file=file), metrics.certificate_ends):
            async with asyncio.timeout(30):
                while ends() is None:  # noqa: ASYNC110 - it sends no signal
                    await asyncio.sleep(0.01)
            file.write_text((secrets / "contacts.pem").read_text())
        assert ends() == told_by_openssl(secrets / certificate)
