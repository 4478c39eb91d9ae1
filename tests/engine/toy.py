"""A lending library as a service of the engine: loans, fines, visits by month, and copies to decide about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from shared.engine.assessment import (
    Assessment,
    Closed,
    Day,
    Finding,
    Month,
    MonthAssessment,
    Refusal,
    Window,
    Wish,
)
from shared.engine.case import Case, Dealt, Part, Record, Register
from shared.engine.service import CaseModel, Months, Service, Spans
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
    unblocked: dict[str, Dealt] = msgspec.field(default_factory=dict)
    notes: dict[str, Noted] = msgspec.field(default_factory=dict)
    gists: dict[int, Visit] = msgspec.field(default_factory=dict)

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
    "CardBlocked": Register("blocked", Blocked, dealt="unblocked"),
    "CardNoted": Register("notes", Noted),
}
VISITS = {
    "VisitMade": Register("visits", Visit, dated="made_on", thing="visit"),
    "VisitPlanned": Register("plans", Plan, dated="planned_on", thing="visit"),
}


def assess_member(case: Member, today: Day, policy: Policy) -> Assessment:
    """All that the library says of a member, visits aside."""
    findings: list[Finding] = []
    for loan in case.loans.values():
        findings += _loan(case, loan, today, policy)
    for id, blocked in case.blocked.items():
        end = case.unblocked.get(id)
        if end is not None:
            days = (end.on - blocked.blocked_on).days
            findings.append(_says(says.BlockedDays(days=max(days, 0)), id, [blocked, end], policy))
    findings += [_says(says.NoteKept(note=n.note), id, [n], policy) for id, n in case.notes.items()]
    if case.gists and case.first is not None:
        first = case.gists[min(case.gists)]
        if today.reached(first.made_on):
            findings.append(_says(says.FirstVisit(made_on=first.made_on), "first", [first], policy))
    gone = case.last < date.max and today.reached(case.last)
    wishes: list[Wish] = []
    claims: dict[tuple[str, str], int] = {}
    decided = {lent.want_id: lent for lent in sorted(case.lent.values(), key=lambda lent: lent.stamp)}
    for want in sorted(case.wants.values(), key=lambda w: (w.wanted_on, w.want_id)):
        back = case.brought.get(want.want_id)
        over = gone or (back is not None and today.reached(back.brought_on))
        if (lent := decided.get(want.want_id)) is not None:
            if not over:
                claims[lent.shelf_id, want.title] = claims.get((lent.shelf_id, want.title), 0) + 1
        elif not over and today.reached(want.wanted_on):
            wishes.append(Wish(key=want.want_id, pools=(want.title,), about=want))
    begun = case.first is not None and today.reached(case.first)
    status = "gone" if gone else "member" if begun else "unknown"
    shown = {"months_visited": len(case.gists)} if case.gists else None
    return Assessment(
        findings=findings, wishes=wishes, claims=claims, status=status, region=case.subject[:1], shown=shown
    )


def _loan(case: Member, loan: Loan, today: Day, policy: Policy) -> Iterator[Finding]:
    returned = case.returns.get(loan.loan_id)
    back_on = returned.returned_on if returned else date.max
    values = policy.on(loan.lent_on)
    remind_on = max(loan.lent_on, loan.due_on - timedelta(days=values.integer("reminded_before")))
    over_on = min(back_on, case.last)
    if remind_on < over_on and today.reached(remind_on):
        closed: Closed | None = None
        if over_on < date.max and today.reached(over_on):
            closed = "resolved" if back_on <= case.last else "ended"
        reminder = says.ReminderDue(loan_id=loan.loan_id, due_on=loan.due_on)
        yield _says(reminder, loan.loan_id, [loan], policy, closed)
    if loan.due_on < over_on and today.after(loan.due_on):
        yield _says(says.LoanOverdue(loan_id=loan.loan_id, due_on=loan.due_on), loan.loan_id, [loan], policy)
    if returned is not None and loan.due_on < back_on < case.last and today.reached(back_on):
        pence = (back_on - loan.due_on).days * policy.on(back_on).integer("fine_pence")
        yield _says(says.FineDue(loan_id=loan.loan_id, pence=pence), loan.loan_id, [loan, returned], policy)


def gist(case: Member, month: Visits) -> Visit | None:
    """The first visit of a month."""
    del case
    return min(month.visits.values(), key=lambda visit: (visit.made_on, visit.stamp), default=None)


def assess_visits(case: Member, month: Month[Visits], today: Day, policy: Policy) -> MonthAssessment:
    """What the library says of a month's visits."""
    visits = len(month.this.visits)
    return MonthAssessment(list(_visits(case, month, today, policy)), {"visits": visits} if visits else {})


