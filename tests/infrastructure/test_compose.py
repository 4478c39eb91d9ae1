"""docker-compose.yml is valid, and every service in it is secure and can be scaled."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from feeds.registry import ADAPTERS
from feeds.settings import FeedSettings
from shared.settings import PREFIX
from tools.embedded.docker import KAFKA_IMAGE, POSTGRES_IMAGE
from tools.principals import principals
from tools.services import BY_NAME

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in CONTAINERS.items() if "build" in service}
FEEDS = [f"feed-{name}" for name in ADAPTERS]


def test_the_file_is_valid_against_the_compose_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, str(ROOT / "docker-compose.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_and_feed_has_its_own_container_and_there_are_no_others() -> None:
    ours = {*BY_NAME, *FEEDS, "dashboard", "ticker", "migrate", "access", "topics", "check", "retention"}
    assert set(OURS) == ours
    for name in (*BY_NAME, "dashboard"):
        assert OURS[name]["command"] == ["serve", name]
    for name in FEEDS:
        assert OURS[name]["command"] == ["feed", name.removeprefix("feed-")]


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_has_no_rights_that_it_does_not_need(name: str) -> None:
    container = CONTAINERS[name]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container.get("read_only") or name == "kafka"  # its image writes settings next to its programs
    assert "privileged" not in container


@pytest.mark.parametrize("name", CONTAINERS)
def test_ports_are_for_this_machine_only_and_services_have_none(name: str) -> None:
    ports = CONTAINERS[name].get("ports", [])
    assert all(port.startswith("127.0.0.1:") for port in ports)
    # A fixed port or name would prevent `--scale`; the dashboard and the check are for people to call.
    assert not ports or name in ("dashboard", "check") or name not in OURS
    assert "container_name" not in CONTAINERS[name]


@pytest.mark.parametrize("name", [*BY_NAME, *FEEDS, "dashboard", "ticker", "check", "kafka", "postgres"])
def test_long_running_containers_are_restarted_and_have_time_to_stop(name: str) -> None:
    assert CONTAINERS[name]["restart"] == "unless-stopped"
    assert CONTAINERS[name]["stop_grace_period"] == "40s"


@pytest.mark.parametrize("name", [*BY_NAME, "dashboard"])
def test_a_service_has_its_own_address_and_user_and_no_other_password(name: str) -> None:
    sources = {secret if isinstance(secret, str) else secret["source"] for secret in OURS[name]["secrets"]}
    assert sources == {"ca", f"kafka_{name}", f"{name}_database_url", "log_key", "erasure_key"}
    assert OURS[name]["environment"]["PROBATION_KAFKA_USERNAME"] == name
    assert COMPOSE["secrets"][f"kafka_{name}"] == {"file": f"deploy/secrets/kafka/{name}"}


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_has_the_address_of_the_feeds_database_and_its_sources_token(name: str) -> None:
    given = {s["source"]: s["target"] for s in OURS[name]["secrets"] if isinstance(s, dict)}
    user = f"kafka_{name.replace('-', '_')}"
    assert set(given) == {user, "feeds_database_url", "feed_token", "log_key", "erasure_key"}
    assert COMPOSE["secrets"][user] == {"file": f"deploy/secrets/kafka/{name}"}
    assert OURS[name]["environment"]["PROBATION_KAFKA_USERNAME"] == name
    known = {PREFIX + field.upper() for field in FeedSettings.model_fields}
    assert {target.upper() for target in given.values()} <= known
    assert set(OURS[name]["environment"]) <= known


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_environment_variable_is_a_password(name: str) -> None:
    for variable, value in CONTAINERS[name].get("environment", {}).items():
        assert not {"PASSWORD", "SECRET", "KEY"} & set(variable.split("_")) or "/run/secrets/" in str(value)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What `make up` creates as secrets, by the files' names."""
    folder = tmp_path_factory.mktemp("deploy")
    return _make_secrets(folder)


