"""One secured system for all tests of a process, set up by the same jobs as in docker-compose.yml."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security.composed import Composed, ComposedKafka, ComposedPostgres, make_secrets
from tests.security.issuer import write_keys
from tools.embedded.choose import apache_lacks

JOBS = ("migrate", "access", "topics")


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """Kafka and PostgreSQL with TLS, users and rights."""
    if (lack := apache_lacks()) is not None:
        pytest.skip(f"needs Apache Kafka on this machine: {lack}")
    folder = tmp_path_factory.mktemp("secured")
    secrets = make_secrets(folder)
    write_keys(secrets / "token_keys.json")
    with ComposedKafka(secrets) as server, ComposedPostgres(secrets) as database:
        system = Composed(folder, secrets, server, database)
        for job in JOBS:
            done = system.run(job)
            assert done.returncode == 0, done.stderr
        yield system
