"""When the certificates end that a program's connections need, as a metric.

These are the certificates in its files, as they were when it started: it goes on with those until it starts
again. And they are those that the servers show: a program with a password has no other way to know them.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import SplitResult, parse_qs, urlsplit

from prometheus_client import Gauge

from shared.encryption import hosts_of, mode_of
from shared.settings import KafkaSettings
from shared.waiting import cancel

log = logging.getLogger(__name__)

LOOK_SECONDS = 600.0
"""How often the servers are asked."""

ANSWER_SECONDS = 5.0
"""How long a server may take to show its certificate."""

POSTGRESQL_PORT = 5432

_TLS_REQUEST = (8).to_bytes(4) + (80877103).to_bytes(4)
"""Asks PostgreSQL to go on with TLS (its documentation, "SSLRequest")."""


class Certificate(NamedTuple):
    """A certificate, or of several in one file the one that ends first.

    `place` is the file, or the server's host and port. `ends` is in seconds since the epoch.
    """

    kind: Literal["authority", "client", "server"]
    place: str
    ends: float


def in_files(settings: KafkaSettings) -> list[Certificate]:
    """The certificates that the settings name. One that cannot be read is left out, and logged."""
    asked = parse_qs(urlsplit(_database_url(settings)).query)
    files: list[tuple[Literal["authority", "client"], Path | str | None]] = [
        ("authority", settings.kafka_ca_file if settings.uses_tls else None),
        ("client", settings.kafka_certificate_file),
        ("authority", asked.get("sslrootcert", [None])[-1]),
        ("client", asked.get("sslcert", [None])[-1]),
    ]
    found = []
    for kind, file in files:
        if file is not None:
            try:
                found.append(Certificate(kind, str(file), _first_end(Path(file).read_bytes())))
            except (OSError, ValueError) as fault:
                log.warning("a certificate cannot be read", extra={"file": str(file), "why": str(fault)})
    return found


def _first_end(pem: bytes) -> float:
    from cryptography import x509  # it takes a seventh of a second to load, and 8 MiB

    return min(one.not_valid_after_utc.timestamp() for one in x509.load_pem_x509_certificates(pem))


async def of_servers(settings: KafkaSettings) -> list[Certificate]:
    """The certificates of the brokers and of the database that the settings name.

    A server that does not answer, or not with TLS, is left out.
    """
    brokers = settings.kafka_bootstrap_servers.split(",") if settings.uses_tls else []
    url = _database_url(settings)
    encrypted = mode_of(url) in ("require", "verify-ca", "verify-full")
    databases = [host for host in hosts_of(url) if host and not host.startswith("/")] if encrypted else []
    shown = await asyncio.gather(
        *(_shown(urlsplit(f"//{place}"), settings) for place in brokers),
        *(_shown(urlsplit(f"//{place}"), None) for place in databases),
    )
    return [one for one in shown if one is not None]


def _database_url(settings: KafkaSettings) -> str:
    """The address of the program's database; empty if it has none."""
    url = getattr(settings, "database_url", None)
    return url.get_secret_value() if url is not None else ""


async def _shown(place: SplitResult, kafka: KafkaSettings | None) -> Certificate | None:
    """The certificate of a broker for a client with these settings; of PostgreSQL if there are none."""
    host, port = place.hostname or "", place.port or POSTGRESQL_PORT
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            context = _only_looking(kafka)
            reader, writer = await asyncio.open_connection(host, port, ssl=context if kafka else None)
            try:
                if kafka is None:
                    writer.write(_TLS_REQUEST)
                    if await reader.readexactly(1) != b"S":
                        return None
                    await writer.start_tls(context, server_hostname=host)
                der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            finally:
                writer.transport.abort()
    except (OSError, EOFError, TimeoutError):
        return None
    return Certificate("server", f"{host}:{port}", _first_end(ssl.DER_cert_to_PEM_cert(der).encode()))


def _only_looking(kafka: KafkaSettings | None) -> ssl.SSLContext:
    # It trusts everybody, because nothing is sent, and a certificate that has ended is to be seen too.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if kafka is not None and kafka.kafka_certificate_file is not None:
        context.load_cert_chain(kafka.kafka_certificate_file, kafka.kafka_key_file)
    return context


@asynccontextmanager
async def watched(settings: KafkaSettings, ends: Gauge) -> AsyncIterator[None]:
    """Keep the metric up to date inside the block."""
    watching = asyncio.create_task(_watch(settings, ends))
    try:
        yield
    finally:
        await cancel(watching)


async def _watch(settings: KafkaSettings, ends: Gauge) -> None:
    _show(await asyncio.to_thread(in_files, settings), ends)
    while True:
        _show(await of_servers(settings), ends)
        await asyncio.sleep(LOOK_SECONDS)


def _show(certificates: Iterable[Certificate], ends: Gauge) -> None:
    for one in certificates:
        ends.labels(one.kind, one.place).set(one.ends)
