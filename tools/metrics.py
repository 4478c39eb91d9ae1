"""Generates docs/metrics.md from the declarations of the metrics::

python -m tools.metrics write
python -m tools.metrics check
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import Metric

from shared.metrics import DashboardMetrics, FeedMetrics, Metrics, ServiceMetrics, TickerMetrics

PAGE = Path(__file__).parents[1] / "docs/metrics.md"

PROGRAMS: tuple[tuple[str, Metrics], ...] = (
    ("services", ServiceMetrics("")),
    ("feeds", FeedMetrics("")),
    ("ticker", TickerMetrics()),
    ("dashboard", DashboardMetrics()),
)

_BEGIN = """# Metrics

<!-- written from shared/metrics.py by `make docs` -->

Each program answers at `/metrics`. Prometheus' labels `job` and `instance` say which program it is. A metric
that is counted in a database, such as `probation_dead_letters_open`, is the same at each instance of a
service: take the maximum, not the sum. Metrics that begin with `process_` are those of the Python client.

[alerts.yml](../deploy/prometheus/alerts.yml) says what to watch for, and
[monitor](operations/monitor.md#alerts) what to do then.

| metric | kind | labels | of | meaning |
|---|---|---|---|---|
"""


def page() -> str:
    """docs/metrics.md as it should be."""
    of: dict[str, list[str]] = {}
    rows: dict[str, tuple[str, str, str]] = {}
    for program, metrics in PROGRAMS:
        for metric, labels in _ours(metrics):
            name = metric.name + {"counter": "_total", "info": "_info"}.get(metric.type, "")
            rows[name] = (metric.type, ", ".join(f"`{label}`" for label in labels), metric.documentation)
            of.setdefault(name, []).append(program)
    lines = (
        f"| `{name}` | {kind} | {labels} | {_programs(of[name])} | {meaning} |\n"
        for name, (kind, labels, meaning) in sorted(rows.items())
    )
    return _BEGIN + "".join(lines)


def _ours(metrics: Metrics) -> Iterable[tuple[Metric, tuple[str, ...]]]:
    for declared in vars(metrics).values():
        if hasattr(declared, "describe"):
            [metric] = declared.describe()
            yield metric, declared._labelnames  # noqa: SLF001 - the client shows it nowhere else


def _programs(programs: list[str]) -> str:
    return "all" if len(programs) == len(PROGRAMS) else ", ".join(programs)


def main(task: str) -> int:
    """Write the page, or check that it is up to date. Returns the exit code."""
    if task == "write":
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        print(f"{PAGE.name} is not what shared/metrics.py says: run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
