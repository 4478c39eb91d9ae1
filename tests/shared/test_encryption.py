"""In production nothing travels unencrypted, and nobody is trusted who does not show who he is."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from shared.encryption import database_mistake, kafka_mistake
from shared.settings import KafkaSettings
from tests.table import table

USER: dict[str, Any] = {"kafka_username": "contacts", "kafka_password": "hidden"}


def mistake(protocol: str, environment: str = "production", **given: Any) -> str | None:
    settings = KafkaSettings(
        environment=environment,
        kafka_bootstrap_servers="kafka:9093",
        kafka_security_protocol=protocol,
        **given,
    )
    return kafka_mistake(settings)


def test_production_needs_tls_and_development_does_not() -> None:
    told = mistake("PLAINTEXT")
    assert told is not None
    assert told.startswith(
        "PROBATION_KAFKA_SECURITY_PROTOCOL=PLAINTEXT sends everything unencrypted: set it to "
    )
    assert "sends the password unencrypted" in (mistake("SASL_PLAINTEXT", **USER) or "")
    assert mistake("PLAINTEXT", "development") is None
    assert mistake("SASL_PLAINTEXT", "development", **USER) is None


def test_tls_with_a_password_a_certificate_or_a_token_is_taken(tmp_path: Path) -> None:
    files: dict[str, Any] = {
        "kafka_certificate_file": certificate(tmp_path),
        "kafka_key_file": tmp_path / "key",
    }
    assert mistake("SASL_SSL", **USER) is None
    assert mistake("SSL", **files) is None
    assert mistake("SASL_SSL", **USER, kafka_token_url="https://tokens/") is None


def test_a_secret_is_sent_to_a_token_endpoint_only_over_https() -> None:
    told = mistake("SASL_SSL", **USER, kafka_token_url="http://tokens/")
    assert (
        told == "PROBATION_KAFKA_TOKEN_URL must begin with https://, since the client's secret is sent there"
    )


@pytest.mark.parametrize("missing", USER)
def test_a_user_needs_a_name_and_a_password(missing: str) -> None:
    told = mistake("SASL_SSL", **(USER | {missing: None}))
    assert told is not None
    assert told.endswith("needs PROBATION_KAFKA_USERNAME and PROBATION_KAFKA_PASSWORD: set both")


def test_a_certificate_needs_its_own_key_in_clear(tmp_path: Path) -> None:
    mine = certificate(tmp_path)
    assert "belong together" in (mistake("SSL", kafka_certificate_file=mine) or "")
    with_another = mistake("SSL", kafka_certificate_file=mine, kafka_key_file=mine)
    assert with_another is not None
    assert "cannot be used" in with_another
    encrypted = tmp_path / "encrypted"
    openssl("pkcs8", "-topk8", "-in", str(tmp_path / "key"), "-passout", "pass:x", "-out", str(encrypted))
    told = mistake("SSL", kafka_certificate_file=mine, kafka_key_file=encrypted)
    assert told is not None
    assert told.endswith("set them to a certificate and its key, in PEM and unencrypted")
    assert "would not use" in (
        mistake("PLAINTEXT", "development", kafka_certificate_file=mine, kafka_key_file=tmp_path / "key")
        or ""
    )


@table(
    """
    | address                                                              | safe |
    | postgresql://a@db/contacts?sslmode=verify-full                       | True |
    | postgresql://a@db/contacts?sslmode=verify-full&sslrootcert=/ca       | True |
    | postgresql://a@localhost/contacts                                    | True |
    | postgresql://a@127.0.0.1:5433/contacts                               | True |
    | postgresql://a@[::1]:5433/contacts                                   | True |
    | postgresql:///contacts?host=/run/postgresql                          | True |
    | postgresql://a@db/contacts                                           | False |
    | postgresql://a@db/contacts?sslmode=require                           | False |
    | postgresql://a@db/contacts?sslmode=verify-ca                         | False |
    | postgresql://a@localhost.example/contacts                            | False |
    | postgresql://a@localhost,db/contacts                                 | False |
    | postgresql:///contacts?host=db                                       | False |
    """
)
def test_a_database_elsewhere_must_show_a_certificate_that_fits_its_name(address: str, safe: bool) -> None:
    told = database_mistake("PROBATION_DATABASE_URL", address, "production")
    assert (told is None) == safe
    assert safe or "PROBATION_DATABASE_URL" in str(told)
    assert safe or "add ?sslmode=verify-full" in str(told)
    assert database_mistake("PROBATION_DATABASE_URL", address, "development") is None


def certificate(folder: Path) -> Path:
    """A certificate for itself, with its key beside it."""
    made, key = folder / "certificate", folder / "key"
    openssl(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=x",
        "-keyout",
        str(key),
        "-out",
        str(made),
    )
    return made


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)
