"""A lending library as a service of the engine: loans, fines, visits by month, and copies to decide about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from shared.engine.assessment import Finding, Overview, Refusal, Request, View
from shared.engine.case import Case, Part, Record, Register, Resolution
from shared.engine.service import CaseModel, MonthRules, Months, Service
from shared.policy import Policy
from tests.engine import toy_language as says

ONE_DAY = timedelta(days=1)


class Joined(Record, frozen=True, kw_only=True):
    joined_on: date


class Left(Record, frozen=True, kw_only=True):
    left_on: date


class Loan(Record, frozen=True, kw_only=True):
    loan_id: str
    lent_on: date
    due_on: date


class Return(Record, frozen=True, kw_only=True):
    loan_id: str
    returned_on: date


class Want(Record, frozen=True, kw_only=True):
    want_id: str
    title: str
    wanted_on: date


class Brought(Record, frozen=True, kw_only=True):
    want_id: str
    brought_on: date


class Lent(Record, frozen=True, kw_only=True):
    want_id: str
    shelf_id: str
    lent_on: date


class Blocked(Record, frozen=True, kw_only=True):
    blocked_on: date


class Noted(Record, frozen=True, kw_only=True):
    note: str


class Plan(Record, frozen=True, kw_only=True):
    visit_id: str
    planned_on: date


class Visit(Record, frozen=True, kw_only=True):
    visit_id: str
    made_on: date


class Stock(Record, frozen=True, kw_only=True):
    title: str
    copies: int
    stocked_on: date


class Member(Case, kw_only=True):
    """A member of the library."""

    joined: dict[str, Joined] = msgspec.field(default_factory=dict)
    left: dict[str, Left] = msgspec.field(default_factory=dict)
    loans: dict[str, Loan] = msgspec.field(default_factory=dict)
    returns: dict[str, Return] = msgspec.field(default_factory=dict)
    wants: dict[str, Want] = msgspec.field(default_factory=dict)
    brought: dict[str, Brought] = msgspec.field(default_factory=dict)
    lent: dict[str, Lent] = msgspec.field(default_factory=dict)
    blocked: dict[str, Blocked] = msgspec.field(default_factory=dict)
    unblocked: dict[str, Resolution] = msgspec.field(default_factory=dict)
    notes: dict[str, Noted] = msgspec.field(default_factory=dict)
    month_summaries: dict[int, Visit] = msgspec.field(default_factory=dict)

    @property
    def first(self) -> date | None:
        return min((j.joined_on for j in self.joined.values()), default=None)

    @property
    def last(self) -> date:
        """The first day on which they are no member any more."""
        return min((e.left_on for e in self.left.values()), default=date.max)


class Visits(Part, kw_only=True):
    """The visits of a month."""

    visits: dict[str, Visit] = msgspec.field(default_factory=dict)
    plans: dict[str, Plan] = msgspec.field(default_factory=dict)


class Shelf(Case, kw_only=True):
    """A shelf; `used` counts the copies lent, by title."""

    stock: dict[str, Stock] = msgspec.field(default_factory=dict)

    def copies(self, title: str, day: date) -> int:
        """How many copies of a title the shelf has on a day."""
        had = [s for s in self.stock.values() if s.title == title and s.stocked_on <= day]
        return max(had, key=lambda s: s.stocked_on).copies if had else 0


MEMBER = {
    "MemberJoined": Register("joined", Joined),
    "MemberLeft": Register("left", Left),
    "LoanMade": Register("loans", Loan),
    "LoanReturned": Register("returns", Return),
    "CopyWanted": Register("wants", Want),
    "CopyBroughtBack": Register("brought", Brought),
    "CopyLent": Register("lent", Lent),
    "CardBlocked": Register("blocked", Blocked, resolutions="unblocked"),
    "CardNoted": Register("notes", Noted),
}
VISITS = {
    "VisitMade": Register("visits", Visit, dated="made_on", identifies="visit"),
    "VisitPlanned": Register("plans", Plan, dated="planned_on", identifies="visit"),
}


class MemberView(View[Member, Visits]):
    """A member on a day."""


class ShelfView(View[Shelf, Visits]):
    """A shelf on a day."""


def loans(view: MemberView) -> Iterator[Finding]:
    """Loans that are due soon, overdue, and fined."""
    for loan in view.case.loans.values():
        yield from _loan(view, loan)


def blocked_days(view: MemberView) -> Iterator[Finding]:
    """How long a card was blocked."""
    for id, blocked in view.case.blocked.items():
        end = view.case.unblocked.get(id)
        if end is not None:
            days = (end.on - blocked.blocked_on).days
            yield _says(view, says.BlockedDays(days=max(days, 0)), id, [blocked, end])


def notes(view: MemberView) -> Iterator[Finding]:
    """Every note."""
    for id, noted in view.case.notes.items():
        yield _says(view, says.NoteKept(note=noted.note), id, [noted])


def first_visit(view: MemberView) -> Iterator[Finding]:
    """The first visit of all, if it was made by a member."""
    summaries = view.case.month_summaries
    if summaries and view.case.first is not None:
        first = summaries[min(summaries)]
        if view.today.reached(first.made_on):
            yield _says(view, says.FirstVisit(made_on=first.made_on), "first", [first])


def member_overview(view: MemberView, findings: Sequence[Finding]) -> Overview:
    """Where a member stands, and the copies that they want and have."""
    del findings
    case, today = view.case, view.today
    gone = case.last < date.max and today.reached(case.last)
    requests: list[Request] = []
    claims: dict[tuple[str, str], int] = {}
    decided = {lent.want_id: lent for lent in sorted(case.lent.values(), key=lambda lent: lent.stamp)}
    for want in sorted(case.wants.values(), key=lambda w: (w.wanted_on, w.want_id)):
        back = case.brought.get(want.want_id)
        over = gone or (back is not None and today.reached(back.brought_on))
        if (lent := decided.get(want.want_id)) is not None:
            if not over:
                claims[lent.shelf_id, want.title] = claims.get((lent.shelf_id, want.title), 0) + 1
        elif not over and today.reached(want.wanted_on):
            requests.append(Request(key=want.want_id, pools=(want.title,), details=want))
    begun = case.first is not None and today.reached(case.first)
    return Overview(
        requests=requests,
        claims=claims,
        status="gone" if gone else "member" if begun else "unknown",
        region=case.subject[:1],
        shown={"months_visited": len(case.month_summaries)} if case.month_summaries else None,
    )


def _loan(view: MemberView, loan: Loan) -> Iterator[Finding]:
    case, today, policy = view.case, view.today, view.policy
    returned = case.returns.get(loan.loan_id)
    back_on = returned.returned_on if returned else date.max
    values = policy.on(loan.lent_on)
    remind_on = max(loan.lent_on, loan.due_on - timedelta(days=values.integer("reminded_before")))
    over_on = min(back_on, case.last)
    if remind_on < over_on and today.reached(remind_on):
        reminder = says.ReminderDue(loan_id=loan.loan_id, due_on=loan.due_on)
        yield replace(
            _says(view, reminder, loan.loan_id, [loan]),
            resolved_on=returned.returned_on if returned else None,
            ended_on=case.last if case.last < date.max else None,
        )
    if loan.due_on < over_on and today.after(loan.due_on):
        yield _says(view, says.LoanOverdue(loan_id=loan.loan_id, due_on=loan.due_on), loan.loan_id, [loan])
    if returned is not None and loan.due_on < back_on < case.last and today.reached(back_on):
        pence = (back_on - loan.due_on).days * policy.on(back_on).integer("fine_pence")
        yield _says(view, says.FineDue(loan_id=loan.loan_id, pence=pence), loan.loan_id, [loan, returned])


def summary(view: MemberView, month: Visits) -> Visit | None:
    """The first visit of a month."""
    del view
    visits = month.visits.values()
    return min(visits, key=lambda visit: (visit.made_on, visit.stamp), default=None)


def visits(view: MemberView) -> Iterator[Finding]:
    """What the library says of a month's visits."""
    case, month, today = view.case, view.month, view.today
    first = case.first
    if first is None:
        return
    for id, plan in month.this.plans.items():
        yield _says(view, says.Invited(visit_id=id), id, [plan])
        missed = id not in month.this.visits and first <= plan.planned_on < case.last
        if missed and today.after(plan.planned_on):
            yield _says(view, says.NoShow(visit_id=id, planned_on=plan.planned_on), id, [plan])


