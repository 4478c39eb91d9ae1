"""Each pod can connect to what its program uses, and to nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kubernetes import container, environment, files, of_kind, pods

PORTS = {"http": 8080}
DNS = {("kube-system", 53, "UDP"), ("kube-system", 53, "TCP")}
INTERNET = "0.0.0.0/0"

Connection = tuple[str, int, str]
"""The namespace or the range of addresses at the other end, the port, and the protocol."""


def _peers(rule: dict[str, Any], side: str) -> Iterator[Connection]:
    for peer in rule[side]:
        if "ipBlock" in peer:
            where = peer["ipBlock"]["cidr"]
        else:
            where = peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for port in rule["ports"]:
            yield where, PORTS.get(port["port"], port["port"]), port["protocol"]


def _allowed(name: str, direction: str) -> set[Connection]:
    """What the policies together let a pod do."""
    labels = pods()[name]["metadata"]["labels"]
    policies = [policy["spec"] for policy in of_kind("NetworkPolicy").values()]
    mine = [p for p in policies if p["podSelector"].get("matchLabels", {}).items() <= labels.items()]
    assert any(direction in policy["policyTypes"] for policy in mine)  # without one all would be allowed
    side = "to" if direction == "Egress" else "from"
    rules = [rule for policy in mine for rule in policy.get(direction.lower(), ())]
    return {peer for rule in rules for peer in _peers(rule, side)}


def _needed(name: str) -> set[Connection]:
    """What its command and its settings make a program connect to."""
    given, command = environment(pods()[name]), container(pods()[name])["args"][0]
    needed = set(DNS)
    if command != "db":
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


def test_only_the_ingress_reaches_the_dashboard_and_only_prometheus_the_other_programs() -> None:
    prometheus, ingress = ("monitoring", 8080, "TCP"), ("ingress-nginx", 8080, "TCP")
    for name in of_kind("StatefulSet"):
        assert _allowed(name, "Ingress") == ({prometheus, ingress} if name == "dashboard" else {prometheus})
    for name in of_kind("Job"):
        assert _allowed(name, "Ingress") == set()


def test_connections_to_the_internet_do_not_lead_back_into_the_cluster() -> None:
    [rule] = of_kind("NetworkPolicy")["https"]["spec"]["egress"]
    [peer] = rule["to"]
    inside = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"}
    assert set(peer["ipBlock"]["except"]) == inside
