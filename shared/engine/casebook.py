"""A service's cases in memory: the engine's own code from fact to publication, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from shared.engine.assessment import Closed, Day, Finding, Overview
from shared.engine.case import Case, Part
from shared.engine.casefile import CaseFile
from shared.engine.service import CaseModel
from shared.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All that a service's rules say of a whole case on a day.

    `findings` are those of the case and of every month, closed ones too, by month (0: of the case itself).
    `shown` is what is shown of a month to the people who query; nothing for most. `wakes` are the first days
    on which the findings of each could change by themselves.
    """

    today: date
    by_month: dict[int, list[Finding]]
    overview: Overview
    shown: dict[int, Any]
    wakes: dict[int, date]

    @property
    def wake_on(self) -> date | None:
        """The first day on which any finding could change by itself."""
        return min(self.wakes.values(), default=None)

    @property
    def findings(self) -> list[Finding]:
        """All findings: of the case, then month by month."""
        return [finding for findings in self.by_month.values() for finding in findings]

    @property
    def standing(self) -> list[Finding]:
        """The findings that stand: what the service publishes."""
        return [finding for finding in self.findings if self.closed(finding) is None]

    def closed(self, finding: Finding) -> Closed | None:
        """How an open item was closed by that day; None if it stands."""
        return finding.closed(Day(self.today))


def assess(
    model: CaseModel, case: Case, today: date, policy: Policy, months: Mapping[int, Part] | None = None
) -> Assessment:
    """Assess a whole case: all rules, of the case and of each of its months.

    `months` are its monthly parts, by number. The summaries of these are put into the case.
    """
    file = CaseFile.holding(model, case, months or {})
    concluded = file.conclude(policy, today, whole=True)
    assert file.overview is not None
    shown = {} if file.months is None else {month: file.months.shown(month) for month in file.months}
    return Assessment(
        today=today,
        by_month={month: [finding for finding, _ in found] for month, found in sorted(concluded.items())},
        overview=file.overview,
        shown={month: msgspec.json.decode(json) for month, json in shown.items() if json},
        wakes=file.wakes,
    )
