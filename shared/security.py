"""How a Kafka client and a broker know each other: TLS, and the client's certificate, password or token.

Every client gets it here: consumers, producers, administration and the command line.
"""

from __future__ import annotations

import ssl
from typing import Any

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLOAuthBearer, SASLScram512
from httpx2 import HTTPError

from shared.settings import KafkaSettings

TOKEN_SECONDS = 10.0
"""How long the token endpoint may take to answer."""

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
    tls = _tls(settings)
    if not settings.uses_sasl:
        return BaseSecurity(ssl_context=tls, use_ssl=tls is not None)
    if settings.kafka_token_url is not None:
        return SASLOAuthBearer(ssl_context=tls, use_ssl=tls is not None)
    return SASLScram512(settings.user, settings.password, ssl_context=tls, use_ssl=tls is not None)


def tokens(settings: KafkaSettings) -> AbstractTokenProvider | None:
    """Where a client that needs a token gets it; None if it needs none."""
    return Tokens(settings) if settings.uses_sasl and settings.kafka_token_url is not None else None


def options(settings: KafkaSettings) -> dict[str, Any]:
    """The settings as aiokafka wants them."""
    provider = tokens(settings)
    more = {} if provider is None else {"sasl_oauth_token_provider": provider}
    return parse_security(security(settings)) | more


def _tls(settings: KafkaSettings) -> ssl.SSLContext | None:
    if not settings.uses_tls:
        return None
    context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.kafka_certificate_file is not None:
        context.load_cert_chain(settings.kafka_certificate_file, settings.kafka_key_file)
    return context


class Tokens(AbstractTokenProvider):  # type: ignore[misc]
    """Fetches tokens as a client with a secret (OAuth 2.0, RFC 6749 section 4.4).

    A token serves until shortly before it ends. A client asks for one at each connection, and the broker ends
    connections whose token has ended if `connections.max.reauth.ms` is set there.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._token: Any = None

    async def token(self) -> str:
        """A token that is valid for a while. Raises `TokenRefused` or `TokenUnavailable`."""
        if self._token is None or self._token.is_expired(leeway=EARLY_SECONDS):
            self._token = await self._fetch()
        return str(self._token["access_token"])

    async def _fetch(self) -> Any:
        trusted = ssl.create_default_context()
        if self._settings.kafka_ca_file is not None:
            trusted.load_verify_locations(self._settings.kafka_ca_file)
        client = AsyncOAuth2Client(
            self._settings.user,
            self._settings.password,
            scope=self._settings.kafka_token_scope,
            verify=trusted,
            timeout=TOKEN_SECONDS,
        )
        try:
            async with client:
                token = await client.fetch_token(
                    self._settings.kafka_token_url, grant_type="client_credentials"
                )
        except OAuthError as fault:
            raise TokenRefused(fault.error) from None
        except (HTTPError, OSError) as fault:
            raise TokenUnavailable(str(fault) or type(fault).__name__) from None
        if not token.get("access_token"):
            raise TokenRefused("the answer has no token")
        return token
