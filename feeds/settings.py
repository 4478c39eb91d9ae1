"""Settings of the feeds."""

from __future__ import annotations

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class FeedSettings(ServiceSettings):
    """Settings of a feed."""

    feed_detail_urls: str = Field(
        default="",
        pattern=r"^(https?://[^\s,]+/(,https?://[^\s,]+/)*)?$",
        description="addresses, each with a slash at its end, below which details may be fetched, separated "
        "by commas; no other address is ever called",
    )
    feed_token: SecretStr | None = Field(
        default=None, description="bearer token with which details are fetched, if the sources want one"
    )