def no_visit(view: MemberView) -> Iterator[Finding]:
    """A month that is over in which a member did not come."""
    case, month = view.case, view.two_months
    first = case.first
    if first is None or not (first <= month.first and month.last < case.last):
        return
    [this] = month.between(month.first, month.last)
    if not this.visits and view.today.after(month.last):
        key = month.first.isoformat()
        yield _says(view, says.NoVisit(month=month.first), key, list(case.joined.values()))


def calls(view: MemberView) -> Iterator[Finding]:
    """Whom the library calls in a month, some days after a visit."""
    case, month = view.case, view.two_months
    first = case.first
    if first is None:
        return
    known = month.between(month.first - timedelta(days=31), month.last)
    for id, visit in {id: visit for part in known for id, visit in part.visits.items()}.items():
        call_on = visit.made_on + timedelta(days=view.policy.on(visit.made_on).integer("called_after"))
        if (
            month.ends(call_on)
            and first <= visit.made_on
            and call_on < case.last
            and view.today.reached(call_on)
        ):
            yield _says(view, says.CallDue(visit_id=id, call_on=call_on), id, [visit])


def visits_overview(view: MemberView, findings: Sequence[Finding]) -> dict[str, Any]:
    """How many visits there were in a month."""
    del findings
    return {"visits": len(view.month.this.visits)} if view.month.this.visits else {}


