"""Makes Kafka's users, and its access control list what `tools/principals.py` says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from shared.security import EARLY_SECONDS, tokens
from shared.settings import KafkaSettings
from tools.principals import Acl

SECONDS = 30.0
"""How long the brokers may take."""

ITERATIONS = 8192
"""Of SCRAM's hash; Kafka's least is 4096. Passwords here are random, so that more would not help."""

_OPERATIONS = {
    "Create": AclOperation.CREATE,
    "Describe": AclOperation.DESCRIBE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
}
_RESOURCES = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
_PATTERNS = {"literal": ResourcePatternType.LITERAL, "prefixed": ResourcePatternType.PREFIXED}


class Rights:
    """Kafka's users and what they may do, as an administrator sees them. Each method raises `KafkaError`."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._prefix = settings.topic_prefix
        self._client = AdminClient(_options(settings))

    def apply(self, wanted: Collection[Acl]) -> tuple[int, int]:
        """Allow these principals what is wanted, and no longer what is not. Returns how many of each.

        Entries for other principals, and for names that are not ours, stay as they are.
        """
        bindings = {_binding(acl) for acl in wanted}
        there = self._all()
        names, principals = {acl.name for acl in bindings}, {acl.principal for acl in bindings}
        surplus = {
            acl
            for acl in there - bindings
            if acl.principal in principals and (acl.name in names or acl.name.startswith(self._prefix))
        }
        if added := bindings - there:
            _wait(self._client.create_acls(sorted(added), request_timeout=SECONDS).values())
        if surplus:
            _wait(self._client.delete_acls([_only(acl) for acl in surplus], request_timeout=SECONDS).values())
        return len(added), len(surplus)

    def set_passwords(self, passwords: Mapping[str, str]) -> None:
        """Make users with these passwords, or change theirs. Connections that are open stay open."""
        how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
        changes: list[Any] = [
            UserScramCredentialUpsertion(user, how, password.encode()) for user, password in passwords.items()
        ]
        if changes:
            _wait(self._client.alter_user_scram_credentials(changes, request_timeout=SECONDS).values())

    def _all(self) -> set[AclBinding]:
        everything = AclBindingFilter(
            ResourceType.ANY,
            None,
            ResourcePatternType.ANY,
            None,
            None,
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        [found] = _wait([self._client.describe_acls(everything, request_timeout=SECONDS)])
        return set(found)


def _wait(futures: Iterable[Any]) -> list[Any]:
    try:
        return [future.result(SECONDS) for future in futures]
    except KafkaException as fault:
        raise KafkaError(fault.args[0].str()) from None


def _binding(acl: Acl) -> AclBinding:
    return AclBinding(
        _RESOURCES[acl.resource],
        acl.name,
        _PATTERNS[acl.pattern],
        f"User:{acl.principal}",
        "*",
        _OPERATIONS[acl.operation],
        AclPermissionType.ALLOW,
    )


def _only(acl: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        acl.restype,
        acl.name,
        acl.resource_pattern_type,
        acl.principal,
        acl.host,
        acl.operation,
        acl.permission_type,
    )


def _options(settings: KafkaSettings) -> dict[str, Any]:
    """The settings as librdkafka wants them."""
    options: dict[str, Any] = {
        "bootstrap.servers": settings.kafka_bootstrap_servers,
        "client.id": "probation-rights",
        "security.protocol": settings.kafka_security_protocol,
        "log_level": 0,  # what goes wrong is raised
        "ssl.ca.location": settings.kafka_ca_file,
        "ssl.certificate.location": settings.kafka_certificate_file,
        "ssl.key.location": settings.kafka_key_file,
    }
    provider = tokens(settings)
    if provider is not None:
        options["sasl.mechanism"] = "OAUTHBEARER"
        options["oauth_cb"] = lambda _: (asyncio.run(provider.token()), time.time() + EARLY_SECONDS)
    elif settings.uses_sasl:
        options |= {
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": settings.user,
            "sasl.password": settings.password,
        }
    return {name: str(v) if hasattr(v, "parts") else v for name, v in options.items() if v is not None}
