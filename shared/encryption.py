"""What is wrong with how a program would connect: unencrypted, or without all that it needs to be known."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from shared.settings import KafkaSettings

LOCAL = ("localhost", "127.0.0.1", "::1")
DEVELOPMENT = "(or set PROBATION_ENVIRONMENT=development)"


def kafka_mistake(settings: KafkaSettings) -> str | None:
    """What must be corrected in the settings for Kafka, in one line; None if nothing must."""
    protocol = f"PROBATION_KAFKA_SECURITY_PROTOCOL={settings.kafka_security_protocol}"
    production = settings.environment == "production"
    if not settings.uses_tls and production:
        # aiokafka and FastStream would send everything in the clear without a warning.
        sends = "the password" if settings.uses_sasl else "everything"
        return (
            f"{protocol} sends {sends} unencrypted: set it to SASL_SSL, or to SSL with a client certificate "
            f"{DEVELOPMENT}"
        )
    if settings.uses_sasl and not (settings.user and settings.password):
        return f"{protocol} needs PROBATION_KAFKA_USERNAME and PROBATION_KAFKA_PASSWORD: set both"
    if not settings.uses_sasl and (settings.user or settings.password or settings.kafka_token_url):
        return (
            "PROBATION_KAFKA_USERNAME, PROBATION_KAFKA_PASSWORD or PROBATION_KAFKA_TOKEN_URL is set, but "
            "would not be used: set PROBATION_KAFKA_SECURITY_PROTOCOL=SASL_SSL, or remove them"
        )
    if production and settings.kafka_token_url and not settings.kafka_token_url.startswith("https:"):
        return "PROBATION_KAFKA_TOKEN_URL must begin with https://, since the client's secret is sent there"
    return _certificate_mistake(settings, protocol)


def _certificate_mistake(settings: KafkaSettings, protocol: str) -> str | None:
    certificate, key = settings.kafka_certificate_file, settings.kafka_key_file
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        return "PROBATION_KAFKA_CERTIFICATE_FILE and PROBATION_KAFKA_KEY_FILE belong together: set both"
    if not settings.uses_tls:
        return f"{protocol} would not use PROBATION_KAFKA_CERTIFICATE_FILE: set it to SSL or SASL_SSL"
    try:
        # A password would be asked for on the terminal.
        ssl.create_default_context().load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        return (
            "PROBATION_KAFKA_CERTIFICATE_FILE and PROBATION_KAFKA_KEY_FILE cannot be used "
            f"({str(error).splitlines()[0]}): set them to a certificate and its key, in PEM and unencrypted"
        )
    return None


def database_mistake(variable: str, url: str, environment: str) -> str | None:
    """What must be corrected in the address of a database that `variable` names; None if nothing must.

    A server on this machine needs no TLS. Any other must show a certificate that fits its name, except in
    development.
    """
    safe = mode_of(url) == "verify-full" or all(_is_local(host) for host in hosts_of(url))
    if environment != "production" or safe:
        return None
    return (
        f"{variable} does not say how the server must show who it is: add ?sslmode=verify-full, and "
        f"&sslrootcert=FILE if the system does not trust its certificate authority {DEVELOPMENT}"
    )


def hosts_of(url: str) -> list[str]:
    """The hosts in the address of a database, each with its port if it says one."""
    parts = urlsplit(url)
    return parse_qs(parts.query).get("host") or parts.netloc.rpartition("@")[2].split(",")


def mode_of(url: str) -> str:
    """What the address of a database, or the environment, says of TLS (`sslmode`); empty if nothing."""
    return (parse_qs(urlsplit(url).query).get("sslmode") or [os.environ.get("PGSSLMODE", "")])[-1]


def _is_local(host: str) -> bool:
    if host.startswith("["):
        return host[1:].partition("]")[0] in LOCAL
    return host == "" or host.startswith("/") or host.partition(":")[0] in LOCAL or host == "::1"
