"""What KEDA and Strimzi accept, as far as it is used here. Kubernetes' own schemas do not have these kinds.

Sources: keda.sh, "ScaledObject specification", "TriggerAuthentication", "Apache Kafka" (2.18); strimzi.io,
"Custom resource API reference" (1.0).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", max_length=253)]
Number = Annotated[str, Field(pattern=r"^[1-9]\d*$")]
Switch = Literal["true", "false"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)


class Metadata(_Strict):
    name: Name
    namespace: Name | None = None
    labels: dict[str, str] = {}


class _Target(_Strict):
    kind: Literal["Deployment", "StatefulSet"]
    name: Name


class _Metadata(_Strict):
    """Of a trigger: all values are text."""

    bootstrap_servers: str
    consumer_group: str
    lag_threshold: Number
    offset_reset_policy: Literal["earliest", "latest"]
    exclude_persistent_lag: Switch
    ensure_even_distribution_of_partitions: Switch
    sasl: Literal["none", "plaintext", "scram_sha256", "scram_sha512", "oauthbearer"]
    tls: Literal["enable", "disable"]


class _Reference(_Strict):
    name: Name


class _Trigger(_Strict):
    type: Literal["kafka"]
    metadata: _Metadata
    authentication_ref: _Reference


class _Advanced(_Strict):
    horizontal_pod_autoscaler_config: dict[Literal["behavior"], dict[str, Any]]


class _Scaling(_Strict):
    scale_target_ref: _Target
    min_replica_count: int = Field(ge=1)  # a group that has never committed would stay at 0
    max_replica_count: int
    cooldown_period: int
    advanced: _Advanced
    triggers: list[_Trigger] = Field(min_length=1)


class ScaledObject(_Strict):
    api_version: Literal["keda.sh/v1alpha1"]
    kind: Literal["ScaledObject"]
    metadata: Metadata
    spec: _Scaling


class _Parameter(_Strict):
    parameter: Literal["username", "password", "ca", "cert", "key"]
    name: Name
    key: str


class _Authentication(_Strict):
    config_map_target_ref: list[_Parameter]
    secret_target_ref: list[_Parameter]


class TriggerAuthentication(_Strict):
    api_version: Literal["keda.sh/v1alpha1"]
    kind: Literal["TriggerAuthentication"]
    metadata: Metadata
    spec: _Authentication


class _TopicSpec(_Strict):
    partitions: int = Field(ge=1)
    replicas: int = Field(ge=1)
    config: dict[Literal["retention.ms", "cleanup.policy", "max.message.bytes", "min.insync.replicas"], str]


class KafkaTopic(_Strict):
    api_version: Literal["kafka.strimzi.io/v1"]
    kind: Literal["KafkaTopic"]
    metadata: Metadata
    spec: _TopicSpec


class _AclResource(_Strict):
    type: Literal["topic", "group", "cluster", "transactionalId"]
    name: str
    pattern_type: Literal["literal", "prefix"]


class _Acl(_Strict):
    resource: _AclResource
    operations: list[
        Literal["Read", "Write", "Create", "Delete", "Alter", "Describe", "DescribeConfigs", "AlterConfigs"]
    ] = Field(min_length=1)


class _Authorization(_Strict):
    type: Literal["simple"]
    acls: list[_Acl]


class _Scram(_Strict):
    type: Literal["scram-sha-512"]


class _UserSpec(_Strict):
    authentication: _Scram
    authorization: _Authorization


class KafkaUser(_Strict):
    api_version: Literal["kafka.strimzi.io/v1"]
    kind: Literal["KafkaUser"]
    metadata: Metadata
    spec: _UserSpec


KINDS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in (ScaledObject, TriggerAuthentication, KafkaTopic, KafkaUser)
}