def calls_overview(view: MemberView, findings: Sequence[Finding]) -> dict[str, Any]:
    """How many calls there were in a month."""
    del view
    called = [finding for finding in findings if isinstance(finding.event, says.CallDue)]
    return {"calls": len(called)} if called else {}


def empty_shelves(view: ShelfView) -> Iterator[Finding]:
    """The titles of which all copies are lent."""
    case, today = view.case, view.today
    for title, records in _titles(view).items():
        lent = case.used.get(title, 0)
        empty = says.ShelfEmpty(title=title, lent=lent)
        full = lent >= case.copies(title, today.date)
        yield replace(_says(view, empty, title, records), resolved_on=None if full else today.date)


def shelf_overview(view: ShelfView, findings: Sequence[Finding]) -> Overview:
    """Which titles a shelf offers."""
    del findings
    titles = tuple(_titles(view))
    return Overview(pools=titles, status="offered" if titles else "")


def _titles(view: ShelfView) -> dict[str, list[Stock]]:
    begun = [s for s in view.case.stock.values() if view.today.reached(s.stocked_on)]
    return {title: [s for s in begun if s.title == title] for title in sorted({s.title for s in begun})}


def choose(request: Request, shelves: Sequence[Shelf], today: date, policy: Policy) -> Finding | Refusal:
    """The shelf with the most free copies, then by name."""
    want: Want = request.details
    free = {s.subject: s.copies(want.title, today) - s.used.get(want.title, 0) for s in shelves}
    best = min(free, key=lambda subject: (-free[subject], subject), default=None)
    if best is None or free[best] < 1:
        return Refusal("all_lent" if free else "no_shelf")
    event = says.CopyLent(want_id=want.want_id, shelf_id=best, lent_on=today)
    return _finding(event, want.want_id, [want], policy)


def _says(view: View[Any, Any], event: Any, key: str, because: Sequence[Record]) -> Finding:
    return _finding(event, key, because, view.policy)


def _finding(event: Any, key: str, because: Sequence[Record], policy: Policy) -> Finding:
    version = policy.on(date(2026, 1, 1)).version
    return Finding(event=event, key=key, rules=("TOY-1",), because=because, policy=version)


def extent(view: MemberView) -> tuple[date, date] | None:
    """The days on which a member may be missed, or called."""
    first = view.case.first
    return None if first is None else (first, max(first, view.case.last - ONE_DAY))


SERVICE = Service(
    name="library",
    reads=("desk", "shelves", "cards", "clock"),
    person=CaseModel(
        kind="member",
        case=Member,
        registers=MEMBER,
        view=MemberView,
        rules=(loans, blocked_days, notes, first_visit),
        overview=member_overview,
        months=Months(
            part=Visits,
            registers=VISITS,
            extent=extent,
            rules=MonthRules(rules=(visits,), overview=visits_overview),
            period_rules=MonthRules(rules=(no_visit, calls), overview=calls_overview),
            summary=summary,
        ),
    ),
    entities=(
        CaseModel(
            kind="shelf",
            case=Shelf,
            registers={"ShelfStocked": Register("stock", Stock)},
            view=ShelfView,
            rules=(empty_shelves,),
            overview=shelf_overview,
        ),
    ),
    decide=choose,
    decision_keys=lambda lent: [lent.want_id],
    merged_by="MemberMoved",
    unmerged_by="MemberMovedBack",
    erased_by="MemberErased",
    policy=Path(__file__).with_name("toy.toml"),
    migrations=Path(__file__).parent / "no_migrations_of_its_own",
)
