"""How a Kafka client and a broker know each other: TLS, and the client's certificate, password or token.

Every client gets it here: consumers, producers, administration and the command line.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed

from shared.settings import KafkaSettings

if TYPE_CHECKING:
    from faststream.security import BaseSecurity

EARLY_SECONDS = 60
"""A token that ends sooner is not used any more: a new one is fetched."""


class TlsFailed(KafkaConnectionError):  # type: ignore[misc]
    """A broker and this client do not trust each other's certificate, or one of them does not speak TLS."""

    def __init__(self, fault: ssl.SSLError) -> None:
        super().__init__(fault.reason)
        self.fault = fault


class TokenRefused(SaslAuthenticationFailed):  # type: ignore[misc]
    """The token endpoint gives this client no token. The message is its reason."""


class TokenUnavailable(KafkaConnectionError):  # type: ignore[misc]
    """The token endpoint does not answer."""


def security(settings: KafkaSettings) -> BaseSecurity:
    """The settings as FastStream wants them."""
    from faststream.security import BaseSecurity, SASLOAuthBearer, SASLScram512  # only services load it

    tls = _tls(settings)
    if not settings.uses_sasl:
        return BaseSecurity(ssl_context=tls, use_ssl=tls is not None)
    if settings.kafka_token_url is not None:
        return SASLOAuthBearer(ssl_context=tls, use_ssl=tls is not None)
    return SASLScram512(settings.user, settings.password, ssl_context=tls, use_ssl=tls is not None)


def tokens(settings: KafkaSettings) -> AbstractTokenProvider | None:
    """Where a client that needs a token gets it; None if it needs none."""
    if not settings.uses_sasl or settings.kafka_token_url is None:
        return None
    from shared.tokens import Tokens  # its libraries take a fifth of a second to load

    return Tokens(settings)


def options(settings: KafkaSettings) -> dict[str, Any]:
    """The settings as aiokafka wants them."""
    common = {"security_protocol": settings.kafka_security_protocol, "ssl_context": _tls(settings)}
    if not settings.uses_sasl:
        return common
    if (provider := tokens(settings)) is not None:
        return common | {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth_token_provider": provider}
    user = {"sasl_plain_username": settings.user, "sasl_plain_password": settings.password}
    return common | {"sasl_mechanism": "SCRAM-SHA-512"} | user


def _tls(settings: KafkaSettings) -> ssl.SSLContext | None:
    if not settings.uses_tls:
        return None
    context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.kafka_certificate_file is not None:
        context.load_cert_chain(settings.kafka_certificate_file, settings.kafka_key_file)
    return context
