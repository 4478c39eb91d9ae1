"""Who may do what in Kafka, as it follows from the catalogue."""

from collections import Counter

import pytest

from schemas.topics import SERVICES, SOURCES
from services.dashboard.model.reader import names
from shared.settings import KafkaSettings
from tools.principals import Acl, acls, principals
from tools.topics import all_topics

PREFIX = "probation."
ACLS = acls(PREFIX)
TOPICS = set(all_topics(KafkaSettings(kafka_bootstrap_servers="localhost:9092")))


def allowed(principal: str, operation: str, resource: str = "topic") -> set[str]:
    return {
        acl.name
        for acl in ACLS
        if (acl.principal, acl.operation, acl.resource) == (principal, operation, resource)
    }


def who_may(operation: str, topic: str) -> set[str]:
    return {acl.principal for acl in ACLS if (acl.operation, acl.name) == (operation, topic)}


def test_a_service_reads_its_topics_and_its_own_and_writes_only_its_own() -> None:
    mine = {f"{PREFIX}contacts{kind}" for kind in ("", ".standing", ".dead-letter", ".warning")}
    read = ("court", "prison", "practice", "providers", "allocation", "referrals", "clock", "contacts")
    assert allowed("contacts", "Read") == {PREFIX + topic for topic in read}
    assert allowed("contacts", "Write") == mine
    assert allowed("contacts", "Read", "group") == {"probation.contacts"}
    assert {acl.operation for acl in ACLS if acl.principal == "contacts"} == {"Read", "Write"}


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_else_writes_what_a_service_publishes_or_is_in_its_group(service: str) -> None:
    for kind in ("", ".standing", ".dead-letter", ".warning"):
        assert who_may("Write", f"{PREFIX}{service}{kind}") == {service}
    groups = {acl for acl in ACLS if acl.resource == "group" and acl.name == PREFIX + service}
    assert groups == {Acl(service, "group", PREFIX + service, "literal", "Read")}


def test_each_topic_from_outside_has_its_own_source_and_only_the_ticker_announces_days() -> None:
    assert who_may("Write", "probation.clock") == {"ticker"}
    for topic in ("court", "prison", "practice", "providers", "workforce"):
        feeds = {name for name in who_may("Write", PREFIX + topic) if not name.startswith("feed-")}
        assert feeds == {f"source-{topic}"}


def test_feeds_state_facts_about_people_only() -> None:
    written = {PREFIX + topic for topic in ("court", "prison", "practice", "providers")}
    assert allowed("feed-hmpps", "Write") == written
    assert allowed("feed-hmpps", "Read") == {"feeds.hmpps"}
    assert allowed("feed-hmpps", "Read", "group") == {"probation.feed-hmpps"}
    assert who_may("Read", "feeds.hmpps") == {"feed-hmpps"}
    assert who_may("Write", "feeds.hmpps") == {"sender-hmpps"}


def test_the_dashboard_operators_and_subscribers_write_nothing() -> None:
    assert allowed("dashboard", "Read") == set(names(PREFIX))
    for name in ("dashboard", "ops-read", "ops-topics", "subscriber"):
        assert not allowed(name, "Write")
    assert not {topic for topic in allowed("subscriber", "Read") if topic.endswith((".warning", "letter"))}


def test_only_the_one_who_creates_topics_may_create_them_and_reads_none() -> None:
    assert {acl.principal for acl in ACLS if acl.operation == "Create"} == {"ops-topics"}
    assert allowed("ops-topics", "Create") >= TOPICS
    assert not allowed("ops-topics", "Read")


def test_every_topic_has_a_writer_and_a_reader() -> None:
    for topic in TOPICS:
        assert who_may("Write", topic)
        assert who_may("Read", topic)


def test_no_principal_and_no_entry_is_there_twice() -> None:
    assert len(set(ACLS)) == len(ACLS)
    assert max(Counter(principal.name for principal in principals(PREFIX)).values()) == 1


def test_another_prefix_changes_the_names_and_nothing_else() -> None:
    other = [acl._replace(name=acl.name.replace("t1-", PREFIX)) for acl in acls("t1-")]
    assert other == ACLS
    assert set(SOURCES) <= {acl.name for acl in acls("")}
    assert Acl("ops-read", "group", "*", "literal", "Describe") in acls("")
