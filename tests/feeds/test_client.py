"""Details are fetched from a real HTTP server: with retries, time-outs and a cache, and from nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from feeds import client
from feeds.client import NOTHING, TRIES, Details, Unavailable
from feeds.message import Message, Untranslatable
from feeds.postgres import Postgres
from feeds.registry import ADAPTERS
from feeds.runner import Feed
from tests.feeds.notices import notice, offender
from tests.feeds.source import OK, Source, serving
from tests.feeds.world import CRN, NOON


@pytest.fixture
def source() -> Iterator[Source]:
    """A running HTTP server."""
    with serving() as source:
        yield source


class Clock:
    """Seconds, as the test says."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def details(source: Source, clock: Clock) -> Details:
    """A client that may call the source, and pauses for no time between its tries."""
    return Details([source.url], "a token", pause=lambda _: 0, clock=clock)


async def test_a_detail_is_fetched_with_the_token(source: Source, details: Details) -> None:
    assert await details.fetch(f"{source.url}1") == b'{"a": 1}'
    assert (source.asked, source.tokens) == (["/details/1"], ["Bearer a token"])


async def test_an_address_may_be_below_the_first_that_may_be_called(source: Source, details: Details) -> None:
    await details.fetch("contacts/X123456/42")
    assert source.asked == ["/details/contacts/X123456/42"]


async def test_a_source_that_is_busy_is_asked_again(source: Source, details: Details) -> None:
    source.answers = [(503, b""), (429, b""), OK]
    assert await details.fetch(f"{source.url}1") == b'{"a": 1}'
    assert len(source.asked) == 3


async def test_a_source_that_stays_down_is_unavailable_after_some_tries(
    source: Source, details: Details
) -> None:
    source.answers = [(500, b"")]
    with pytest.raises(Unavailable, match="it answers 500"):
        await details.fetch(f"{source.url}1")
    assert len(source.asked) == TRIES


async def test_a_source_that_refuses_us_is_not_asked_again(source: Source, details: Details) -> None:
    source.answers = [(401, b"")]
    with pytest.raises(Unavailable, match="PROBATION_FEED_TOKEN"):
        await details.fetch(f"{source.url}1")
    assert len(source.asked) == 1


async def test_what_is_gone_is_nothing(source: Source, details: Details) -> None:
    source.answers = [(404, b"")]
    assert await details.fetch(f"{source.url}1") == NOTHING


async def test_a_redirect_is_not_followed(source: Source, details: Details) -> None:
    source.answers = [(302, b"")]
    with pytest.raises(Unavailable, match="302"):
        await details.fetch(f"{source.url}1")
    assert source.asked == ["/details/1"]


async def test_a_source_that_does_not_answer_in_time_is_unavailable(
    source: Source, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", httpx.Timeout(0.05))
    source.hang = threading.Event()
    details = Details([source.url], pause=lambda _: 0, clock=clock)
    with pytest.raises(Unavailable, match="ReadTimeout"):
        await details.fetch(f"{source.url}1")


async def test_an_answer_serves_the_messages_that_come_together_and_no_longer(
    source: Source, details: Details, clock: Clock
) -> None:
    await details.fetch(f"{source.url}1")
    await details.fetch(f"{source.url}1")
    clock.now = client.CACHED_SECONDS
    await details.fetch(f"{source.url}1")
    assert len(source.asked) == 2


async def test_an_answer_that_is_too_large_is_refused(
    source: Source, details: Details, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MOST_BYTES", 3)
    with pytest.raises(Untranslatable, match="more than 3 bytes"):
        await details.fetch(f"{source.url}1")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/details/1",
        "file:///etc/passwd",
        "http://127.0.0.1.evil.example/details/1",
        "{base}../secret",
        "{base}%2e%2e/secret",
        "http://user@{host}/details/1",
        "http://{host}/other/1",
        "http://[",
        "../secret",
        "contacts/../../secret",
        "",
    ],
)
async def test_no_other_address_is_called(source: Source, details: Details, url: str) -> None:
    host = source.url.split("/")[2]
    with pytest.raises(Untranslatable, match="PROBATION_FEED_DETAIL_URLS"):
        await details.fetch(url.format(base=source.url, host=host))
    assert source.asked == []


async def test_a_message_whose_detail_cannot_be_fetched_is_kept_and_fetched_later(
    source: Source, details: Details, store: Postgres
) -> None:
    import json

    feed = Feed(ADAPTERS["hmpps"], store, details, now=lambda: NOON)
    told = notice("probation-case.engagement.created") | {"detailUrl": f"{source.url}1"}
    source.answers = [(503, b"")]
    await feed.take(Message(json.dumps(told).encode(), {}, NOON, "a test"))
    assert await store.pool.fetchval("select status from messages") == "new"
    source.answers = [(200, json.dumps(offender()).encode())]
    await feed.tend()
    assert await store.pool.fetchval("select status from messages") == "done"
    assert await store.pool.fetchval("select subject from facts where type = 'place'") == CRN
