"""Tokens for Kafka (OAUTHBEARER), from the token endpoint that the settings name."""

from __future__ import annotations

import ssl
from typing import Any

from aiokafka.abc import AbstractTokenProvider
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from httpx2 import HTTPError

from shared.security import EARLY_SECONDS, TokenRefused, TokenUnavailable
from shared.settings import KafkaSettings

TOKEN_SECONDS = 10.0
"""How long the token endpoint may take to answer."""


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
