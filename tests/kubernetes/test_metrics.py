"""On Kubernetes each program is asked for its metrics under the job on which the alerts rely."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.infrastructure.test_monitoring import PROMETHEUS, TARGETS
from tests.kubernetes import of_kind, pods

CONFIG: dict[str, Any] = yaml.safe_load((PROMETHEUS / "kubernetes.yml").read_text())
[PODS] = CONFIG["scrape_configs"]


def job(labels: dict[str, str]) -> str | None:
    """The job of a pod with these labels, by Prometheus' rules for relabelling; None if it is not asked."""
    known: dict[str, str] = {
        f"__meta_kubernetes_pod_label_{re.sub('[^a-zA-Z0-9_]', '_', name)}": value
        for name, value in labels.items()
    } | {"job": PODS["job_name"], "__meta_kubernetes_pod_name": "any-0"}
    for rule in PODS["relabel_configs"]:
        value = ";".join(known.get(label, "") for label in rule["source_labels"])
        fits = re.fullmatch(rule.get("regex", "(.*)"), value)
        if rule.get("action") == "keep" and not fits:
            return None
        if "target_label" in rule and fits:
            known[rule["target_label"]] = fits.expand(rule.get("replacement", "$1").replace("$1", r"\1"))
    return known["job"]


def test_each_program_has_the_job_that_it_has_in_compose_and_nothing_else_is_asked() -> None:
    expected = {name: job for job, names in TARGETS.items() for name in names}
    asked = {name: job(pod["metadata"]["labels"]) for name, pod in pods().items()}
    assert {name: job for name, job in asked.items() if job is not None} == expected
    assert {container["metadata"]["namespace"] for container in of_kind("StatefulSet").values()} == set(
        PODS["kubernetes_sd_configs"][0]["namespaces"]["names"]
    )
