"""Settings: what is missing or wrong is one line that names the variable and the cure."""

from pathlib import Path

import pytest

from shared import settings as module
from shared.settings import ServiceSettings, SettingsError, describe, load
from tests.table import table

GOOD = {
    "PROBATION_ENVIRONMENT": "development",
    "PROBATION_KAFKA_BOOTSTRAP_SERVERS": "localhost:9092",
    "PROBATION_DATABASE_URL": "postgresql://app:hidden@localhost:5432/allocation",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment with what a service needs, and no secrets."""
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "SECRETS", tmp_path)
    return monkeypatch


@table(
    """
    | name                    | value                           | told |
    | KAFKA_BOOTSTRAP_SERVERS | None                            | PROBATION_KAFKA_BOOTSTRAP_SERVERS is missing: set it to the brokers' addresses |
    | KAFKA_BOOTSTRAP_SERVERS | localhost                       | PROBATION_KAFKA_BOOTSTRAP_SERVERS is wrong |
    | DATABASE_URL            | None                            | PROBATION_DATABASE_URL is missing |
    | DATABASE_URL            | mysql://localhost/x             | must be postgresql:// |
    | DATABASE_URL            | postgresql://u:hidden@localhost | must be postgresql:// |
    | HTTP_PORT               | eighty                          | PROBATION_HTTP_PORT is wrong |
    | BRAKE_SHARE             | "0"                             | PROBATION_BRAKE_SHARE is wrong |
    | TOPIC_PREFIX            | a b                             | PROBATION_TOPIC_PREFIX is wrong |
    | KAFKA_CA_FILE           | /nowhere                        | PROBATION_KAFKA_CA_FILE is wrong: /nowhere cannot be used |
    | KAFKA_BOOTSTRAP_SERVER  | x:1                             | did you mean PROBATION_KAFKA_BOOTSTRAP_SERVERS? |
    | KAFKA_SECURITY_PROTOCOL | SASL_SSL                        | needs PROBATION_KAFKA_USERNAME and PROBATION_KAFKA_PASSWORD |
    | KAFKA_TOKEN_URL         | https://tokens/?client=x        | PROBATION_KAFKA_TOKEN_URL is wrong |
    | KAFKA_TOKEN_URL         | https://tokens/                 | would not be used |
    | KAFKA_KEY_FILE          | /nowhere                        | belong together |
    | ENVIRONMENT             | production                      | PLAINTEXT sends everything unencrypted |
    | KAFKA_PASSWORD          | hidden                          | would not be used |
    """,  # noqa: E501
)
def test_a_mistake_is_one_line_with_variable_and_cure(
    environment: pytest.MonkeyPatch, name: str, value: str | None, told: str
) -> None:
    if value is None:
        environment.delenv(f"PROBATION_{name}")
    else:
        environment.setenv(f"PROBATION_{name}", value)
    with pytest.raises(SettingsError) as error:
        load(ServiceSettings)
    line = str(error.value)
    assert told in line
    assert f"PROBATION_{name}" in line
    assert "\n" not in line
    assert "hidden" not in line


def test_secrets_may_be_files(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("PROBATION_DATABASE_URL")
    (tmp_path / "probation_database_url").write_text("postgresql://file@localhost/contacts\n")
    assert load(ServiceSettings).database_url.get_secret_value() == "postgresql://file@localhost/contacts"


def test_what_is_shown_hides_passwords(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROBATION_LOG_KEY", "hidden")
    shown = describe(load(ServiceSettings))
    assert shown["database_url"] == "postgresql://app@localhost:5432/allocation"
    assert "hidden" not in str(shown)


def test_the_tests_own_variables_are_no_mistake(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROBATION_TEST_KAFKA", "apache")
    load(ServiceSettings)
