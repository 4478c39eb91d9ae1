"""One case opened: its facts joined, its findings compared with what was published before.

Nothing here does I/O. A `CaseFile` is made from the packed state that the database holds (or from
nothing), takes facts, is assessed, yields publications and is packed again.

**Sections.** A case has one section of its own and two a month: the month's facts, and the periods that
end in it (see `Months`). It is opened and assessed only where needed. A fact touches the facts of its month
and the periods of its month or the next; one of the case's own registers touches what rests on them (see
`assessing.py`). Time touches the periods of every month from the last assessment to the one after today's,
and each section whose own `wake_on` has come. The difference is taken over the union of what was touched, so
that a finding which moves with its contact is not raised again.

**Counters.** How often a key was raised is kept with the case for ever, but only for keys that were
ever withdrawn: kept with the month, two events could get one id when a contact moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Self

import msgspec

from shared.engine.assessing import Assessing
from shared.engine.assessment import Finding, Overview, Reason, Request, Reversal
from shared.engine.budget import Budget
from shared.engine.case import Case, Part
from shared.engine.decisions import Decision, moved, reversed_by
from shared.engine.difference import Concluded, claims_changed, difference
from shared.engine.inputs import fields
from shared.engine.joining import Fact, join, withdraw
from shared.engine.lost import Lost, take_over
from shared.engine.open_months import OpenMonths
from shared.engine.packing import (
    CASE,
    Raised,
    StoredCase,
    facts_of,
    form_of,
    month_of_section,
    periods_of,
)
from shared.engine.publication import Publication, Publisher, finding_data
from shared.engine.service import CaseModel
from shared.engine.storage import Row
from shared.policy import Policy


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
        self.notices: Mapping[str, str] = {}
        """What entities tell every case; set before the case is assessed."""
        self._assessing = Assessing(model, self._stored, self.months)
        if state is None:
            self._assessing.forget()
        self._budget = Budget()
        self._held_overview: Overview | None = None
        """Where the case stands as the database has it, as far as that is known."""
        self._claimed: Overview | None = None
        """The overview whose claims were taken over last."""

    # -- loading and storing ---------------------------------------------------------------------

    @classmethod
    def holding(cls, model: CaseModel, case: Case, months: Mapping[int, Part]) -> Self:
        """A case made of registers and months that are joined already, of which nothing was published."""
        file = cls(model, case.subject)
        if file.months is not None:
            file.months.hold(months)
        file._assess_anew(StoredCase(case, closed_kept=True))
        return file

    def _assess_anew(self, stored: StoredCase[Any]) -> None:
        """Let this be what is stored of the case; of what its rules say nothing is known."""
        self._stored, self._claimed = stored, None
        self._assessing = Assessing(self.model, stored, self.months)
        self._assessing.forget()

    @property
    def case(self) -> Case:
        case: Case = self._stored.case
        return case

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
    def overview(self) -> Overview | None:
        """Where the case stands, if the case itself was assessed since it was opened."""
        return self._assessing.overview

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
        if self.months is not None:
            self.months.salvage(months)
        stored = self._stored
        if state is not None:
            stored = self._form.salvage_case(state, self.model.case(subject=self.subject))
        self._assess_anew(stored)

    def take_over(self, lost: Iterable[Lost]) -> None:
        """Take over what was published of the case and lost since. It must then be assessed whole."""
        months = self.months.all_published() if self.months is not None else []
        followed = self.model.followed_by_name
        self.sequence = take_over(lost, self.sequence, self._stored, months, followed)

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
        return self._assessing.is_known

    def put_by(self) -> None:
        """Put the case by as it is open, once the database holds it, for the next transaction."""
        self._budget = Budget()
        self._assessing.overview = None
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
            concerned = fact.data.withdrawn_type
            withdraw(self.case, self.model.registers[concerned], fact)
        else:
            concerned = fact.type
            join(self.case, self.model.registers[concerned], fact)
        self._assessing.touched |= self.model.changed_by[concerned]

    def use(self, item: str, amount: int) -> None:
        """Other cases claim so much more (or less) of this entity."""
        used = self.case.used
        used[item] = used.get(item, 0) + amount
        if not used[item]:
            del used[item]
        self._assessing.touched |= fields("used")

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
        concluded = self.conclude(policy, publisher.day, whole=whole, case=case)
        out = self._difference(concluded, publisher, reason)
        self._budget.end([publication.value for publication in out])
        return out

    def conclude(self, policy: Policy, day: date, *, whole: bool = False, case: bool = False) -> Concluded:
        """The findings of what was touched, on a day; what they are compared with stays as it is.

        Raises `OverBudget` if that is more than any real case needs.

        `whole` assesses everything, whether touched or not (after a change of rules or policy, and to
        repair); `case` at least the case without its months (to try again what it requested).
        """
        concluded = self._assessing.conclude(
            policy, self.notices, day, self.assessed_on, self._budget, whole=whole, case=case
        )
        self.assessed_on = day
        if self.overview is not None:
            self.pools = self.overview.pools
        return concluded

    def withdraw_all(self, publisher: Publisher) -> list[Publication]:
        """Withdraw all that was published, because the person's record went into another's."""
        concluded: Concluded = {CASE: []}
        if self.months is not None:
            for month in sorted(self.months):
                for section in (facts_of(month), periods_of(month)):
                    concluded[section] = []
                    self.months.show(section, {})
        self._stored.wakes.clear()
        self._assessing.forget()
        self._assessing.overview = Overview(status="merged")
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

    def _published(self, section: int) -> dict[str, Raised]:
        if section == CASE:
            return self._stored.published
        return self.months.published(section) if self.months is not None else {}

    def _difference(self, concluded: Concluded, publisher: Publisher, reason: Reason) -> list[Publication]:
        if not concluded:
            return []
        compared = self._assessing.compared
        before = {
            name: raised
            for section in concluded
            for name, raised in self._published(section).items()
            if section != CASE or compared is None or name in compared
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
                if compared is not None:
                    published |= {n: one for n, one in stored.published.items() if n not in compared}
                stored.published = self._assessing.in_order(published)
            elif self.months is not None:
                self.months.publish(section, published)
        return out

    def claim(self) -> dict[tuple[str, str], int]:
        """Take over the claims of the overview; returns by how much each changed."""
        overview = self.overview
        if overview is None or overview is self._claimed:
            return {}
        self._claimed = overview
        claims = {f"{entity} {item}": amount for (entity, item), amount in overview.claims.items()}
        before, self._stored.claims = self._stored.claims, claims
        return claims_changed(before, claims)

    def refuse(self, request: Request, reason: str, day: date) -> bool:
        """Remember why a request was not granted; whether the reason has changed."""
        known = self.case.refusals.setdefault(request.key, [])
        if known and known[-1][1] == reason:
            return False
        known.append((day, reason))
        self._assessing.touched |= fields("refusals")
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
        published, recorded = reversed_by(
            reversal, self.subject, keys, self._stored, publisher, self.sequence + 1
        )
        self.sequence += published is not None
        return published, recorded
