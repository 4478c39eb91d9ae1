"""What docs/operations/secure.md tells people on this machine works with the files that `make up` creates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from confluent_kafka import KafkaError, Producer

from tests.security.composed import ROOT, Composed

EVENT = (ROOT / "docs" / "examples" / "sentence.json").read_bytes()
DOCUMENT = (ROOT / "docs" / "operations" / "secure.md").read_text()


@pytest.mark.parametrize(
    ("user", "error"), [("source-court", None), ("subscriber", "TOPIC_AUTHORIZATION_FAILED")]
)
def test_the_file_for_kcat_lets_a_source_publish_and_no_subscriber(
    secured: Composed, user: str, error: str | None
) -> None:
    # By kcat's library: a kcat with an older one than 2.2 cannot sign in at Kafka 4.
    [(file, topic, key)] = re.findall(
        r"^kcat -F deploy/secrets/(\S+) -P -t (\S+) -k (\S+)", DOCUMENT, re.MULTILINE
    )
    lines = (secured.secrets / file.replace("source-court", user)).read_text().splitlines()
    settings: dict[str, Any] = dict(line.split("=", 1) for line in lines)
    assert settings["bootstrap.servers"] == "localhost:9092"
    told: list[KafkaError | None] = []
    producer = Producer(
        settings | {"bootstrap.servers": f"localhost:{secured.kafka.host_port}", "log_level": 0}
    )
    producer.produce(topic, EVENT, key=key, on_delivery=lambda fault, _: told.append(fault))
    assert producer.flush(60) == 0
    assert [fault and fault.name() for fault in told] == [error]


async def test_the_options_for_python_connect(
    secured: Composed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "secrets").symlink_to(secured.secrets)
    monkeypatch.chdir(tmp_path)
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    known: dict[str, dict[str, object]] = {}
    exec(code, known)
    place = f"localhost:{secured.kafka.host_port}"
    async with AIOKafkaConsumer(bootstrap_servers=place, **known["SECURITY"]) as consumer:
        assert "probation.allocation" in await consumer.topics()
        assert "probation.workforce" not in await consumer.topics()
