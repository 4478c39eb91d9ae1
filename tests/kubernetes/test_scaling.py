"""KEDA gives each service as many instances as its lag asks for, and never more than there are partitions."""

import pytest

from shared.settings import KafkaSettings
from tests.kubernetes import Resource, environment, of_kind, pods
from tools.principals import Acl, acls
from tools.services import BY_NAME


def _trigger(service: str) -> dict[str, str]:
    [trigger] = of_kind("ScaledObject")[service]["spec"]["triggers"]
    found: dict[str, str] = trigger["metadata"]
    return found


def test_the_services_are_scaled_and_nothing_else() -> None:
    scaled: dict[str, Resource] = of_kind("ScaledObject")
    assert set(scaled) == set(BY_NAME)
    for name, resource in scaled.items():
        assert resource["spec"]["scaleTargetRef"] == {"kind": "StatefulSet", "name": name}
    # A number in the manifest would undo what KEDA did, each time it is applied.
    without = {name for name, it in of_kind("StatefulSet").items() if "replicas" not in it["spec"]}
    assert without == set(BY_NAME)


@pytest.mark.parametrize("service", BY_NAME)
def test_there_are_never_more_instances_than_partitions(service: str) -> None:
    given = environment(pods()[service])
    partitions = int(given["PROBATION_KAFKA_PARTITIONS"])
    assert of_kind("ScaledObject")[service]["spec"]["maxReplicaCount"] == partitions
    assert partitions == KafkaSettings.model_fields["kafka_partitions"].default  # Strimzi's topics have these


@pytest.mark.parametrize("service", BY_NAME)
def test_the_lag_is_that_of_the_services_group_on_its_brokers(service: str) -> None:
    given = environment(pods()[service])
    assert _trigger(service)["consumerGroup"] == given["PROBATION_TOPIC_PREFIX"] + service
    assert _trigger(service)["bootstrapServers"] == given["PROBATION_KAFKA_BOOTSTRAP_SERVERS"]
    assert "topic" not in _trigger(service)  # the lag of all its topics counts


@pytest.mark.parametrize("service", BY_NAME)
def test_who_asks_for_the_lag_may_see_it(service: str) -> None:
    spec = of_kind("TriggerAuthentication")["kafka-lag"]["spec"]
    [name] = spec["configMapTargetRef"]
    user = of_kind("ConfigMap")[name["name"]]["data"][name["key"]]
    assert {secret["name"] for secret in spec["secretTargetRef"]} == {f"kafka-{user}", "ca"}
    rights = acls(environment(pods()[service])["PROBATION_TOPIC_PREFIX"])
    group = Acl(user, "group", "probation.", "prefixed", "Describe")
    assert group in rights
    for topic in BY_NAME[service].reads:
        assert Acl(user, "topic", f"probation.{topic}", "literal", "Read") in rights
