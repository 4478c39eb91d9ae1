"""Each pod can connect to what its program uses, and to nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kubernetes import FOLDER, Resource, container, environment, files, of_kind, pods, rendered

PORTS = {"http": 8080}
DNS = {("kube-system", 53, "UDP"), ("kube-system", 53, "TCP")}
INTERNET = "0.0.0.0/0"
CHECKING, CHECKING_LABELS = "namespaces that use the check", {"uses-check": "true"}

Connection = tuple[str, int, str]
"""The namespace or the range of addresses at the other end, the port, and the protocol."""


def _peers(rule: dict[str, Any], side: str) -> Iterator[Connection]:
    for peer in rule[side]:
        if "ipBlock" in peer:
            where = peer["ipBlock"]["cidr"]
        else:
            labels = peer["namespaceSelector"]["matchLabels"]
            where = labels.get("kubernetes.io/metadata.name", CHECKING if labels == CHECKING_LABELS else None)
        for port in rule["ports"]:
            yield where, PORTS.get(port["port"], port["port"]), port["protocol"]


def _allowed(name: str, direction: str, resources: list[Resource] | None = None) -> set[Connection]:
    """What the policies together let a pod do, those of production or these."""
    labels = pods()[name]["metadata"]["labels"]
    policies = [it["spec"] for it in (resources or rendered()) if it["kind"] == "NetworkPolicy"]
    mine = [p for p in policies if p["podSelector"].get("matchLabels", {}).items() <= labels.items()]
    assert any(direction in policy["policyTypes"] for policy in mine)  # without one all would be allowed
    side = "to" if direction == "Egress" else "from"
    rules = [rule for policy in mine for rule in policy.get(direction.lower(), ())]
    return {peer for rule in rules for peer in _peers(rule, side)}


def _needed(name: str) -> set[Connection]:
    """What its command and its settings make a program connect to."""
    given, command = environment(pods()[name]), container(pods()[name])["args"][0]
    needed = set(DNS)
    if command not in ("db", "check"):
        host, port = given["PROBATION_KAFKA_BOOTSTRAP_SERVERS"].split(":")
        needed.add((host.split(".")[1], int(port), "TCP"))
    if "probation_database_url" in files(pods()[name]):
        needed.add(("postgresql", 5432, "TCP"))
    if {"PROBATION_DASHBOARD_OIDC_ISSUER", "PROBATION_FEED_DETAIL_URLS"} & given.keys():
        needed.add((INTERNET, 443, "TCP"))
    return needed


@pytest.mark.parametrize("name", pods())
def test_a_pod_connects_to_what_its_program_uses_and_to_nothing_else(name: str) -> None:
    assert _allowed(name, "Egress") == _needed(name)


def test_only_the_ingress_reaches_the_dashboard_and_only_prometheus_the_programs_that_tell_metrics() -> None:
    prometheus, ingress = ("monitoring", 8080, "TCP"), ("ingress-nginx", 8080, "TCP")
    others = {"dashboard": {prometheus, ingress}, "check": {(CHECKING, 8080, "TCP")}}
    for name in of_kind("StatefulSet"):
        assert _allowed(name, "Ingress") == others.get(name, {prometheus})
    for name in of_kind("Job", "CronJob"):
        assert _allowed(name, "Ingress") == set()


def test_connections_to_the_internet_do_not_lead_back_into_the_cluster() -> None:
    [rule] = of_kind("NetworkPolicy")["https"]["spec"]["egress"]
    [peer] = rule["to"]
    inside = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"}
    assert set(peer["ipBlock"]["except"]) == inside


def test_programs_reach_the_collector_of_traces_if_production_says_that_there_is_one(tmp_path: Path) -> None:
    places = {name: os.path.relpath(FOLDER / name, tmp_path.resolve()) for name in ("production", "tracing")}
    overlay = {"resources": [places["production"]], "components": [places["tracing"]]}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    traced = rendered(tmp_path)
    [endpoint] = {
        it["data"]["OTEL_EXPORTER_OTLP_ENDPOINT"]
        for it in traced
        if "OTEL_EXPORTER_OTLP_ENDPOINT" in it.get("data", {})
    }
    host, port = endpoint.removeprefix("http://").split(":")
    collector = {(host.split(".")[1], int(port), "TCP")}
    for name in pods():
        more = collector if name in of_kind("StatefulSet") and name != "check" else set()
        assert _allowed(name, "Egress", traced) == _needed(name) | more
