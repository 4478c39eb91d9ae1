"""Every program runs on Kubernetes, with settings that it knows, few rights and checks that exist."""

import re
import ssl
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from prometheus_client import CollectorRegistry
from typer.main import get_command

from feeds.registry import ADAPTERS
from feeds.settings import FeedSettings
from services.dashboard.settings import DashboardSettings
from shared import settings
from shared.runtime.health import Health
from shared.settings import KafkaSettings, ServiceSettings
from tests.kubernetes import ROOT, container, environment, files, of_kind, pods, rendered
from tests.kubernetes.custom import KINDS
from tools.check.web import MOST_BYTES, MOST_WAITING
from tools.cli.commands import command_line
from tools.services import BY_NAME

FEEDS = [f"feed-{name}" for name in ADAPTERS]
CONNECTED = [*BY_NAME, "dashboard", *FEEDS, "ticker"]
PROGRAMS = [*CONNECTED, "check"]
JOBS = ["migrate", "topics"]
SCHEDULED = ["retention"]
USERS = {"topics": "ops-topics", "retention": "source-practice"}
"""Whose name in Kafka is another than its own."""
DOCKERFILE = (ROOT / "Dockerfile").read_text()
README = (ROOT / "deploy" / "kubernetes" / "README.md").read_text()


def test_every_resource_is_one_that_kubernetes_keda_or_strimzi_accepts() -> None:
    strimzi = [
        resource
        for name in ("topics", "users")
        for resource in yaml.safe_load_all((ROOT / f"deploy/kubernetes/strimzi/{name}.yaml").read_text())
    ]
    for resource in [*rendered(), *strimzi]:
        if resource["kind"] in KINDS:
            KINDS[resource["kind"]].validate_python(resource)
        else:
            kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)


def test_every_program_runs_and_no_other() -> None:
    assert set(of_kind("StatefulSet")) == set(PROGRAMS)
    assert set(of_kind("Job")) == set(JOBS)
    assert set(of_kind("CronJob")) == set(SCHEDULED)
    commands = {name: container(pod)["args"] for name, pod in pods().items()}
    assert all(commands[name] == ["serve", name] for name in (*BY_NAME, "dashboard"))
    assert all(commands[name] == ["feed", name.removeprefix("feed-")] for name in FEEDS)


@pytest.mark.parametrize("name", [*PROGRAMS, *JOBS, *SCHEDULED])
def test_its_command_is_one_that_the_image_has(name: str, tmp_path: Path) -> None:
    assert 'ENTRYPOINT ["probation"]' in DOCKERFILE
    own = container(pods()[name])
    assert "command" not in own
    words = [str(tmp_path) if word.startswith("/run/") else word for word in own["args"]]
    command: Any = get_command(command_line())
    while True:  # as the command line is read, without the command's being run
        context = command.make_context(command.name, words)
        if not hasattr(command, "resolve_command"):
            break
        _, command, words = command.resolve_command(context, [*context._protected_args, *context.args])


def _settings(name: str) -> type[KafkaSettings]:
    if name in ("ticker", "topics"):
        return KafkaSettings
    return DashboardSettings if name == "dashboard" else FeedSettings if name in FEEDS else ServiceSettings


