"""Who uses Kafka, and what each may do there: one principal a program, with the rights that it needs.

All of it follows from the catalogue and from what each service reads. What is not granted is refused, if the
brokers have `StandardAuthorizer` and `allow.everyone.if.no.acl.found=false`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal, NamedTuple

from feeds.registry import ADAPTERS, topic_of
from schemas.catalogue import CATALOGUE
from schemas.topics import (
    SERVICES,
    SOURCES,
    TOPICS,
    dead_letter_topic,
    standing_topic,
    topic_name,
    warning_topic,
)
from services.dashboard.model.reader import names as topics_of_the_dashboard
from tools.services import BY_NAME

Resource = Literal["topic", "group"]
Pattern = Literal["literal", "prefixed"]
Operation = Literal["Create", "Describe", "DescribeConfigs", "Read", "Write"]

SUBSCRIBER = "subscriber"
"""Its groups are those whose names begin with it and a dot."""

READ: tuple[Operation, ...] = ("Read",)
WRITE: tuple[Operation, ...] = ("Write",)
DESCRIBE: tuple[Operation, ...] = ("Describe",)
CREATE: tuple[Operation, ...] = ("Create", "Describe", "DescribeConfigs")


class Right(NamedTuple):
    """What may be done with one topic or group, or with all whose names begin so.

    `Read` and `Write` include `Describe` (Kafka's documentation, "Authorization and ACLs").
    """

    resource: Resource
    name: str
    operations: tuple[Operation, ...]
    pattern: Pattern = "literal"


@dataclass(frozen=True)
class Principal:
    """Somebody who uses Kafka: `name` is the user's name, or the common name in its certificate."""

    name: str
    what: str
    """Who it is for, in words."""
    rights: tuple[Right, ...]


class Acl(NamedTuple):
    """One entry of Kafka's access control list: the principal `User:<principal>` is allowed an operation."""

    principal: str
    resource: Resource
    name: str
    pattern: Pattern
    operation: Operation


def acls(prefix: str) -> list[Acl]:
    """Everything that is allowed, if topics and groups begin with `prefix`. Ordered, without repetition."""
    return [
        Acl(principal.name, right.resource, right.name, right.pattern, operation)
        for principal in principals(prefix)
        for right in principal.rights
        for operation in right.operations
    ]


def principals(prefix: str) -> list[Principal]:
    """Every principal with its rights, if topics and groups begin with `prefix`."""
    return [
        *(_service(name, prefix) for name in SERVICES),
        _dashboard(prefix),
        _ticker(prefix),
        *(_feed(name, prefix) for name in ADAPTERS),
        *(
            Principal(f"sender-{name}", f"who sends feed {name} its messages", _on(WRITE, [topic_of(name)]))
            for name in ADAPTERS
        ),
        *(
            Principal(f"source-{topic}", f"who publishes events on {topic}", _on(WRITE, [prefix + topic]))
            for topic in _UPSTREAM
        ),
        *_people(prefix),
    ]


_UPSTREAM = [topic for topic, source in SOURCES.items() if source.startswith("/feeds/")]


def _on(operations: tuple[Operation, ...], topics: Iterable[str]) -> tuple[Right, ...]:
    return tuple(Right("topic", topic, operations) for topic in topics)


def _written(service: str, prefix: str) -> list[str]:
    names = (topic_name, standing_topic, dead_letter_topic, warning_topic)
    return [name(service, prefix) for name in names]


def _service(name: str, prefix: str) -> Principal:
    # It reads its own topic too, to see what a database that was restored has lost.
    reads = [prefix + topic for topic in (*BY_NAME[name].reads, name)]
    group = Right("group", prefix + name, READ)
    return Principal(name, f"service {name}", (*_on(READ, reads), *_on(WRITE, _written(name, prefix)), group))


def _dashboard(prefix: str) -> Principal:
    return Principal("dashboard", "the dashboard", _on(READ, topics_of_the_dashboard(prefix)))


def _ticker(prefix: str) -> Principal:
    clock = topic_name("clock", prefix)
    return Principal("ticker", "the ticker", (Right("topic", clock, ("Read", "Write")),))


def _feed(name: str, prefix: str) -> Principal:
    # The feeds share one outbox, and the one that leads publishes for all of them. They state facts about
    # people, so they need no topic that has none.
    about_people = {
        topic for entry in CATALOGUE.values() if entry.subject == "person" for topic in entry.topics
    }
    writes = [prefix + topic for topic in _UPSTREAM if topic in about_people]
    user = f"feed-{name}"
    group = Right("group", prefix + user, READ)
    return Principal(user, f"feed {name}", (*_on(READ, [topic_of(name)]), *_on(WRITE, writes), group))


def _people(prefix: str) -> Iterator[Principal]:
    """Those who work on the command line or read what is published."""
    ours = [prefix + topic for topic in TOPICS if topic not in SERVICES]
    ours += chain.from_iterable(_written(service, prefix) for service in SERVICES)
    sent = [topic_of(name) for name in ADAPTERS]
    groups = Right("group", prefix or "*", DESCRIBE, "prefixed" if prefix else "literal")
    looks = (*_on(READ, ours), *_on(DESCRIBE, sent), groups)
    yield Principal("ops-read", "operators: looks at topics and at the groups' lag", looks)
    yield Principal("ops-topics", "`probation topics create`", _on(CREATE, [*ours, *sent]))
    findings = [name(service, prefix) for service in SERVICES for name in (topic_name, standing_topic)]
    # `practice` says whose cases have limited access and who must be erased: a subscriber must follow both.
    reads = [*findings, topic_name("practice", prefix)]
    own_groups = Right("group", f"{SUBSCRIBER}.", READ, "prefixed")
    yield Principal(SUBSCRIBER, "who reads what is published", (*_on(READ, reads), own_groups))