def _visits(case: Member, month: Month[Visits], today: Day, policy: Policy) -> Iterator[Finding]:
    first = case.first
    if first is None:
        return
    # Each month is waited for, whatever is in it, so that the next one is looked at in time.
    over = month.last < case.last and today.after(month.last)
    if over and first <= month.first and not month.this.visits:
        yield _says(
            says.NoVisit(month=month.first), month.first.isoformat(), list(case.joined.values()), policy
        )
    for id, plan in month.this.plans.items():
        yield _says(says.Invited(visit_id=id), id, [plan], policy)
        missed = id not in month.this.visits and first <= plan.planned_on < case.last
        if missed and today.after(plan.planned_on):
            yield _says(says.NoShow(visit_id=id, planned_on=plan.planned_on), id, [plan], policy)


def assess_calls(case: Member, window: Window[Visits], today: Day, policy: Policy) -> MonthAssessment:
    """Whom the library calls in a month, some days after a visit."""
    calls = list(_calls(case, window, today, policy))
    return MonthAssessment(calls, {"calls": len(calls)} if calls else {})


def days_called_after(case: Member, first: date, last: date) -> tuple[date, date] | None:
    """The days of visits after which a call may be due in the month."""
    del case
    return (first - ONE_DAY).replace(day=1), last


def _calls(case: Member, window: Window[Visits], today: Day, policy: Policy) -> Iterator[Finding]:
    first = case.first
    if first is None:
        return
    for id, visit in {**window.previous.visits, **window.this.visits}.items():
        call_on = visit.made_on + timedelta(days=policy.on(visit.made_on).integer("called_after"))
        if (
            window.holds(call_on)
            and first <= visit.made_on
            and call_on < case.last
            and today.reached(call_on)
        ):
            yield _says(says.CallDue(visit_id=id, call_on=call_on), id, [visit], policy)


def assess_shelf(case: Shelf, today: Day, policy: Policy) -> Assessment:
    """Which titles a shelf offers, and which of them are all lent."""
    findings = []
    begun = [s for s in case.stock.values() if today.reached(s.stocked_on)]
    titles = sorted({s.title for s in begun})
    for title in titles:
        lent = case.used.get(title, 0)
        empty = says.ShelfEmpty(title=title, lent=lent)
        full = lent >= case.copies(title, today.date)
        records = [s for s in begun if s.title == title]
        findings.append(_says(empty, title, records, policy, None if full else "resolved"))
    return Assessment(findings=findings, pools=tuple(titles), status="offered" if titles else "")


def choose(wish: Wish, shelves: Sequence[Shelf], today: date, policy: Policy) -> Finding | Refusal:
    """The shelf with the most free copies, then by name."""
    want: Want = wish.about
    free = {s.subject: s.copies(want.title, today) - s.used.get(want.title, 0) for s in shelves}
    best = min(free, key=lambda subject: (-free[subject], subject), default=None)
    if best is None or free[best] < 1:
        return Refusal("all_lent" if free else "no_shelf")
    event = says.CopyLent(want_id=want.want_id, shelf_id=best, lent_on=today)
    return _says(event, want.want_id, [want], policy)


def _says(
    event: Any, key: str, because: Sequence[Record], policy: Policy, closed: Closed | None = None
) -> Finding:
    version = policy.on(date(2026, 1, 1)).version
    return Finding(event=event, key=key, rules=("TOY-1",), because=because, policy=version, closed=closed)


def began(case: Member) -> date | None:
    """The first month for which a member may be missed."""
    return case.first


SERVICE = Service(
    name="library",
    reads=("desk", "shelves", "cards", "clock"),
    person=CaseModel(
        kind="member",
        case=Member,
        registers=MEMBER,
        assess=assess_member,
        months=Months(
            part=Visits,
            registers=VISITS,
            began=began,
            assess=assess_visits,
            spans=Spans(days=days_called_after, assess=assess_calls),
            gist=gist,
        ),
    ),
    shared=(
        CaseModel(
            kind="shelf",
            case=Shelf,
            registers={"ShelfStocked": Register("stock", Stock)},
            assess=assess_shelf,
        ),
    ),
    decide=choose,
    merged_by="MemberMoved",
    policy=Path(__file__).with_name("toy.toml"),
    migrations=Path(__file__).parent / "no_migrations_of_its_own",
)