@pytest.mark.parametrize("name", [*CONNECTED, *USERS])
def test_it_accepts_its_settings_in_production(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod = pods()[name]
    authority = Path(ssl.get_default_verify_paths().openssl_cafile)
    contents = {
        "ca": authority.read_text() if authority.exists() else "",
        "probation_database_url": "postgresql://user:secret@db.example.org/name?sslmode=verify-full",
    }
    for path in files(pod):
        (tmp_path / path).write_text(contents.get(path, "a secret of enough characters"))
    for variable, value in environment(pod).items():
        monkeypatch.setenv(variable, value.replace("/run/secrets", str(tmp_path)))
    monkeypatch.setattr(settings, "SECRETS", tmp_path)
    loaded = settings.load(_settings(name))
    assert loaded.environment == "production"
    assert loaded.user == USERS.get(name, name)
    known = {settings.PREFIX + field.upper() for field in type(loaded).model_fields}
    assert {path.upper() for path in files(pod)} - {"CA"} <= known


def test_no_secret_is_in_the_manifests_and_each_that_is_named_is_documented() -> None:
    assert of_kind("Secret") == {}
    documented = set(re.findall(r"^\| `([a-z-]+)` \| `([a-z._-]+)`", README, re.MULTILINE))
    named = {source for pod in pods().values() for source in files(pod).values()}
    [access] = of_kind("TriggerAuthentication").values()
    named |= {(source["name"], source["key"]) for source in access["spec"]["secretTargetRef"]}
    general = {(re.sub(r"^(kafka|database)-(?!admin).+", r"\1-name", secret), key) for secret, key in named}
    assert documented == general | {("database-passwords", "name_app"), ("dashboard-tls", "tls.crt")}


def test_no_variable_is_a_password() -> None:
    for pod in pods().values():
        assert not [name for name in environment(pod) if {"PASSWORD", "SECRET", "KEY"} & set(name.split("_"))]


@pytest.mark.parametrize("name", [*PROGRAMS, *JOBS, *SCHEDULED])
def test_a_pod_has_no_rights_that_it_does_not_need(name: str) -> None:
    pod = pods()[name]["spec"]
    [user] = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    assert pod["securityContext"]["runAsUser"] == int(user) > 0
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container(pods()[name])["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    # Otherwise Kubernetes adds variables such as PROBATION_SERVICE_HOST, which are refused.
    assert pod["enableServiceLinks"] is False


def test_a_pod_of_a_schedule_has_what_every_pod_has() -> None:
    [job, scheduled] = [pods()[name]["spec"] for name in ("topics", "retention")]
    own = {"containers", "volumes", "restartPolicy"}
    assert {k: v for k, v in scheduled.items() if k not in own} == {
        k: v for k, v in job.items() if k not in own
    }
    own = {"args", "env"}
    [one], [other] = job["containers"], scheduled["containers"]
    assert {k: v for k, v in other.items() if k not in own} == {k: v for k, v in one.items() if k not in own}


def test_retention_erases_once_a_day_and_not_more_than_the_documentation_says() -> None:
    assert re.fullmatch(r"\d+ \d+ \* \* \*", of_kind("CronJob")["retention"]["spec"]["schedule"])
    command = " ".join(container(pods()["retention"])["args"])
    assert f"probation {command} " in (ROOT / "docs/operations.md").read_text()


def test_the_check_knows_no_secret_and_has_room_for_all_that_may_be_posted_at_once() -> None:
    pod = pods()["check"]
    assert (files(pod), environment(pod)) == ({}, {})
    [room] = pod["spec"]["volumes"]
    assert int(room["emptyDir"]["sizeLimit"].removesuffix("Mi")) * 2**20 >= MOST_BYTES * MOST_WAITING
    assert container(pod)["args"][-1].endswith(":8080")


def test_the_namespace_refuses_pods_with_more_rights() -> None:
    [namespace] = of_kind("Namespace").values()
    labels = namespace["metadata"]["labels"]
    assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {
        "restricted"
    }
    assert {r["metadata"]["namespace"] for r in rendered() if r is not namespace} == {
        namespace["metadata"]["name"]
    }


async def _status(path: str) -> int:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    health = Health(CollectorRegistry(), {}, {})
    await health({"method": "GET", "path": path}, None, send)
    return int(sent[0]["status"])


@pytest.mark.parametrize("name", PROGRAMS)
async def test_each_check_asks_a_path_and_port_that_answer(name: str) -> None:
    own = container(pods()[name])
    assert own["ports"] == [
        {"name": "http", "containerPort": KafkaSettings.model_fields["http_port"].default}
    ]
    assert "PROBATION_HTTP_PORT" not in environment(pods()[name])
    asked = {kind: own[kind]["httpGet"] for kind in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {get["port"] for get in asked.values()} == {"http"}
    assert {kind: get["path"] for kind, get in asked.items()} == {
        "startupProbe": "/livez",
        "livenessProbe": "/livez",
        "readinessProbe": "/readyz",
    }
    assert {await _status(get["path"]) for get in asked.values()} == {200}


def _selected(selector: dict[str, str]) -> set[str]:
    return {name for name, pod in pods().items() if selector.items() <= pod["metadata"]["labels"].items()}


def test_each_program_may_lose_one_instance_at_a_time_and_has_time_to_stop() -> None:
    budgets = of_kind("PodDisruptionBudget")
    assert set(budgets) == set(PROGRAMS)
    for name, budget in budgets.items():
        assert budget["spec"]["maxUnavailable"] == 1
        assert _selected(budget["spec"]["selector"]["matchLabels"]) == {name}
        assert pods()[name]["spec"]["terminationGracePeriodSeconds"] >= 40  # docs/operations.md, "Stop"
        assert _selected(of_kind("StatefulSet")[name]["spec"]["selector"]["matchLabels"]) == {name}


def test_instances_are_spread_over_zones_and_nodes() -> None:
    for name in PROGRAMS:
        spread = pods()[name]["spec"]["topologySpreadConstraints"]
        assert [s["topologyKey"] for s in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
        for each in spread:
            assert name in _selected(each["labelSelector"]["matchLabels"])
            assert each["matchLabelKeys"] == ["app.kubernetes.io/name"]


def test_the_first_step_of_a_release_has_the_jobs_and_what_they_need_but_no_program() -> None:
    first = [r for r in rendered() if r["metadata"].get("labels", {}).get("release-step") == "first"]
    names = {(resource["kind"], resource["metadata"]["name"]) for resource in first}
    needed = {("Job", name) for name in JOBS} | {("Namespace", "probation")}
    needed |= {("NetworkPolicy", name) for name in of_kind("NetworkPolicy")}
    for job in JOBS:
        needed |= {("ConfigMap", it["configMapRef"]["name"]) for it in container(pods()[job])["envFrom"]}
    assert names == needed


def test_all_programs_run_the_same_release() -> None:
    assert len({container(pod)["image"] for pod in pods().values()}) == 1


def test_browsers_reach_the_dashboard_at_the_address_to_which_it_sends_them_back() -> None:
    [ingress] = of_kind("Ingress").values()
    [rule] = ingress["spec"]["rules"]
    assert environment(pods()["dashboard"])["PROBATION_DASHBOARD_ADDRESS"] == f"https://{rule['host']}"
    assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    service = of_kind("Service")[backend["name"]]["spec"]
    assert _selected(service["selector"]) == {"dashboard"}
    assert backend["port"]["name"] in {port["name"] for port in service["ports"]}
