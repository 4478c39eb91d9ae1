"""A program shows Kafka a token that it fetches with its secret."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from aiokafka.errors import KafkaError
from pydantic import SecretStr

from shared.connecting import kafka_trouble
from shared.kafka import Cluster
from shared.security import TokenRefused, TokenUnavailable
from shared.settings import KafkaSettings
from shared.tokens import Tokens
from tests.security.composed import Composed
from tests.security.issuer import Issuer
from tests.security.test_kafka_rights import tried
from tools.principals import Acl, acls
from tools.rights import Rights

SECRET = "a secret of the test"


@pytest.fixture
def issuer(secured: Composed) -> Iterator[Issuer]:
    with Issuer(secured.secrets / "kafka.pem", {"contacts": SECRET, "admin": SECRET}) as running:
        yield running


@pytest.fixture
def settings(secured: Composed, issuer: Issuer) -> KafkaSettings:
    return secured.settings(
        "contacts",
        kafka_bootstrap_servers=f"localhost:{secured.kafka.token_port}",
        kafka_password=SecretStr(SECRET),
        kafka_token_url=issuer.url,
    )


async def test_a_token_gives_the_same_rights_as_the_password_of_its_user(
    secured: Composed, settings: KafkaSettings
) -> None:
    assert await tried(settings) == await tried(secured.settings("contacts"))


def test_an_administrator_with_a_token_gives_and_takes_rights(
    secured: Composed, settings: KafkaSettings, issuer: Issuer
) -> None:
    more = Acl("contacts", "topic", "probation.workforce", "literal", "Write")
    Rights(secured.administrator()).apply([*acls("probation."), more])
    files = secured.folder / "run" / "administrator"
    files.mkdir(exist_ok=True)
    (files / "probation_kafka_password").write_text(SECRET)
    environment = {
        "PROBATION_SECRETS_FOLDER": str(files),
        "PROBATION_KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "PROBATION_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "PROBATION_KAFKA_CA_FILE": str(settings.kafka_ca_file),
        "PROBATION_KAFKA_TOKEN_URL": issuer.url,
        "PROBATION_KAFKA_USERNAME": "admin",
    }
    done = secured.command(["topics", "acls", "--apply"], environment)
    assert (done.returncode, done.stdout) == (0, "0 users have a password; 0 rights added, 1 removed\n"), (
        done.stderr
    )
    assert issuer.issued > 0
    refused = secured.command(
        ["topics", "acls", "--apply"], environment | {"PROBATION_KAFKA_USERNAME": "contacts"}
    )
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1), refused.stderr


async def test_a_token_is_fetched_once_and_again_before_it_ends(
    issuer: Issuer, settings: KafkaSettings
) -> None:
    provider = Tokens(settings)
    assert await provider.token() == await provider.token()
    assert issuer.issued == 1
    issuer.lifetime = 59
    soon_over = Tokens(settings)
    assert await soon_over.token()
    assert await soon_over.token()
    assert issuer.issued == 3


async def test_a_client_goes_on_with_a_new_token_when_kafka_ends_the_connection_of_an_old_one(
    issuer: Issuer, settings: KafkaSettings
) -> None:
    issuer.lifetime = 1
    cluster = Cluster(settings, "test")
    try:
        assert await cluster.topics(["probation.court"])
        first = issuer.issued
        while issuer.issued == first:  # Kafka ends a connection at the first request after its token's end
            with contextlib.suppress(KafkaError):
                await cluster.topics(["probation.court"])
        assert await cluster.topics(["probation.court"])
    finally:
        await cluster.close()


async def test_a_wrong_secret_is_one_line_without_the_secret(settings: KafkaSettings) -> None:
    wrong = settings.model_copy(update={"kafka_password": SecretStr("wrong secret")})
    with pytest.raises(TokenRefused) as refused:
        await Cluster(wrong, "test").topics([])
    trouble = kafka_trouble(refused.value, wrong)
    assert trouble is not None
    assert trouble.lasting
    assert trouble.what == (
        f"{wrong.kafka_token_url} gives client contacts no token (invalid_client): "
        "correct PROBATION_KAFKA_USERNAME or PROBATION_KAFKA_PASSWORD"
    )


async def test_no_answer_from_the_token_endpoint_is_waited_for(settings: KafkaSettings) -> None:
    away = settings.model_copy(update={"kafka_token_url": "https://localhost:1/token"})
    with pytest.raises(TokenUnavailable) as failed:
        await Cluster(away, "test").topics([])
    trouble = kafka_trouble(failed.value, away)
    assert trouble is not None
    assert not trouble.lasting
    assert trouble.what.startswith("no token comes from https://localhost:1/token: start it")


async def test_a_token_endpoint_with_a_certificate_that_is_not_trusted_gets_no_secret(
    issuer: Issuer, settings: KafkaSettings
) -> None:
    strange = settings.model_copy(update={"kafka_ca_file": None})
    with pytest.raises(TokenUnavailable):
        await Tokens(strange).token()
    assert issuer.issued == 0
