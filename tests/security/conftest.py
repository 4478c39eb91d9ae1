"""One secured system for all tests of a process, set up by the same jobs as in docker-compose.yml."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.security.composed import Composed, ComposedKafka, ComposedPostgres, make_secrets
from tests.security.issuer import write_keys
from tools.embedded.choose import apache_lacks


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """Kafka and PostgreSQL with TLS, users and rights."""
    if (lack := apache_lacks()) is not None:
        pytest.skip(f"needs Apache Kafka on this machine: {lack}")
    folder = tmp_path_factory.mktemp("secured")
    secrets = make_secrets(folder)
    write_keys(secrets / "token_keys.json")
    server = ComposedKafka(secrets)
    with ComposedPostgres(secrets) as database, ThreadPoolExecutor(1) as meanwhile:
        system = Composed(folder, secrets, server, database)
        migrate = meanwhile.submit(system.run, "migrate")  # it needs no Kafka
        with server:
            for done in (system.run("access"), system.run("topics"), migrate.result()):
                assert done.returncode == 0, done.stderr
            yield system
