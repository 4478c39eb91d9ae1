"""The feeds' own numbers, by date, from `policy.toml`."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from shared.policy import Policy, Values


@cache
def _policy() -> Policy:
    return Policy.load(Path(__file__).with_name("policy.toml"), "feeds")


def policy(on: date) -> Values:
    """The values in force on a day."""
    return _policy().on(on, None)
