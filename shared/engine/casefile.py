"""One case in hand: its facts joined, its findings compared with what was published before.

Nothing here does I/O. A `CaseFile` is made from the packed state that the database holds (or from
nothing), takes facts, is assessed, yields publications and is packed again.

**Months.** A case with monthly parts is opened only where needed. A fact touches the month that
holds it, and what spans its day (see `open_months`). Time touches every month from the last assessment
to today, and each month whose own `wake_on` has come. A fact of the case's own registers touches all.
The difference is taken over the union of what was touched, so that a finding which moves with its
contact is not raised again.

**Counters.** How often a key was raised is kept with the case for ever, but only for keys that were
ever withdrawn: kept with the month, two events could get one id when a contact moves.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.calendar import london_date
from shared.engine.assessment import Assessment, Day, Finding, Reason, Wish
from shared.engine.case import Case, Dealt, month_of
from shared.engine.difference import Places, claims_changed, difference
from shared.engine.joining import FOR_EVER, Fact, join
from shared.engine.open_months import CORE, OpenMonths, month_at
from shared.engine.publication import Publication, Publisher, finding_data
from shared.engine.service import CaseModel
from shared.engine.stored import Raised, StoredCase, form_of
from shared.policy import Policy


class CaseFile:
    """A case in hand (see the module's text)."""

    def __init__(
        self,
        model: CaseModel,
        subject: str,
        *,
        state: bytes | None = None,
        sequence: int = 0,
        assessed_on: date | None = None,
        pools: tuple[str, ...] = (),
    ) -> None:
        self.model = model
        self.subject = subject
        self.sequence = sequence
        self.assessed_on = assessed_on
        self.pools = pools
        self._loaded = (state, sequence, assessed_on)
        self._form = form_of(model)
        self._stored = (
            self._form.case(state) if state is not None else StoredCase(model.case(subject=subject))
        )
        self.months = OpenMonths(model.months, self._form) if model.months else None
        """The case's months in hand; None if its facts are not kept by month."""
        self._core_touched = state is None
        self._view: Any = None
        self.assessment: Assessment | None = None

    # -- loading and storing ---------------------------------------------------------------------

    @property
    def case(self) -> Case:
        return self._stored.case

    @property
    def wake_on(self) -> date | None:
        """The first day on which the findings could change by themselves."""
        return min(self._stored.wakes.values(), default=None)

    def is_due(self, day: date) -> bool:
        """Could the findings have changed by themselves since the case was assessed?"""
        if self.assessed_on == day:
            return False  # what it waits for then is later
        wake_on = self.wake_on
        return wake_on is not None and wake_on <= day

    @property
    def wishes(self) -> list[Wish]:
        return self.assessment.wishes if self.assessment else []

    def months_due(self, day: date) -> set[int]:
        """The months that the passing of time touches when the case is assessed on that day."""
        if self.months is None or self.assessed_on is None:
            return set()
        if day <= self.assessed_on:
            return set()  # nothing waited for was left for that day
        wakes = self._stored.wakes.items()
        due = {month_at(place) for place, wake in wakes if place != CORE and wake <= day}
        # One month ahead as well, so that the end of the period under way is waited for.
        due.update(range(month_of(self.assessed_on), month_of(day) + 2))
        return due

    def salvage(self, state: bytes | None, months: dict[int, bytes]) -> None:
        """Take over what was published, counted and claimed, but no facts: they are to be joined again."""
        if state is not None:
            self._stored = self._form.salvage_case(state, self.model.case(subject=self.subject))
        if self.months is not None:
            self.months.salvage(months)
        self._touch()

    def pack(self) -> bytes:
        return self._form.pack(self._stored)

    def is_as_loaded(self, state: bytes) -> bool:
        """Does the database hold the case like this already? (Its months may have changed all the same.)"""
        return self.assessment is None and self._loaded == (state, self.sequence, self.assessed_on)

    # -- joining ---------------------------------------------------------------------------------

    def join(self, fact: Fact) -> None:
        """Join a fact: the version with the greatest stamp stands, whatever the order of arrival."""
        if fact.type == "Withdrawn":
            self._withdraw(fact)
            return
        monthly = self.model.monthly(fact.type)
        if monthly is not None:
            assert self.months is not None
            self.months.join(monthly, fact)
            return
        join(self.case, self.model.registers[fact.type], fact)
        self._touch()

    def _withdraw(self, fact: Fact) -> None:
        register = self.model.registers[fact.data.withdrawn_type]
        withdrawn = fact.data.withdraws
        if register.dealt is not None and fact.data.reason in ("resolved", "ended"):
            on = london_date(fact.cause.at)
            getattr(self.case, register.dealt)[withdrawn] = Dealt(
                event_id=fact.id, source=fact.source, recorded=fact.recorded, reason=fact.data.reason, on=on
            )
        else:
            getattr(self.case, register.into).pop(withdrawn, None)
            self.case.voided[f"{register.into}/{withdrawn}"] = FOR_EVER
        self._touch()

    def use(self, item: str, amount: int) -> None:
        """Other cases claim so much more (or less) of this shared thing."""
        used = self.case.used
        used[item] = used.get(item, 0) + amount
        if not used[item]:
            del used[item]
        self._touch()

    # -- assessing -------------------------------------------------------------------------------

    def assess(
        self,
        policy: Policy,
        publisher: Publisher,
        reason: Reason = "corrected",
        *,
        whole: bool = False,
        core: bool = False,
    ) -> list[Publication]:
        """Assess what was touched, on the publisher's day, and return what is to be published.

        `reason` is why a finding that no longer holds is withdrawn; `whole` assesses everything,
        whether touched or not (after a change of rules or policy, and to repair); `core` at least the
        case without its months (to try again what it wished for).
        """
        day = publisher.day
        whole = whole or self._core_touched or self.assessed_on is None
        view = self._view_by(policy)
        touched = self._places_to_assess(day, view, whole)
        if whole:
            self._stored.wakes.clear()  # places that are none any more wait for nothing
        core = self._keep_gists(view, whole) or core
        places: Places = {}
        if whole or core or (self.assessed_on is not None and day > self.assessed_on):
            today = Day(day)
            self.assessment = self.model.assess(self.case, today, policy)
            self.pools = self.assessment.pools
            places[CORE] = self.assessment.findings
            self._wake(CORE, today)
        if self.months is not None:
            for place in sorted(touched):
                today = Day(day)
                assessed = self.months.assess(place, view, today, policy)
                if assessed.findings or self.months.published(place):
                    places[place] = assessed.findings
                self.months.show(place, assessed.shown)
                self._wake(place, today)
            self.months.touched.clear()
        self.assessed_on = day
        self._core_touched = False
        return self._difference(places, publisher, reason)

    def withdraw_all(self, publisher: Publisher) -> list[Publication]:
        """Withdraw all that was published, because the person's record went into another's."""
        self.assessment = Assessment(status="merged")
        places = self.months.show_nothing() if self.months is not None else []
        self._stored.wakes.clear()
        self.assessed_on = publisher.day
        return self._difference({place: [] for place in (CORE, *places)}, publisher, "merged")

    def _touch(self) -> None:
        """Something of the case itself is another than before, be it only in part."""
        self._core_touched = True
        self._view = None
        if self.months is not None:
            self.months.forget_spans()

    def _view_by(self, policy: Policy) -> Any:
        """What the rules about months see of the case: one view until the case itself is touched."""
        if self._view is None and self.months is not None:
            self._view = self.months.model.view(self.case, policy)
        return self._view

    def _places_to_assess(self, day: date, view: Any, whole: bool) -> set[int]:
        """The places of the months that are to be assessed."""
        if self.months is None:
            return set()
        if not whole:
            return self.months.touched_places(day, view) | self.months.places(self.months_due(day))
        held = set(self.months)
        began = self.months.model.began(self.case)
        if began is not None:
            held.update(range(month_of(began), month_of(day) + 2))
        return self.months.places(held | {month + 1 for month in self.months})

    def _keep_gists(self, view: Any, whole: bool) -> bool:
        """Keep the gists of the months in which facts changed; whether one is another than before."""
        if self.months is None or self.months.model.gist is None:
            return False
        gists: dict[int, Any] = self.case.gists  # type: ignore[attr-defined]
        changed = False
        for month in self.months if whole else self.months.touched:
            gist = self.months.model.gist(view, self.months.part(month))
            if gist != gists.get(month):
                changed = True
                if gist is None:
                    del gists[month]
                else:
                    gists[month] = gist
        return changed

    def _wake(self, place: int, today: Day) -> None:
        if today.wake_on is None:
            self._stored.wakes.pop(place, None)
        else:
            self._stored.wakes[place] = today.wake_on

    def _published(self, place: int) -> dict[str, Raised]:
        if place == CORE:
            return self._stored.published
        return self.months.published(place) if self.months is not None else {}

    def _difference(self, places: Places, publisher: Publisher, reason: Reason) -> list[Publication]:
        if not places:
            return []
        before = {name: raised for place in places for name, raised in self._published(place).items()}
        out, after = difference(places, before, self._stored.counters, publisher, self.sequence, reason)
        self.sequence += len(out)
        for place, published in after.items():
            if place == CORE:
                self._stored.published = published
            elif self.months is not None:
                self.months.publish(place, published)
        return out

    def claim(self) -> dict[tuple[str, str], int]:
        """Take over the assessment's claims; returns by how much each changed."""
        if self.assessment is None:
            return {}
        claims = {f"{thing} {item}": amount for (thing, item), amount in self.assessment.claims.items()}
        before, self._stored.claims = self._stored.claims, claims
        return claims_changed(before, claims)

    def refuse(self, wish: Wish, reason: str, day: date) -> None:
        """Remember why a wish was not fulfilled, if that is another reason than before."""
        known = self.case.refusals.setdefault(wish.key, [])
        if not known or known[-1][1] != reason:
            known.append((day, reason))

    def decide(self, decision: Finding, publisher: Publisher) -> Publication:
        """The event of a decision just taken. It is joined as a fact, so it is never withdrawn by itself."""
        self.sequence += 1
        return publisher.finding(decision, finding_data(decision.event), 1, self.sequence)