def _make_secrets(folder: Path, *users: str) -> dict[str, str]:
    shutil.copy(ROOT / "deploy" / "make-secrets", folder)
    subprocess.run([folder / "make-secrets", *users], check=True)
    files = [path for path in (folder / "secrets").rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_make_up_creates_every_secret_and_each_is_another(made: dict[str, str]) -> None:
    wanted = {secret["file"].removeprefix("deploy/") for secret in COMPOSE["secrets"].values()}
    assert wanted <= set(made)
    assert len(set(made.values())) == len(made)
    assert f":{made['secrets/database/contacts_app']}@" in made["secrets/contacts_database_url"]


def test_every_user_of_kafka_has_a_password(made: dict[str, str]) -> None:
    names = {Path(name).name for name in made if name.startswith("secrets/kafka/")}
    assert {name for name in names if not name.endswith(".conf")} == {
        p.name for p in principals("probation.")
    }


def test_secrets_are_kept_and_one_that_was_removed_is_made_anew(tmp_path: Path) -> None:
    first = _make_secrets(tmp_path)
    (tmp_path / "secrets" / "kafka" / "contacts").unlink()
    second = _make_secrets(tmp_path, "contacts")
    changed = {name for name in second if first.get(name) != second[name]}
    # The last one is the certificate of the user who was named.
    assert changed == {
        f"secrets/{name}" for name in ("kafka/contacts", "kafka/contacts.conf", "contacts.pem")
    }
    subject = ["openssl", "x509", "-noout", "-subject", "-nameopt", "RFC2253"]
    told = subprocess.run(
        subject, input=second["secrets/contacts.pem"], capture_output=True, text=True, check=True
    )
    assert told.stdout == "subject=CN=contacts\n"


def test_only_the_authoritys_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    _make_secrets(tmp_path)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    closed = {path.name for path in (tmp_path / "secrets").iterdir() if not path.stat().st_mode & 0o004}
    assert closed == {"ca.key"}  # containers run as other users, and none of them gets this one


@pytest.mark.parametrize("name", sorted(set(CONTAINERS) - set(OURS)))
def test_the_images_of_others_are_pinned_by_digest(name: str) -> None:
    assert re.fullmatch(r"[a-z/]+:v?[0-9.]+@sha256:[0-9a-f]{64}", CONTAINERS[name]["image"])


def test_the_tests_run_on_the_same_images() -> None:
    assert CONTAINERS["kafka"]["image"] == KAFKA_IMAGE
    assert CONTAINERS["postgres"]["image"] == POSTGRES_IMAGE


_COMPOSE = "this needs Docker with Compose v2: install it, or use `make setup` and `./probation up`"
_NO_COMPOSE = "echo \"docker: 'compose' is not a docker command.\" >&2; exit 1"


@pytest.mark.parametrize(
    ("docker", "said"),
    [
        (None, _COMPOSE),
        (_NO_COMPOSE, _COMPOSE),
        (
            '[ "$1" = compose ] || exit 1; echo Docker Compose version v2.40.0',
            "Docker does not answer: start it",
        ),
    ],
    ids=["no Docker", "Compose v1", "no daemon"],
)
@pytest.mark.parametrize("target", ["up", "down"])
def test_make_says_in_one_line_what_it_needs_of_docker(
    target: str, docker: str | None, said: str, tmp_path: Path
) -> None:
    for program in ("bash", "sh", "sed", "git"):
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    if docker is not None:
        script = tmp_path / "docker"
        script.write_text(f"#!/bin/sh\n{docker}\n")
        script.chmod(0o755)
    # As if it were called from a shell, even if the tests themselves were started by make.
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    outside["PATH"] = str(tmp_path)
    command = [str(shutil.which("make")), target]
    made = subprocess.run(command, cwd=ROOT, env=outside, capture_output=True, text=True)
    assert made.returncode == 2
    assert made.stdout == ""
    assert made.stderr.count("\n") == 1
    assert said in made.stderr


def test_the_command_says_in_one_line_that_it_is_not_installed_yet(tmp_path: Path) -> None:
    command = tmp_path / "probation"
    command.write_bytes((ROOT / "probation").read_bytes())
    command.chmod(0o755)
    ran = subprocess.run([command, "demo"], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"probation: not installed yet: run `make setup` in {tmp_path}\n"
