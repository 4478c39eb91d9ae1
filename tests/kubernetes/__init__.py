"""The manifests in deploy/kubernetes, as Kustomize renders them for production."""

import functools
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"

Resource = dict[str, Any]


@functools.cache
def rendered(folder: Path = FOLDER / "production") -> list[Resource]:
    """All resources of a folder. Skips the test if nothing here can render them."""
    commands = {"kustomize": ["kustomize", "build"], "kubectl": ["kubectl", "kustomize"]}
    command = next((words for program, words in commands.items() if shutil.which(program)), None)
    if command is None:
        if "CI" in os.environ:
            pytest.fail("needs kustomize or kubectl, and CI must have one of them")
        pytest.skip("needs kustomize or kubectl: install one of them")
    made = subprocess.run([*command, str(folder)], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return list(yaml.safe_load_all(made.stdout))


def of_kind(*kinds: str) -> dict[str, Resource]:
    """The resources of these kinds, by name."""
    return {it["metadata"]["name"]: it for it in rendered() if it["kind"] in kinds}


def pods() -> dict[str, Resource]:
    """The pod templates of all programs and jobs, by name."""
    scheduled = {name: it["spec"]["jobTemplate"] for name, it in of_kind("CronJob").items()}
    return {name: it["spec"]["template"] for name, it in (of_kind("StatefulSet", "Job") | scheduled).items()}


def container(pod: Resource) -> Resource:
    """The only container of a pod."""
    [only] = pod["spec"]["containers"]
    found: Resource = only
    return found


def environment(pod: Resource) -> dict[str, str]:
    """The variables that a pod's container gets."""
    maps, own = of_kind("ConfigMap"), container(pod)
    named = [maps[source["configMapRef"]["name"]]["data"] for source in own.get("envFrom", ())]
    given = {variable["name"]: variable["value"] for variable in own.get("env", ())}
    return {name: value for data in named for name, value in data.items()} | given


def files(pod: Resource) -> dict[str, tuple[str, str]]:
    """The files in a pod's /run/secrets, each with the Secret and the key that it comes from."""
    volumes = [volume for volume in pod["spec"]["volumes"] if volume["name"] == "secrets"]
    secrets = [source["secret"] for volume in volumes for source in volume["projected"]["sources"]]
    return {item["path"]: (secret["name"], item["key"]) for secret in secrets for item in secret["items"]}
