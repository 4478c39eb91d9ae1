"""What each program answers at /metrics, as Prometheus reads it."""

import asyncio
import json
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.promtool import promtool
from tests.system.harness import System
from tests.system.instance import ROOT, Instance
from tools.metrics import page

MONITORING = ("deploy/prometheus/alerts.yml", "deploy/grafana/dashboards/probation.json")
NAME = re.compile(r"\b(?:probation|process)_\w+")


async def programs(system: System) -> dict[str, Instance]:
    """One of each kind of program, ready."""
    ticker, dashboard = await asyncio.gather(
        system.start_ticker(),
        system.start("dashboard", PROBATION_ENVIRONMENT="development"),
    )
    return {
        "services": await system.start("contacts"),
        "feeds": await system.start_feed("hmpps"),
        "ticker": ticker,
        "dashboard": dashboard,
    }


def named(path: Path) -> set[str]:
    """The metrics that a file of alerts or graphs asks for."""
    text = path.read_text()
    if path.suffix == ".json":
        panels = json.loads(text)["panels"]
        text = " ".join(target["expr"] for panel in panels for target in panel.get("targets", ()))
    return set(NAME.findall(text))


async def test_prometheus_finds_no_fault_and_alerts_and_graphs_ask_for_nothing_that_is_not_there(
    system: System,
) -> None:
    answers = {name: await program.metrics() for name, program in (await programs(system)).items()}
    objections = {name: promtool("check", "metrics", given=answer) for name, answer in answers.items()}
    assert objections == dict.fromkeys(answers, "")
    served = {program: declared(answer) for program, answer in answers.items()}
    everywhere = set.union(*served.values())
    for path in MONITORING:
        assert named(ROOT / path) <= everywhere, path
    rows = re.findall(r"^\| `(\w+)` \| \w+ \|[^|]*\| ([a-z, ]+) \|", page(), re.MULTILINE)
    described = {
        program: {name for name, of in rows if of == "all" or program in of.split(", ")} for program in served
    }
    for program, names in served.items():
        ours = {name for name in names if name.startswith("probation_")}
        assert described[program] <= ours, program
    assert all(name.startswith(("probation_", "process_")) for name in everywhere)


def declared(answer: str) -> set[str]:
    """The names of metrics in an answer, as declared and as their samples are called."""
    names = set(re.findall(r"^# TYPE (\w+) ", answer, re.MULTILINE))
    families = text_string_to_metric_families(answer)
    return names | {sample.name for family in families for sample in family.samples}
