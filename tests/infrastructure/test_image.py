"""The image and the version: what goes into production can be named and checked."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_dockerfile_follows_the_rules_of_hadolint() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([program, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_built_on_one_that_is_pinned_by_digest() -> None:
    assert re.search(
        r"^ARG PYTHON=python:3\.\d+-slim-bookworm@sha256:[0-9a-f]{64}$", DOCKERFILE, re.MULTILINE
    )
    assert {line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("FROM ")} == {"${PYTHON}"}


def test_the_image_says_its_version_and_revision_and_lists_what_it_contains() -> None:
    last = DOCKERFILE.split("FROM ")[-1]
    for label in ("version", "revision"):
        assert f'org.opencontainers.image.{label}="${{{label.upper()}}}"' in last
    assert "--output-file /opt/probation/sbom.cdx.json" in DOCKERFILE
    assert "COPY --from=build /opt/probation /opt/probation" in last


def test_the_list_that_make_writes_is_that_of_what_the_image_contains() -> None:
    [image] = re.findall(r"uv sync (--locked .*--no-default-groups.*) --no-editable", DOCKERFILE)
    [listed] = re.findall(r"sync (--locked .*) --no-editable --quiet", (ROOT / "Makefile").read_text())
    assert image == listed


def _version(folder: Path, **environment: str) -> str:
    command = [sys.executable, "-m", "hatchling", "version"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what says the version."""
    for name in ("pyproject.toml", "README.md"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}
AUTHOR = {
    f"GIT_{who}_{what}": f"{what}@example.org"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


def test_a_tag_of_git_is_the_version(checkout: Path) -> None:
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["tag", "v1.2.3"]):
        subprocess.run(["git", *words], cwd=checkout, env=PATH | AUTHOR, check=True)
    assert _version(checkout, **PATH) == "1.2.3"


def test_without_git_the_build_is_told_the_version_or_has_none(checkout: Path) -> None:
    assert _version(checkout, **PATH) == "0.0.0"
    assert _version(checkout, **PATH, SETUPTOOLS_SCM_PRETEND_VERSION="1.2.3") == "1.2.3"
    assert "SETUPTOOLS_SCM_PRETEND_VERSION=$VERSION uv sync" in DOCKERFILE
