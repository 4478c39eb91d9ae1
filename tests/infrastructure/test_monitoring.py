"""Each alert fires when it should and has a runbook; Prometheus, Grafana and Compose fit together."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from feeds.registry import ADAPTERS
from tests.promtool import promtool
from tools.services import BY_NAME

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
GRAFANA = ROOT / "deploy/grafana"
ALERTS: dict[str, Any] = {
    rule["alert"]: rule
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}
CASES: list[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())["tests"]
CONFIG: dict[str, Any] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
TARGETS: dict[str, list[str]] = {
    job["job_name"]: job["dns_sd_configs"][0]["names"] for job in CONFIG["scrape_configs"]
}
BOARD: dict[str, Any] = json.loads((GRAFANA / "dashboards/probation.json").read_text())
CONTAINERS: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.mark.parametrize("name", ["prometheus", "kubernetes"])
def test_prometheus_takes_the_configuration_and_the_alerts(name: str, tmp_path: Path) -> None:
    configured = yaml.safe_load((PROMETHEUS / f"{name}.yml").read_text())
    for job in configured["scrape_configs"]:
        if job.pop("kubernetes_sd_configs", None):  # Debian's promtool does not know these
            job["static_configs"] = [{"targets": ["any:8080"]}]
    (tmp_path / "alerts.yml").write_text((PROMETHEUS / "alerts.yml").read_text())
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(configured))
    assert promtool("check", "config", str(tmp_path / "prometheus.yml")) == ""


def test_each_alert_fires_when_it_should_and_only_then() -> None:
    assert promtool("test", "rules", str(PROMETHEUS / "alerts_test.yml")) == ""


def test_each_alert_is_tried_where_it_fires_and_where_it_does_not() -> None:
    tried = defaultdict(set)
    for case in CASES:
        [asked] = case["promql_expr_test"]
        alert, _, situation = case["name"].partition(" ")
        fires = bool(asked["exp_samples"])
        assert situation.startswith("fires when " if fires else "does not fire when "), case["name"]
        assert f'alertname="{alert}"' in asked["expr"], case["name"]
        tried[alert].add(fires)
    assert tried == {alert: {True, False} for alert in ALERTS}


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_how_bad_it_is_and_what_happened(alert: str) -> None:
    assert ALERTS[alert]["labels"]["severity"] in ("critical", "warning")
    assert ALERTS[alert]["annotations"]["summary"].endswith(".")


def test_each_alert_has_a_runbook_and_no_runbook_is_left_without_an_alert() -> None:
    manual = (ROOT / "docs/operations/monitor.md").read_text()
    section = manual.split("\n## Alerts\n")[1]
    written = re.findall(r"^### (\w+)$", section, re.MULTILINE)
    assert written == list(ALERTS)
    for alert, rule in ALERTS.items():
        assert rule["annotations"]["runbook"] == f"docs/operations/monitor.md#{alert.lower()}"


def test_prometheus_asks_every_program_of_the_compose_file() -> None:
    feeds = [f"feed-{name}" for name in ADAPTERS]
    alone = {name: [name] for name in (*BY_NAME, "ticker", "dashboard")}
    assert alone | {"feeds": sorted(feeds)} == TARGETS
    assert {name for names in TARGETS.values() for name in names} <= set(CONTAINERS)


def test_a_program_that_is_missing_altogether_is_an_alert() -> None:
    assert set(re.findall(r'absent\(up\{job="(\w+)"', ALERTS["ProgramMissing"]["expr"])) == set(TARGETS)


def test_graphs_ask_the_data_source_that_is_provided() -> None:
    [source] = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    used = {target["datasource"]["uid"] for panel in BOARD["panels"] for target in panel.get("targets", ())}
    assert used == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"


def test_grafana_finds_the_graphs_where_compose_puts_them() -> None:
    [provider] = yaml.safe_load((GRAFANA / "provisioning/dashboards/probation.yml").read_text())["providers"]
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in CONTAINERS["grafana"]["volumes"]


def test_prometheus_and_grafana_run_only_on_request() -> None:
    for name in ("prometheus", "grafana"):
        assert CONTAINERS[name]["profiles"] == ["observability"]
