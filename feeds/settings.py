"""Settings and policy of the feeds."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr

from shared.policy import Policy, Values
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


@cache
def _policy() -> Policy:
    return Policy.load(Path(__file__).with_name("policy.toml"), "feeds")


def policy(on: date) -> Values:
    """The feeds' own numbers on a day of receipt."""
    return _policy().on(on, None)
