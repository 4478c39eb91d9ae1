"""What docs/operations/secure.md tells people on this machine works with the files that `make up` creates."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

from tests.security.composed import ROOT, Composed

DOCUMENT = (ROOT / "docs" / "operations" / "secure.md").read_text()


@pytest.mark.skipif(shutil.which("kcat") is None, reason="needs kcat: install it")
def test_kcat_publishes_as_a_source_and_is_refused_as_a_subscriber(secured: Composed) -> None:
    [line] = re.findall(r"^kcat .* -P .*$", DOCUMENT, re.MULTILINE)

    def publish(words: list[str]) -> subprocess.CompletedProcess[str]:
        here = [
            "-b",
            f"localhost:{secured.kafka.host_port}",
            "-X",
            f"ssl.ca.location={secured.secrets}/ca.crt",
        ]
        return subprocess.run([*words, *here], cwd=ROOT, capture_output=True, text=True, timeout=60)

    words = [word.replace("deploy/secrets", str(secured.secrets)) for word in line.split()]
    done = publish(words)
    assert done.returncode == 0, done.stderr
    refused = publish([word.replace("source-court", "subscriber") for word in words])
    assert refused.returncode != 0
    assert "authorization" in refused.stderr.lower()


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
