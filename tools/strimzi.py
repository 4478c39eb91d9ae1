"""The topics and users of Kafka as resources of Strimzi, an operator that runs Kafka on Kubernetes.

It makes each topic as `probation topics create` would, and each user with the rights that
`probation topics acls` tells. The user's password is in a Secret that it makes. Resources are of version
`kafka.strimzi.io/v1` (Strimzi 1.0 or later; source: "Strimzi custom resource API reference").
"""

from __future__ import annotations

from typing import Any

from shared.kafka import topic_configs
from shared.settings import KafkaSettings
from tools.principals import Principal, Right, principals
from tools.topics import all_topics

CLUSTER = "probation"
"""The name of the `Kafka` resource that they belong to."""

_PATTERNS = {"literal": "literal", "prefixed": "prefix"}


def resources() -> dict[str, list[dict[str, Any]]]:
    """All resources, by the name of the file that they go into."""
    # The defaults, whatever the environment says; the address is not used.
    settings = KafkaSettings.model_construct(kafka_bootstrap_servers="")
    topics = [_topic(name, count, settings) for name, count in sorted(all_topics(settings).items())]
    return {"topics": topics, "users": [_user(user) for user in principals(settings.topic_prefix)]}


def _topic(name: str, partitions: int, settings: KafkaSettings) -> dict[str, Any]:
    spec = {
        "partitions": partitions,
        "replicas": settings.kafka_replication,
        "config": topic_configs(name, settings.kafka_replication),
    }
    return _resource("KafkaTopic", name, spec)


def _user(user: Principal) -> dict[str, Any]:
    authorization = {"type": "simple", "acls": [_acl(right) for right in user.rights]}
    spec = {"authentication": {"type": "scram-sha-512"}, "authorization": authorization}
    return _resource("KafkaUser", user.name, spec)


def _acl(right: Right) -> dict[str, Any]:
    resource = {"type": right.resource, "name": right.name, "patternType": _PATTERNS[right.pattern]}
    return {"resource": resource, "operations": list(right.operations)}


def _resource(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"strimzi.io/cluster": CLUSTER}}
    return {"apiVersion": "kafka.strimzi.io/v1", "kind": kind, "metadata": metadata, "spec": spec}
