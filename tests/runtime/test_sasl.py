"""A Kafka that asks for a password: a wrong one ends each program with one line that says so."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.connecting import Unusable
from shared.runtime.ticker import Ticker
from shared.settings import KafkaSettings
from tests.conftest import needs
from tests.runtime.environment import PATIENCE, Environment
from tests.runtime.test_ticker import DAYS
from tools.embedded import choose
from tools.embedded.kafka import ApacheKafka
from tools.embedded.process import free_port


class WithPasswords(ApacheKafka):
    """A Kafka whose clients need a password. It has no users: every password is wrong."""

    def _properties(self, data: Path) -> str:
        inside = f"INSIDE://127.0.0.1:{free_port()}"
        lines = super()._properties(data).replace("PLAINTEXT://", f"{inside},SASL_PLAINTEXT://")
        return lines.replace("PLAINTEXT:PLAINTEXT", "SASL_PLAINTEXT:SASL_PLAINTEXT,INSIDE:PLAINTEXT") + (
            "\ninter.broker.listener.name=INSIDE\nsasl.enabled.mechanisms=SCRAM-SHA-512\n"
            "listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config="
            "org.apache.kafka.common.security.scram.ScramLoginModule required;\n"
        )


@pytest.fixture
def guarded(kafka: choose.Kafka) -> Iterator[dict[str, object]]:
    """The settings of a user with a wrong password."""
    if not isinstance(kafka.server, ApacheKafka):
        needs(kafka, "real_kafka")
        pytest.skip("needs Apache Kafka on this machine's JDK")
    with WithPasswords() as server:
        yield {
            "environment": "development",
            "kafka_bootstrap_servers": server.bootstrap,
            "kafka_security_protocol": "SASL_PLAINTEXT",
            "kafka_username": "porter",
            "kafka_password": SecretStr("wrong"),
        }


async def test_a_wrong_password_for_kafka_ends_the_service_and_the_ticker(
    env: Environment, guarded: dict[str, object]
) -> None:
    ticker = Ticker(KafkaSettings(**guarded), "clock", DAYS)  # type: ignore[arg-type]
    for program in (env.runtime(**guarded), ticker):
        with pytest.raises(Unusable) as refused:
            async with asyncio.timeout(PATIENCE):
                await program.run()
        told = str(refused.value)
        assert f"Kafka at {guarded['kafka_bootstrap_servers']} refuses user porter: correct" in told
        assert "wrong" not in told
