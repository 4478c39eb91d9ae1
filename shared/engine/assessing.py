"""Applies a service's rules to one open case, and keeps what they said until something of it changes.

**What is worked out again.** Each answer is kept with what it rests on: fields of the case, notices of
entities, days (`inputs.py`), and other answers (`answers.py`). When fields were touched, or a day begins,
only what rests on them is worked out again, as far as it changes anything; all is, if it is not known what
was said before. So what is kept can be forgotten at any time.

**Month ends.** While the extent of a case lasts (see `Months`) the periods of each month in it are assessed
in time, whatever the rules wait for: the case waits for the extent's first day, and the last month assessed
for its own end.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from operator import is_
from typing import Any

from shared.engine.answers import Answer, RestsOn
from shared.engine.assessment import Day, Finding, Overview, View, asked, notice_of
from shared.engine.budget import Budget
from shared.engine.conclusions import Conclusion, conclusions
from shared.engine.difference import Concluded
from shared.engine.inputs import NEVER, Fields, field, fields
from shared.engine.open_months import Extent, OpenMonths
from shared.engine.packing import CASE, Raised, StoredCase, is_of_periods, month_of_section
from shared.engine.service import CaseModel
from shared.policy import Policy

SUMMARIES = "month_summaries"
"""The field of a case that holds what is kept of its months (see `Months.summary`)."""

NO_NOTICES: Mapping[str, str] = {}


class Assessing:
    """See the module's text. `stored` and `months` are the case; nothing else changes them meanwhile."""

    def __init__(self, model: CaseModel, stored: StoredCase[Any], months: OpenMonths | None) -> None:
        self.touched: Fields = 0
        """The fields of the case that changed since it was assessed."""
        self.overview: Overview | None = None
        """Where the case stands, if the case itself was assessed since it was opened."""
        self.compared: set[str] | None = None
        """The names of what is published of the case with which it was compared; None for all of it."""
        self._model = model
        self._stored = stored
        self._months = months
        self._all_touched = False
        self._notices = NO_NOTICES
        self._view: View[Any, Any] | None = None
        self._rules: list[Answer] = []
        """What each rule about the case says."""
        self._said: list[list[Conclusion]] = []
        """What each of them said the last time."""
        self._standing: list[Finding] = []
        """What of that stands."""
        self._rests_on: dict[int, RestsOn] = {}
        """What the findings of each section rest on, as far as that is known."""
        self._summary_rests_on: dict[int, RestsOn] = {}
        """What the summaries of months rest on, by month."""
        self._known_overview: Answer | None = None
        """Where the case stood the last time."""
        if stored.basis is not None:
            self._rests_on[CASE] = RestsOn.kept(stored.basis)

    @property
    def is_known(self) -> bool:
        """Is it known what each finding rests on?"""
        return self._view is not None

    def forget(self) -> None:
        """Forget what was worked out: all of it is to be worked out anew."""
        self._all_touched = True
        self._view = self._known_overview = self.compared = None
        self._rules, self._said = [], []
        self._rests_on.clear()
        self._summary_rests_on.clear()
        self._stored.basis = None
        if self._months is not None:
            self._months.forget_looked_at()

    def conclude(
        self,
        policy: Policy,
        notices: Mapping[str, str],
        day: date,
        assessed_on: date | None,
        budget: Budget,
        *,
        whole: bool,
        case: bool,
    ) -> Concluded:
        """What changed of the findings of what was touched, on a day; see `CaseFile.conclude`."""
        if whole or assessed_on is None:
            self.forget()
        view = self._base_view(policy, notices)
        self._doubt(view, self.touched)
        sections = self._sections_to_assess(view, day, assessed_on)
        self._keep_summaries(view)
        budget.begin(len(sections))
        concluded: Concluded = {}
        later = assessed_on is not None and day > assessed_on
        if self._all_touched or self.touched or case or later:
            if not self._holds(CASE, day):
                self._assess_case(view, day, concluded)
            if self._known_overview is not None:
                self.overview = self._known_overview.value
        for section in sorted(sections):
            self._assess_section(section, view, Day(day), concluded)
            budget.check()
        if self._months is not None:
            self._months.touched.clear()
        self._all_touched, self.touched = False, 0
        return concluded

    def in_order(self, published: Mapping[str, Raised]) -> dict[str, Raised]:
        """What is published of the case in the order of its rules: what stands, then what is closed."""
        said = [one for of_rule in self._said for one in of_rule if one.name in published]
        ordered = {one.name: published[one.name] for one in said if one.closing is None}
        return ordered | {one.name: published[one.name] for one in said if one.closing is not None}

    # -- the case itself -------------------------------------------------------------------------

    def _base_view(self, policy: Policy, notices: Mapping[str, str]) -> View[Any, Any]:
        """The case as the rules look at it, without a day."""
        if self._view is None:
            self._view = self._model.view(self._stored.case, policy)
            self._rules = [self._view.question(conclusions, rule) for rule in self._model.rules]
        elif notices != self._notices:
            entities = {*notices, *self._notices}
            changed = [one for one in entities if notices.get(one) != self._notices.get(one)]
            self.touched |= fields(*map(notice_of, changed))
        self._notices = notices
        self._view.hear(notices)
        return self._view

    def _assess_case(self, view: View[Any, Any], day: date, concluded: Concluded) -> None:
        """Apply the rules about the case; nothing is concluded if each says what it said the last time."""
        today = Day(day)
        of_day = view.on(today)
        extent = self._extent(of_day)
        if extent is not None:
            today.reached(extent[0])
        for rule in self._rules:
            if rule.doubted or rule.until <= day:
                rule.bring_up_to_date(of_day)
        said = [rule.value for rule in self._rules]
        overview = self._known_overview
        changed = overview is None or not all(map(is_, said, self._said))
        standing = self._standing
        if changed:
            self._compare(said, concluded)
            standing = [one.finding for of_rule in said for one in of_rule if one.closing is None]
        if overview is None or standing != self._standing or not overview.still_holds(of_day):
            overview = view.question(self._model.overview, standing)
            overview.work_out(of_day)
        today.noted.asked |= dict.fromkeys((*self._rules, overview))
        self._said, self._standing, self._known_overview = said, standing, overview
        self._keep(CASE, today)
        asks = overview.value.requests or overview.value.reversals
        self._stored.basis = None if asks else self._rests_on[CASE].basis

    def _doubt(self, view: View[Any, Any], changed: Fields) -> None:
        """Doubt all that rests on these fields, which have changed."""
        if not changed:
            return  # the common case
        view.doubt(changed)
        for answer in self._rules:
            if answer.fields & changed:
                answer.doubted |= changed
        if self._known_overview is not None:
            self._known_overview.doubted |= changed

    def _compare(self, said: list[list[Conclusion]], concluded: Concluded) -> None:
        """Have what rules say compared with what stands: only those that do not say what they said before.

        All, if it is not known what they said, or if one says now what another one says still.
        """
        if self._known_overview is not None:
            pairs = [*zip(said, self._said, strict=True)]
            now = [one for new, old in pairs if new is not old for one in new]
            still = {one.name for new, old in pairs if new is old for one in new}
            if still.isdisjoint(one.name for one in now):
                concluded[CASE] = now
                self.compared = {one.name for new, old in pairs if new is not old for one in (*old, *new)}
                return
        concluded[CASE] = [one for of_rule in said for one in of_rule]
        self.compared = None

    # -- its months ------------------------------------------------------------------------------

    def _extent(self, view: View[Any, Any]) -> Extent | None:
        return None if self._months is None else asked(view, self._months.model.extent)

    def _sections_to_assess(self, view: View[Any, Any], day: date, assessed_on: date | None) -> set[int]:
        """The sections of months in which anything may have changed."""
        months, known, wakes = self._months, self._rests_on, self._stored.wakes
        if months is None:
            return set()
        for section in months.opened_anew():
            known.pop(section, None)
            self._summary_rests_on.pop(month_of_section(section), None)
        sections = months.with_facts(day)
        sections |= {s for s in months.due(day, assessed_on, wakes) if not self._holds(s, day)}
        if self._all_touched or self.touched:
            possible = months.all(day, self._extent(view))
            sections &= possible
            sections |= {s for s in possible if not self._holds(s, day)}
            for section in (wakes.keys() | known.keys()) - possible - {CASE}:
                wakes.pop(section, None)  # months that are none any more wait for nothing
                known.pop(section, None)  # and are assessed anew should they come back
            months.forget_looked_at(but=possible)
        return sections

    def _holds(self, section: int, day: date) -> bool:
        """Is it known that the findings of a section are the same, but for facts of its months?"""
        known = self._rests_on.get(section)
        return known is not None and known.holds(day, self.touched)

    def _keep_summaries(self, view: View[Any, Any]) -> None:
        """Keep the summaries of the months in which facts changed, or what theirs rest on."""
        months, known = self._months, self._summary_rests_on
        if months is None or months.model.summary is None:
            return
        summaries: dict[int, Any] = self._stored.case.month_summaries
        wanted, changed = set(months.touched), 0
        if self._all_touched or self.touched:
            wanted |= {m for m in months if m not in known or known[m].fields & self.touched}
        for month in wanted:
            noted = view.noting()
            summary = months.model.summary(view, months.part(month))
            known[month] = RestsOn.all_of(noted)
            if summary != summaries.get(month):
                changed = field(SUMMARIES)
                if summary is None:
                    del summaries[month]
                else:
                    summaries[month] = summary
        self.touched |= changed
        self._doubt(view, changed)

    def _assess_section(self, section: int, view: View[Any, Any], today: Day, concluded: Concluded) -> None:
        assert self._months is not None
        months, month = self._months, month_of_section(section)
        if is_of_periods(section):
            rules, two_months = months.model.period_rules, months.two_months(month)
            of_day = view.on(today, two_months=two_months)
        else:
            rules, two_months = months.model.rules, None
            of_day = view.on(today, months.month(month))
        found = [one for rule in rules.rules for one in conclusions(of_day, rule)]
        if found or months.published(section):
            concluded[section] = found
        if rules.overview is not None:
            standing = [one.finding for one in found if one.closing is None]
            months.show(section, rules.overview(of_day, standing))
        if two_months is not None:
            months.keep_looked_at(month, two_months.looked_at)
            months.wait_for_end(month, today, self._extent(view))
        self._keep(section, today)

    def _keep(self, section: int, today: Day) -> None:
        """Keep what the findings of a section rest on, and the day on which they could change."""
        known = self._rests_on[section] = RestsOn.all_of(today.noted)
        if known.wake_on == NEVER:
            self._stored.wakes.pop(section, None)
        else:
            self._stored.wakes[section] = known.wake_on
