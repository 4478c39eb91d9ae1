"""Who must not come in, or must not be trusted, is told in one line what is wrong. No line has a password."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from shared.connecting import Unusable, database_trouble
from shared.settings import KafkaSettings
from tests.security.composed import Composed, make_secrets
from tools.clock import the_ticker

PATIENCE = 60.0


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Secrets of another system, with an authority of its own."""
    return make_secrets(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


def wrong_password(at: Composed, _: Path) -> tuple[KafkaSettings, str]:
    return at.settings(
        "ticker", kafka_password=SecretStr("hidden")
    ), "refuses user ticker: correct PROBATION_"


def unknown_user(at: Composed, _: Path) -> tuple[KafkaSettings, str]:
    return at.settings("ticker", kafka_username="nobody"), "refuses user nobody: correct PROBATION_"


def foreign_authority(at: Composed, elsewhere: Path) -> tuple[KafkaSettings, str]:
    return at.settings("ticker", kafka_ca_file=elsewhere / "ca.crt"), "correct PROBATION_KAFKA_CA_FILE"


def wrong_host(at: Composed, _: Path) -> tuple[KafkaSettings, str]:
    another_name = f"127.1:{at.kafka.port}"
    return at.settings("ticker", kafka_bootstrap_servers=another_name), "is not valid for '127.1'"


def no_certificate(at: Composed, _: Path) -> tuple[KafkaSettings, str]:
    without = {"kafka_certificate_file": None, "kafka_key_file": None}
    return at.administrator().model_copy(update=without), "correct PROBATION_KAFKA_CERTIFICATE_FILE"


def foreign_certificate(at: Composed, elsewhere: Path) -> tuple[KafkaSettings, str]:
    return at.by_certificate("admin", elsewhere), "correct PROBATION_KAFKA_CERTIFICATE_FILE"


def token_where_passwords_are_taken(at: Composed, _: Path) -> tuple[KafkaSettings, str]:
    return at.settings("ticker", kafka_token_url="https://localhost:1/"), "takes no token there"


@pytest.mark.parametrize(
    "case",
    [
        wrong_password,
        unknown_user,
        foreign_authority,
        wrong_host,
        no_certificate,
        foreign_certificate,
        token_where_passwords_are_taken,
    ],
    ids=lambda case: case.__name__,
)
async def test_a_program_that_kafka_does_not_let_in_ends_with_one_line(
    secured: Composed,
    elsewhere: Path,
    logged: pytest.LogCaptureFixture,
    case: Callable[[Composed, Path], tuple[KafkaSettings, str]],
) -> None:
    settings, told = case(secured, elsewhere)
    with pytest.raises(Unusable) as refused:
        async with asyncio.timeout(PATIENCE):
            await the_ticker(settings).run()
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not settings.password or settings.password not in f"{refused.value}{logged.text}"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("sslmode=verify-full", "sslmode=disable"), "refuses user contacts_app"),
        (("ca.crt", "../elsewhere.crt"), "TLS failed (CERTIFICATE_VERIFY_FAILED)"),
        (("@localhost", "@127.1"), "TLS failed"),
    ],
    ids=["without_tls", "foreign_authority", "wrong_host"],
)
async def test_a_connection_to_the_database_that_is_not_safe_is_refused_in_one_line(
    secured: Composed, elsewhere: Path, change: tuple[str, str], told: str
) -> None:
    (secured.folder / "elsewhere.crt").write_bytes((elsewhere / "ca.crt").read_bytes())
    address = secured.address("contacts", "contacts_app").replace(*change)
    with pytest.raises(Exception) as refused:  # noqa: PT011 - which kind it is does not matter
        await asyncpg.connect(address)
    trouble = database_trouble(refused.value, address)
    assert trouble is not None
    assert trouble.lasting
    assert told in trouble.what
    assert (secured.secrets / "database" / "contacts_app").read_text() not in trouble.what
