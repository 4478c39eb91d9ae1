"""Each user of Kafka may do what it must, and every other combination of user, thing and act is refused.

The acts are requests that a broker checks for rights first, and that then change nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import pytest
from aiokafka import AIOKafkaClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)
from aiokafka.protocol.admin import CreateTopicsRequest, DescribeConfigsRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.produce import ProduceRequest

from shared import aiokafka_internals as internals
from shared.kafka import client_options
from shared.settings import KafkaSettings
from tests.security.composed import Composed, make_secrets
from tools.principals import Acl, acls, principals
from tools.rights import Rights
from tools.topics import all_topics

PREFIX = "probation."
NAMES = [principal.name for principal in principals(PREFIX)]
OTHERS = ("somebody.else", "subscriber.one", "feeds.new")
"""Names that no right is about, but for the subscriber's groups."""
TOPICS = sorted({*OTHERS, *(acl.name for acl in acls(PREFIX) if acl.resource == "topic")})
GROUPS = sorted({*OTHERS, *(acl.name for acl in acls(PREFIX) if acl.resource == "group")})
REFUSED = {
    error.errno
    for error in (
        TopicAuthorizationFailedError,
        GroupAuthorizationFailedError,
        ClusterAuthorizationFailedError,
    )
}
Done = set[tuple[str, str]]
"""Acts with the names of what they were done to."""


def allowed(acts: Iterable[tuple[str, str, int]]) -> Done:
    return {(act, name) for act, name, code in acts if code not in REFUSED}


async def tried_on_topics(client: AIOKafkaClient, node: int) -> Done:
    wrote = await client.send(node, ProduceRequest(None, -1, 5_000, [(t, [(0, b"")]) for t in TOPICS]))
    read = await client.send(node, FetchRequest(0, 0, 1, 1, [(t, [(0, 0, 1)]) for t in TOPICS]))
    made = await client.send(node, CreateTopicsRequest([(t, 1, 1, [], []) for t in TOPICS], 5_000, True))
    seen = await client.send(node, internals.MetadataWithIds(TOPICS))
    configured = await client.send(node, DescribeConfigsRequest([(2, t, None) for t in TOPICS], False))
    return allowed(
        itertools.chain(
            (("Write", name, parts[0][1]) for name, parts in wrote.topics),
            (("Read", name, parts[0][1]) for name, parts in read.topics),
            (("Create", name, code) for name, code, *_ in made.topic_errors),
            (("Describe", name, code) for code, name, *_ in seen.topics),
            (("DescribeConfigs", name, code) for code, _, _, name, *_ in configured.resources),
        )
    )


async def tried_on_groups(client: AIOKafkaClient, node: int) -> Done:
    acts: list[tuple[str, str, int]] = []
    for name in GROUPS:
        beat = await client.send(node, HeartbeatRequest(name, 1, "nobody"))
        found = await client.send(node, FindCoordinatorRequest(name, 0))
        acts += [("Read", name, beat.error_code), ("Describe", name, found.error_code)]
    return allowed(acts)


async def tried(settings: KafkaSettings) -> tuple[Done, Done]:
    """What of all acts a user may do: to topics, to groups."""
    client = await internals.connect(client_options(settings, "test"), request_timeout_ms=10_000)
    try:
        node: Any = client.get_random_node()
        return await tried_on_topics(client, node), await tried_on_groups(client, node)
    finally:
        await client.close()


def expected(principal: str, resource: str, names: Iterable[str]) -> Done:
    """What the list says: who may read or write may describe too."""

    def covers(acl: Acl, name: str) -> bool:
        return name.startswith(acl.name) if acl.pattern == "prefixed" else name == acl.name

    mine = [acl for acl in acls(PREFIX) if acl.principal == principal and acl.resource == resource]
    rights = {(acl.operation, name) for acl in mine for name in names if covers(acl, name)}
    return {*rights, *(("Describe", name) for act, name in rights if act in ("Read", "Write"))}


def test_the_list_is_about_every_topic_that_there_is(secured: Composed) -> None:
    assert set(all_topics(secured.settings("ops-read"))) <= set(TOPICS)


@pytest.mark.parametrize("principal", NAMES)
async def test_a_user_may_do_what_it_must_and_nothing_else(secured: Composed, principal: str) -> None:
    on_topics, on_groups = await tried(secured.settings(principal))
    assert on_topics == expected(principal, "topic", TOPICS)
    assert on_groups == expected(principal, "group", GROUPS)


async def test_a_certificate_gives_the_same_rights_as_the_password_of_its_user(secured: Composed) -> None:
    make_secrets(secured.folder, "contacts")
    assert await tried(secured.by_certificate("contacts")) == await tried(secured.settings("contacts"))


async def test_a_right_that_is_not_in_the_list_is_taken_away_when_it_is_applied(secured: Composed) -> None:
    rights = Rights(secured.administrator())
    more = Acl("dashboard", "topic", "probation.practice", "literal", "Write")
    assert rights.apply([*acls(PREFIX), more]) == (1, 0)
    assert ("Write", "probation.practice") in (await tried(secured.settings("dashboard")))[0]
    assert rights.apply(acls(PREFIX)) == (0, 1)
    assert ("Write", "probation.practice") not in (await tried(secured.settings("dashboard")))[0]
