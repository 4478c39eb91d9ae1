"""One case opened: its facts joined, its findings compared with what was published before.

Nothing here does I/O. A `CaseFile` is made from the packed state that the database holds (or from
nothing), takes facts, is assessed, yields publications and is packed again.

**Sections.** A case has one section of its own and two a month: the month's facts, and the periods that
end in it (see `Months`). It is opened and assessed only where needed. A fact touches the facts of its month
and the periods of its month or the next. Time touches the periods of every month from the last assessment to
the one after today's, and each section whose own `wake_on` has come. A fact of the case's own registers
touches all. The difference is taken over the union of what was touched, so that a finding which moves with
its contact is not raised again.

**Month ends.** While the extent of a case lasts (see `Months`) the periods of each month in it are assessed
in time, whatever the rules wait for: the case waits for the extent's first day, and the last month assessed
for its own end.

**Counters.** How often a key was raised is kept with the case for ever, but only for keys that were
ever withdrawn: kept with the month, two events could get one id when a contact moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import is_
from typing import Any, Self

import msgspec

from shared.engine.assessment import (
    Day,
    Finding,
    Overview,
    Reason,
    Request,
    Reversal,
    View,
    asked,
    notice_of,
)
from shared.engine.budget import Budget
from shared.engine.case import Case, Part
from shared.engine.conclusions import Conclusion, conclusions
from shared.engine.decisions import Decision, key_of, moved
from shared.engine.difference import Concluded, claims_changed, difference
from shared.engine.inputs import Inputs
from shared.engine.joining import Fact, join, withdraw
from shared.engine.lost import Lost, closing_of, raised, withdrawn
from shared.engine.open_months import Extent, OpenMonths
from shared.engine.packing import (
    CASE,
    Raised,
    StoredCase,
    facts_of,
    form_of,
    is_of_periods,
    month_of_section,
    periods_of,
)
from shared.engine.publication import Publication, Publisher, finding_data
from shared.engine.service import CaseModel
from shared.engine.storage import Row
from shared.policy import Policy

SUMMARIES = "month_summaries"
"""The field of a case that holds what is kept of its months (see `Months.summary`)."""


class CaseFile:
    """An opened case (see the module's text)."""

    def __init__(
        self,
        model: CaseModel,
        subject: str,
        *,
        state: bytes | None = None,
        sequence: int = 0,
        assessed_on: date | None = None,
        release: int = 0,
        pools: tuple[str, ...] = (),
    ) -> None:
        self.model = model
        self.subject = subject
        self.sequence = sequence
        self.assessed_on = assessed_on
        self.pools = pools
        self._held = (state, sequence, assessed_on, release)
        self._form = form_of(model)
        self._stored = (
            self._form.case(state)
            if state is not None
            else StoredCase(model.case(subject=subject), closed_kept=True)
        )
        self.months = OpenMonths(model.months, self._form) if model.months else None
        """The case's months; None if its facts are not kept by month."""
        self._all_touched = state is None
        self._touched: set[str] = set()
        """The fields of the case that changed since it was assessed."""
        self._notices: Mapping[str, str] = {}
        self._budget = Budget()
        self._view: View[Any, Any] | None = None
        self._rests_on: dict[int, Inputs] = {}
        """What the findings of months rest on, by section, as far as that is known."""
        self._summary_rests_on: dict[int, Inputs] = {}
        """What their summaries rest on, by month."""
        self._compared: set[str] = set()
        """The names of what is published of the case with which it was compared."""
        self._said: list[list[Conclusion]] = []
        """What each rule about the case said the last time."""
        self._overview_rests_on = Inputs()
        self._case_rests_on = Inputs()
        self._known_overview: Overview | None = None
        """Where the case stood the last time."""
        self._held_overview: Overview | None = None
        """Where the case stands as the database has it, as far as that is known."""
        self.overview: Overview | None = None
        """Where the case stands, if the case itself was assessed since it was opened."""

    # -- loading and storing ---------------------------------------------------------------------

    @classmethod
    def holding(cls, model: CaseModel, case: Case, months: Mapping[int, Part]) -> Self:
        """A case made of registers and months that are joined already, of which nothing was published."""
        file = cls(model, case.subject)
        file._stored = StoredCase(case, closed_kept=True)
        if file.months is not None:
            file.months.hold(months)
        return file

    @property
    def notices(self) -> Mapping[str, str]:
        """What entities tell every case; set before the case is assessed."""
        return self._notices

    @notices.setter
    def notices(self, notices: Mapping[str, str]) -> None:
        before, self._notices = self._notices, notices
        if self._view is not None and notices != before:
            changed = {entity for entity in {*before, *notices} if notices.get(entity) != before.get(entity)}
            self._touched.update(map(notice_of, changed))
            self._view.notices = notices

    @property
    def case(self) -> Case:
        return self._stored.case

    @property
    def wakes(self) -> dict[int, date]:
        """The first day on which the findings of each section could change by themselves."""
        return self._stored.wakes

    @property
    def wake_on(self) -> date | None:
        """The first day on which any finding could change by itself."""
        return min(self._stored.wakes.values(), default=None)

    def is_due(self, day: date) -> bool:
        """Could the findings have changed by themselves since the case was assessed?"""
        if self.assessed_on == day:
            return False  # what it waits for then is later
        wake_on = self.wake_on
        return wake_on is not None and wake_on <= day

    @property
    def requests(self) -> list[Request]:
        """The decisions that the case needs."""
        return self.overview.requests if self.overview else []

    def months_due(self, day: date) -> set[int]:
        """The months that the passing of time touches when the case is assessed on that day."""
        if self.months is None:
            return set()
        return {month_of_section(section) for section in self.months.due(day, self.assessed_on, self.wakes)}

    def salvage(self, state: bytes | None, months: dict[int, bytes]) -> None:
        """Take over what was published, counted and claimed, but no facts: they are to be joined again."""
        if state is not None:
            self._stored = self._form.salvage_case(state, self.model.case(subject=self.subject))
        if self.months is not None:
            self.months.salvage(months)
        self._all_touched = True
        self._forget()

    def take_over(self, lost: Iterable[Lost]) -> None:
        """Take over what was published of the case and lost since. It must then be assessed whole."""
        stored, followed = self._stored, self.model.followed_by_name
        standing = [stored.published, stored.decisions]
        standing += self.months.all_published() if self.months is not None else []
        for event in lost:
            if event.sequence <= self.sequence:
                continue
            self.sequence = event.sequence
            gone = withdrawn(event)
            if gone is not None:
                among = next((found for found in standing if gone in found), None)
                was = among.pop(gone) if among is not None else None
                stored.counters[gone] = was.n if was else stored.counters.get(gone, 0) + 1
                closing = closing_of(event) if gone.split(" ", 1)[0] in followed else None
                if among is not None and was is not None and closing is not None:
                    among[gone] = msgspec.structs.replace(was, closed=closing)
            elif not event.decision:  # a decision that was taken is a fact
                name, found = raised(event)
                n = stored.counters.get(name, 0) + 1
                for published in standing:
                    published.pop(name, None)  # one that was closed
                into = stored.decisions if event.moved else stored.published
                into[name] = msgspec.structs.replace(found, n=n)

    def pack(self, release: int) -> bytes | None:
        """The case packed for the database; None if that holds it like this already, of that release.

        Its months may have changed all the same.
        """
        state = self._form.pack(self._stored)
        before, self._held = self._held, (state, self.sequence, self.assessed_on, release)
        if before == self._held and (self.overview is None or self.overview is self._held_overview):
            return None
        self._held_overview = self.overview or self._held_overview
        return state

    @property
    def is_known(self) -> bool:
        """Is it known what each finding rests on, since the case was put by?"""
        return self._view is not None

    def put_by(self) -> None:
        """Put the case by as it is open, once the database holds it, for the next transaction."""
        self._budget = Budget()
        self.overview = None
        if self.months is not None:
            self.months.put_by()

    def is_held_so(self, row: Row) -> bool:
        """Is the case, as it was put by, what the database holds now?"""
        held = (row.state, row.sequence, row.assessed_on, row.release)
        return self._held == held and list(self.pools) == row.pools

    # -- joining ---------------------------------------------------------------------------------

    def join(self, fact: Fact) -> None:
        """Join a fact: the version with the greatest stamp stands, whatever the order of arrival."""
        monthly = self.model.monthly(fact.type)
        if monthly is not None:
            assert self.months is not None
            self.months.join(monthly, fact)
            return
        if fact.type == "Withdrawn":
            register = self.model.registers[fact.data.withdrawn_type]
            withdraw(self.case, register, fact)
        else:
            register = self.model.registers[fact.type]
            join(self.case, register, fact)
        self._touched |= register.fields

    def use(self, item: str, amount: int) -> None:
        """Other cases claim so much more (or less) of this entity."""
        used = self.case.used
        used[item] = used.get(item, 0) + amount
        if not used[item]:
            del used[item]
        self._touched.add("used")

    # -- assessing -------------------------------------------------------------------------------

    def assess(
        self,
        policy: Policy,
        publisher: Publisher,
        reason: Reason = "corrected",
        *,
        whole: bool = False,
        case: bool = False,
    ) -> list[Publication]:
        """Assess what was touched, on the publisher's day, and return what is to be published.

        `reason` is why a finding that no longer holds is withdrawn; for the rest see `conclude`.
        """
        out = self._difference(
            self.conclude(policy, publisher.day, whole=whole, case=case), publisher, reason
        )
        self._budget.end([publication.value for publication in out])
        return out

    def conclude(self, policy: Policy, day: date, *, whole: bool = False, case: bool = False) -> Concluded:
        """The findings of what was touched, on a day; what they are compared with stays as it is.

        Raises `OverBudget` if that is more than any real case needs.

        `whole` assesses everything, whether touched or not (after a change of rules or policy, and to
        repair); `case` at least the case without its months (to try again what it requested).
        """
        if whole or self._all_touched or self.assessed_on is None:
            self._all_touched = True
            self._forget()
        view = self._base_view(policy)
        if self._touched:
            view.forget(self._touched)
        sections = self._sections_to_assess(view, day)
        self._keep_summaries(view)
        self._budget.begin(len(sections))
        concluded: Concluded = {}
        later = self.assessed_on is not None and day > self.assessed_on
        if self._all_touched or self._touched or case or later:
            if self._known_overview is None or not self._case_rests_on.hold(day, self._touched):
                self._assess_case(view, day, concluded)
            self.overview = self._known_overview
        for section in sorted(sections):
            self._assess_section(section, view, Day(day), concluded)
            self._budget.check()
        if self.months is not None:
            self.months.touched.clear()
        self.assessed_on = day
        self._all_touched, self._touched = False, set()
        return concluded

    def withdraw_all(self, publisher: Publisher) -> list[Publication]:
        """Withdraw all that was published, because the person's record went into another's."""
        self.overview = Overview(status="merged")
        concluded: Concluded = {CASE: []}
        self._compared = set(self._stored.published)
        if self.months is not None:
            for month in sorted(self.months):
                for section in (facts_of(month), periods_of(month)):
                    concluded[section] = []
                    self.months.show(section, {})
        self._stored.wakes.clear()
        self._all_touched = True
        self._forget()
        self.assessed_on = publisher.day
        return self._difference(concluded, publisher, "merged")

    def move_decisions(
        self, own: Sequence[Decision], wanted: Sequence[Decision], publisher: Publisher, reason: Reason
    ) -> list[Publication]:
        """Let the wanted decisions stand under this name; `own` were taken under it (see `decisions`)."""
        stored = self._stored
        out, stored.decisions = moved(
            own, wanted, stored.decisions, stored.counters, publisher, self.sequence, reason
        )
        self.sequence += len(out)
        return out

    def _assess_case(self, view: View[Any, Any], day: date, concluded: Concluded) -> None:
        """Apply the rules about the case; nothing is concluded if each says what it said the last time."""
        today = Day(day)
        of_day = view.on(today)
        said = [conclusions(of_day, rule) for rule in self.model.rules]
        overview = self._known_overview
        changed = overview is None or not all(map(is_, said, self._said))
        if changed:
            self._compare(said, concluded)
        if overview is None or changed or not self._overview_rests_on.hold(day, self._touched):
            standing = [one.finding for of_rule in said for one in of_rule if one.closing is None]
            looking = Day(day)
            overview = self.model.overview(view.on(looking), standing)
            self._overview_rests_on = looking.noted
        self._said, self._known_overview = said, overview
        self.pools = overview.pools
        today.noted.add(self._overview_rests_on)
        if (extent := self._extent(view)) is not None:
            today.reached(extent[0])
        self._wake(CASE, today)
        self._case_rests_on = today.noted

    def _compare(self, said: list[list[Conclusion]], concluded: Concluded) -> None:
        """Have what rules say compared with what stands: only those that do not say what they said before.

        All, if it is not known what they said, or if one says now what another one says still.
        """
        if self._known_overview is None:
            known, now, rest = set(self._stored.published), said, set[str]()
        else:
            pairs = [*zip(said, self._said, strict=True)]
            known = {one.name for new, old in pairs if new is not old for one in old}
            now = [new for new, old in pairs if new is not old]
            rest = {one.name for new, old in pairs if new is old for one in new}
        if any(one.name in rest for of_rule in now for one in of_rule):
            known, now = set(self._stored.published), said
        concluded[CASE] = [one for of_rule in now for one in of_rule]
        self._compared = known

    def _assess_section(self, section: int, view: View[Any, Any], today: Day, concluded: Concluded) -> None:
        assert self.months is not None
        months, month = self.months, month_of_section(section)
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
        self._wake(section, today)
        self._rests_on[section] = today.noted

    def _forget(self) -> None:
        """Forget what was worked out: all of it is to be worked out anew."""
        self._view = self._known_overview = None
        self._said = []
        self._rests_on.clear()
        self._summary_rests_on.clear()
        if self.months is not None:
            self.months.forget_looked_at()

    def _base_view(self, policy: Policy) -> View[Any, Any]:
        """The case as the rules look at it, without a day."""
        if self._view is None:
            self._view = self.model.view(self.case, policy)
            self._view.notices = self._notices
        return self._view

    def _extent(self, view: View[Any, Any]) -> Extent | None:
        return None if self.months is None else asked(view, self.months.model.extent)

    def _sections_to_assess(self, view: View[Any, Any], day: date) -> set[int]:
        """The sections of months in which anything may have changed."""
        months, known = self.months, self._rests_on
        if months is None:
            return set()
        for section in months.opened_anew():
            known.pop(section, None)
            self._summary_rests_on.pop(month_of_section(section), None)
        sections = months.with_facts(day) | months.due(day, self.assessed_on, self.wakes)
        if self._all_touched or self._touched:
            possible = months.all(day, self._extent(view))
            sections &= possible
            sections |= {s for s in possible if s not in known or not known[s].hold(day, self._touched)}
            for section in self._stored.wakes.keys() - possible - {CASE}:
                del self._stored.wakes[section]  # months that are none any more wait for nothing
        return sections

    def _keep_summaries(self, view: View[Any, Any]) -> None:
        """Keep the summaries of the months in which facts changed, or what theirs rest on."""
        if self.months is None or self.months.model.summary is None:
            return
        summaries: dict[int, Any] = self.case.month_summaries  # type: ignore[attr-defined]
        known = self._summary_rests_on
        if self._all_touched or self._touched:
            fields = self._touched
            wanted = {m for m in self.months if m not in known or known[m].rest_on(fields)}
        else:
            wanted = set()
        for month in wanted | self.months.touched.keys():
            known[month] = view.noting()
            summary = self.months.model.summary(view, self.months.part(month))
            if summary != summaries.get(month):
                self._touched.add(SUMMARIES)
                if summary is None:
                    del summaries[month]
                else:
                    summaries[month] = summary
        if SUMMARIES in self._touched:
            view.forget({SUMMARIES})

    def _wake(self, section: int, today: Day) -> None:
        if today.wake_on is None:
            self._stored.wakes.pop(section, None)
        else:
            self._stored.wakes[section] = today.wake_on

    def _published(self, section: int) -> dict[str, Raised]:
        if section == CASE:
            return self._stored.published
        return self.months.published(section) if self.months is not None else {}

    def _difference(self, concluded: Concluded, publisher: Publisher, reason: Reason) -> list[Publication]:
        if not concluded:
            return []
        before = {
            name: raised
            for section in concluded
            for name, raised in self._published(section).items()
            if section != CASE or name in self._compared
        }
        stored = self._stored
        out, after = difference(
            concluded,
            before,
            stored.counters,
            publisher,
            self.sequence,
            reason,
            self.model.followed_by_name,
            closed_unknown=not stored.closed_kept,
        )
        stored.closed_kept = True
        self.sequence += len(out)
        for section, published in after.items():
            if section == CASE:
                self._publish(published)
            elif self.months is not None:
                self.months.publish(section, published)
        return out

    def _publish(self, published: dict[str, Raised]) -> None:
        """Keep what is published of the case now, in the order of the rules: what stands, what is closed."""
        kept = self._stored.published.items()
        published = {name: one for name, one in kept if name not in self._compared} | published
        said = [one for of_rule in self._said for one in of_rule]
        said.sort(key=lambda one: one.closing is not None)
        self._stored.published = {one.name: published[one.name] for one in said if one.name in published}

    def claim(self) -> dict[tuple[str, str], int]:
        """Take over the claims of the overview; returns by how much each changed."""
        if self.overview is None:
            return {}
        claims = {f"{entity} {item}": amount for (entity, item), amount in self.overview.claims.items()}
        before, self._stored.claims = self._stored.claims, claims
        return claims_changed(before, claims)

    def refuse(self, request: Request, reason: str, day: date) -> bool:
        """Remember why a request was not granted; whether the reason has changed."""
        known = self.case.refusals.setdefault(request.key, [])
        if known and known[-1][1] == reason:
            return False
        known.append((day, reason))
        self._touched.add("refusals")
        return True

    def decide(self, decision: Finding, publisher: Publisher) -> Publication:
        """The event of a decision just taken. It is joined as a fact, so it is never withdrawn by itself."""
        self.sequence += 1
        name = f"{type(decision.event).__name__} {decision.key}"
        n = self._stored.counters.get(name, 0) + 1
        published = publisher.finding(decision, finding_data(decision.event), n, self.sequence)
        return msgspec.structs.replace(published, decision="taken")

    def reverse(
        self, reversal: Reversal, keys: Sequence[str], publisher: Publisher
    ) -> tuple[Publication | None, Publication]:
        """Withdraw a decision whose reason is gone: what is published, and the event to be recorded.

        `keys` are those under which it may have been taken. They are the same event, unless the decision was
        taken under another name and moved here (see `decisions`). Nothing is published if it does not stand.
        """
        stored, kind, id = self._stored, reversal.type, reversal.decision.event_id
        rules, policy = reversal.rules, reversal.policy
        number = self.sequence + 1
        published = None
        moved_here = next((key for key in keys if f"{kind} {key}" in stored.decisions), None)
        own = key_of(publisher.service, kind, self.subject, keys, id, len(keys))
        key, n = own or ("", 0)
        recorded = publisher.withdrawal(
            kind, key, Raised(n, b"", rules, policy), "corrected", number, withdraws=id
        )
        if moved_here is not None:
            was = stored.decisions.pop(f"{kind} {moved_here}")
            stored.counters[f"{kind} {moved_here}"] = was.n
            published = publisher.withdrawal(kind, moved_here, was, "corrected", number)
        elif own is not None and stored.counters.get(f"{kind} {key}", 0) < n:
            stored.counters[f"{kind} {key}"] = n
            published = msgspec.structs.replace(recorded, decision="taken")
        if published is not None:
            self.sequence = number
        return published, recorded
