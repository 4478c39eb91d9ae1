"""Strimzi makes the topics and users that the programs need, with the rights that the catalogue gives."""

from typing import Any

import yaml

from shared.kafka import topic_configs
from shared.settings import KafkaSettings
from tests.kubernetes import FOLDER, files, of_kind, pods
from tools.principals import acls
from tools.topics import all_topics

SETTINGS = KafkaSettings(kafka_bootstrap_servers="localhost:9092")


def _resources(name: str) -> dict[str, Any]:
    text = (FOLDER / "strimzi" / f"{name}.yaml").read_text()
    return {resource["metadata"]["name"]: resource["spec"] for resource in yaml.safe_load_all(text)}


def test_the_topics_are_those_that_topics_create_would_make() -> None:
    topics = _resources("topics")
    assert {name: spec["partitions"] for name, spec in topics.items()} == all_topics(SETTINGS)
    assert {spec["config"]["min.insync.replicas"] for spec in topics.values()} == {"2"}
    assert {name: spec["config"] for name, spec in topics.items()} == {
        name: topic_configs(name, replicas=3) for name in topics
    }


def test_the_users_have_the_rights_that_the_catalogue_gives_and_no_others() -> None:
    granted = {
        (user, acl["resource"]["type"], acl["resource"]["name"], acl["resource"]["patternType"], operation)
        for user, spec in _resources("users").items()
        for acl in spec["authorization"]["acls"]
        for operation in acl["operations"]
    }
    strimzi = {"literal": "literal", "prefixed": "prefix"}
    assert granted == {
        (a.principal, a.resource, a.name, strimzi[a.pattern], a.operation) for a in acls("probation.")
    }


def test_every_password_for_kafka_is_that_of_a_user() -> None:
    named = {secret for pod in pods().values() for secret, _ in files(pod).values()}
    named |= {it["name"] for it in of_kind("TriggerAuthentication")["kafka-lag"]["spec"]["secretTargetRef"]}
    users = {name.removeprefix("kafka-") for name in named if name.startswith("kafka-")}
    assert users
    assert users <= set(_resources("users"))
