"""The metrics of all programs, each with a sentence. docs/metrics.md is generated from here (`make docs`).

Names follow Prometheus' conventions: `probation_` first, base units, `_total` for counters. A metric that
several programs have has one name: Prometheus' labels `job` and `instance` tell the programs apart. No label
ever says anything about a person.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

from schemas.envelope import WarningKind

DAY_SECONDS = 86_400


class Metrics:
    """A program's own registry, with what all programs have."""

    def __init__(self, program: str, policy: str = "") -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # memory, processor time and open files
        self.build = Info(
            "probation_build",
            "The program, its version and (of a service) the start of its policy's SHA-256.",
            registry=self.registry,
        )
        self.build.info({"program": program, "version": _version(), "policy": policy})
        self.certificate_ends = self._gauge(
            "certificate_expiry_timestamp_seconds",
            "When a certificate ends: an authority's or the program's own, as it was in the file when the "
            "program started, or the one that a server shows.",
            *("kind", "place"),
        )

    def _last_backup(self) -> Gauge:
        return self._gauge(
            "backup_timestamp_seconds",
            "When the last backup of the database was finished, as whoever made it recorded; 0 if none is.",
        )

    def _counter(self, name: str, sentence: str, *labels: str) -> Counter:
        return Counter(f"probation_{name}", sentence, labels, registry=self.registry)

    def _gauge(self, name: str, sentence: str, *labels: str) -> Gauge:
        return Gauge(f"probation_{name}", sentence, labels, registry=self.registry)

    def _histogram(self, name: str, sentence: str, *bounds: float) -> Histogram:
        return Histogram(f"probation_{name}", sentence, buckets=bounds, registry=self.registry)


def _version() -> str:
    try:
        return version("probation")
    except PackageNotFoundError:
        return "unknown"  # run from a folder that was never installed


class _Publishing(Metrics):
    """Of programs that read a topic and publish from an outbox: services and feeds."""

    def __init__(self, program: str, policy: str = "") -> None:
        super().__init__(program, policy)
        self.lag = self._gauge(
            "consumer_lag",
            "Offsets of a partition that can be read and are not processed yet.",
            *("topic", "partition"),
        )
        self.late = self._gauge(
            "consumer_lag_seconds",
            "For how long a message of the topic may have waited to be processed; 0 if none waits.",
            "topic",
        )
        self.outbox_rows = self._gauge("outbox_rows", "Events that wait to be published (up to 100,000).")
        self.outbox_oldest = self._gauge(
            "outbox_oldest_seconds", "For how long the oldest event in the outbox has waited."
        )
        self.backup = self._last_backup()
        self.relay_leader = self._gauge("relay_leader", "1 if this instance publishes the outbox.")
        self.relay_published = self._counter("relay_published_total", "Events published by this instance.")


class ServiceMetrics(_Publishing):
    """Of one of the four services. What is counted in its database is the same at each instance."""

    def __init__(self, program: str, policy: str = "") -> None:
        super().__init__(program, policy)
        self.consumed = self._counter(
            "messages_consumed_total", "Messages processed from a topic and committed.", "topic"
        )
        self.outcomes = self._counter(
            "outcomes_total",
            "Messages by result (applied, duplicates, altered, skipped, dead), facts about erased people, "
            "events published, cases quarantined, cases swept.",
            "outcome",
        )
        self.batch_seconds = self._histogram(
            "batch_seconds",
            "From the receipt of a batch to its commit.",
            *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
        )
        self.batch_size = self._histogram(
            "batch_messages", "Messages in a batch.", *(1, 5, 20, 50, 100, 250, 500, 1_000, 2_000, 4_000)
        )
        self.unfinished = self._gauge(
            "consumer_unfinished",
            "Offsets of a partition that cannot be read, because a producer's transaction is open.",
            *("topic", "partition"),
        )
        self.no_progress = self._gauge(
            "consumer_no_progress_seconds", "For how long messages have waited without one being taken."
        )
        self.unreadable = self._gauge("consumer_unreadable_partitions", "Partitions that cannot be read.")
        self.fetch_age = self._gauge(
            "consumer_fetch_age_seconds", "Seconds since the least recently fetched partition was fetched."
        )
        self.messages_lost = self._counter(
            "messages_lost_total",
            "Messages that retention removed before they were read (at most so many).",
            *("topic", "partition"),
        )
        self.rebalances = self._counter("rebalances_total", "How often partitions were assigned.")
        self.retries = self._counter("batch_retries_total", "Batches retried, by error.", "fault")
        self.braked = self._gauge("brake_on", "1 if too many bad messages have stopped the service.")
        self.went_back = self._counter(
            "database_went_back_total",
            "How often the database was found at an earlier state: a fail-over or a restore.",
        )
        self.dead_letters = self._gauge("dead_letters_open", "Dead letters that are open.", "reason")
        self.warnings = self._counter(
            "warnings_total",
            "Warnings about messages that were taken although something in them is doubtful.",
            "kind",
        )
        for kind in get_args(WarningKind):
            self.warnings.labels(kind)  # from 0, because Prometheus sees no increase to a first value
        self.quarantined = self._gauge("cases_quarantined", "Cases that could not be assessed.")
        self.clock_age = self._gauge(
            "clock_age_seconds", "From the day reached to today's date in London (a multiple of 86,400)."
        )
        self.clock_waiting = self._gauge(
            "clock_waiting",
            "How many days were announced too early, or wait because one before them is missing.",
        )
        self.overdue = self._gauge(
            "sweep_overdue_seconds", "How far the sweep is behind the day reached (a multiple of 86,400)."
        )
        self._counted: dict[str, int] = {}

    def count_to(self, counter: Counter, total: int, name: str) -> None:
        """Raise a counter to a total that is kept elsewhere since the start. `name` is unique to it."""
        counter.inc(total - self._counted.get(name, 0))
        self._counted[name] = total


class FeedMetrics(_Publishing):
    """Of a feed. All feeds share a database, and so an outbox."""

    def __init__(self, program: str) -> None:
        super().__init__(program)
        self.taken = self._counter("feed_taken_total", "Messages read from the topic and kept or known.")
        self.messages = self._gauge(
            "feed_messages", "Messages of each feed that wait or are dead letters.", *("feed", "status")
        )


class TickerMetrics(Metrics):
    """Of the ticker."""

    def __init__(self) -> None:
        super().__init__("ticker")
        self.day = self._gauge(
            "ticker_day_timestamp_seconds",
            "The start, in London, of the last day that the ticker has announced; 0 before the first.",
        )
        self.announced = self._counter(
            "ticker_announced_total", "Days published by this ticker, those that came again too."
        )
        self.failures = self._counter(
            "ticker_failures_total", "How often the ticker could not publish and waited for Kafka."
        )


class DashboardMetrics(Metrics):
    """Of the dashboard."""

    def __init__(self) -> None:
        super().__init__("dashboard")
        self.gaps = self._gauge("dashboard_gaps", "People whose events have a gap.")
        self.backup = self._last_backup()
