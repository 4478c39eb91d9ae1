"""The best server that a machine has is chosen, in the documented order."""

from collections.abc import Set
from dataclasses import dataclass, field

import pytest

from tools.embedded.choose import Candidate, Kafka, choose, client_settings, kafka, postgres
from tools.embedded.given import GivenPostgres
from tools.embedded.process import EmbeddedError

ORDER = ("given", "docker", "apache", "embedded")


@dataclass
class Fake:
    """A server that starts or fails to start."""

    fails: str = ""
    bootstrap: str = "127.0.0.1:1"
    calls: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.calls.append("start")
        if self.fails:
            raise EmbeddedError(self.fails)

    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...
    def close(self) -> None: ...


def candidates(has: Set[str], broken: Set[str] = frozenset()) -> list[Candidate[Kafka]]:
    def candidate(kind: str) -> Candidate[Kafka]:
        server = Fake("no image\nand more" if kind in broken else "")
        lack = None if kind in has else f"no {kind} here"
        return Candidate(kind, lambda: lack, lambda: Kafka(kind, server, frozenset(), {}))

    return [candidate(kind) for kind in ORDER]


@pytest.mark.parametrize(
    ("has", "chosen"),
    [
        ({"given", "docker", "apache", "embedded"}, "given"),
        ({"docker", "apache", "embedded"}, "docker"),
        ({"apache", "embedded"}, "apache"),
        ({"embedded"}, "embedded"),
    ],
)
def test_the_first_available_one_is_started(has: set[str], chosen: str) -> None:
    choice = choose(candidates(has), "VARIABLE", None)
    assert choice.name == chosen
    assert choice.server.calls == ["start"]  # type: ignore[attr-defined]


def test_a_forced_one_is_chosen_before_better_ones() -> None:
    assert choose(candidates(set(ORDER)), "VARIABLE", "embedded").name == "embedded"


def test_a_forced_one_that_is_not_available_is_an_error_that_says_why() -> None:
    with pytest.raises(EmbeddedError, match="VARIABLE=docker is not available\n  docker: no docker here"):
        choose(candidates({"apache"}), "VARIABLE", "docker")


def test_an_unknown_forced_kind_is_an_error_that_names_the_kinds() -> None:
    with pytest.raises(EmbeddedError, match="VARIABLE=kafka: must be one of given, docker, apache, embedded"):
        choose(candidates(set(ORDER)), "VARIABLE", "kafka")


def test_one_that_does_not_start_is_skipped_and_named() -> None:
    choice = choose(candidates({"docker", "apache"}, broken={"docker"}), "VARIABLE", None)
    assert choice.name == "apache (docker was tried and failed: no image)"


def test_if_none_starts_every_reason_is_given() -> None:
    with pytest.raises(EmbeddedError) as error:
        choose(candidates({"embedded"}, broken={"embedded"}), "VARIABLE", None)
    assert "given: no given here" in str(error.value)
    assert "embedded: no image" in str(error.value)


def test_a_given_address_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(EmbeddedError, match="nothing answers at the address in KAFKA_BOOTSTRAP_SERVERS"):
        kafka({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"})
    with pytest.raises(EmbeddedError, match="nothing answers at the address in DATABASE_URL"):
        postgres({"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d"})


def test_the_embedded_kinds_can_be_forced_and_a_running_server_can_be_given() -> None:
    broker = kafka({"PROBATION_TEST_KAFKA": "embedded"})
    try:
        assert broker.features == {"takeover"}
        assert broker.client_settings["PROBATION_KAFKA_IDEMPOTENCE"] == "false"
        given = kafka({"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:1,{broker.bootstrap}"})
        assert given.features == {"real_kafka", "durable", "takeover", "idempotence"}
        with pytest.raises(EmbeddedError, match="not ours to stop"):
            given.server.kill()
    finally:
        broker.server.close()


@pytest.mark.parametrize(
    ("url", "dsn"),
    [
        ("postgresql://u:p@host:5433/d?sslmode=require", "postgresql://u:p@host:5433/x?sslmode=require"),
        ("postgres://u@host/d", "postgres://u@host/x"),
    ],
)
def test_a_given_address_is_kept_except_for_the_database(url: str, dsn: str) -> None:
    server = GivenPostgres(url)
    assert server.dsn() == url
    assert server.dsn("x") == dsn
    assert "//app:s%2Fecret@host" in server.dsn("x", user="app", password="s/ecret")


def test_idempotence_is_set_only_for_apache_kafka() -> None:
    assert client_settings("a:1", embedded=False)["PROBATION_KAFKA_IDEMPOTENCE"] == "true"
    assert client_settings("a:1", embedded=True)["PROBATION_KAFKA_BOOTSTRAP_SERVERS"] == "a:1"
