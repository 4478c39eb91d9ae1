"""Strategies: what could be said of the library's members and shelves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from schemas.envelope import Data, Published, Why, Withdrawn
from tests.engine import toy_language as says
from tests.engine.facts import FIRST, dates, recordings, voided
from tests.engine.running import Told, at

WHY = Why(rules=["TEST-1"], policy="test@2026-01-01", evidence=[])
loans = st.sampled_from(["L1", "L2"])
wants = st.sampled_from(["W1", "W2"])
visits = st.sampled_from(["V1", "V2", "V3"])
shelves = st.sampled_from(["A", "B"])
titles = st.sampled_from(["Emma", "Ulysses"])


@st.composite
def made(draw: st.DrawFn) -> Data:
    lent_on = draw(dates)
    due_on = lent_on + timedelta(days=draw(st.integers(0, 30)))
    return says.LoanMade(loan_id=draw(loans), lent_on=lent_on, due_on=due_on, voided=draw(voided))


STRATEGIES: dict[type[Data], st.SearchStrategy[Any]] = {
    says.MemberJoined: st.builds(says.MemberJoined, joined_on=dates, voided=voided),
    says.MemberLeft: st.builds(says.MemberLeft, left_on=dates, voided=voided),
    says.LoanMade: made(),
    says.LoanReturned: st.builds(says.LoanReturned, loan_id=loans, returned_on=dates, voided=voided),
    says.CopyWanted: st.builds(says.CopyWanted, want_id=wants, title=titles, wanted_on=dates, voided=voided),
    says.CopyBroughtBack: st.builds(says.CopyBroughtBack, want_id=wants, brought_on=dates, voided=voided),
    says.VisitPlanned: st.builds(says.VisitPlanned, visit_id=visits, planned_on=dates, voided=voided),
    says.VisitMade: st.builds(says.VisitMade, visit_id=visits, made_on=dates, voided=voided),
    says.ShelfStocked: st.builds(
        says.ShelfStocked,
        shelf_id=shelves,
        title=titles,
        copies=st.integers(0, 2),
        stocked_on=dates,
        voided=voided,
    ),
    says.CardBlocked: st.builds(says.CardBlocked, blocked_on=dates, why=st.just(WHY)),
    says.CardNoted: st.builds(says.CardNoted, note=st.sampled_from("ab"), why=st.just(WHY)),
    says.CopyLent: st.builds(says.CopyLent, want_id=wants, shelf_id=shelves, lent_on=dates, why=st.just(WHY)),
}


SHELVES = [
    Told(
        says.ShelfStocked(shelf_id=id, title=title, copies=1, stocked_on=FIRST),
        id,
        f"{id}-{title}",
        at(FIRST, 8),
    )
    for id, title in (("A", "Emma"), ("B", "Emma"), ("B", "Ulysses"))
]
"""Two shelves that are there from the first day."""


@st.composite
def histories(draw: st.DrawFn, *, decided: bool = False, merges: bool = False, most: int = 11) -> list[Told]:
    """What the library hears of two members and two shelves; `decided`: decisions are among the facts."""
    kinds = [kind for kind in STRATEGIES if decided or kind is not says.CopyLent]
    members = st.sampled_from(["Ann", "Ann", "Bob"])
    data: list[Data] = [says.MemberJoined(joined_on=FIRST)]
    data += [
        draw(STRATEGIES[kind]) for kind in draw(st.lists(st.sampled_from(kinds), min_size=4, max_size=most))
    ]
    told: list[Told] = []
    for n, datum in enumerate(data):
        subject = datum.shelf_id if isinstance(datum, says.ShelfStocked) else draw(members)
        told.append(Told(datum, subject, f"E{n}", draw(recordings)))
        others = isinstance(datum, Published) and not isinstance(datum, says.CopyLent)
        if others and draw(st.booleans()):
            told.append(_withdrawal(told[-1], draw))
    if merges:
        for n in range(draw(st.integers(0, 3))):
            one, other = draw(st.permutations(["Ann", "Bob", "Cyd"]))[:2]
            moved = says.MemberMoved(into=other, voided=draw(voided))
            told.append(Told(moved, one, f"M{n}", draw(recordings)))
            if draw(st.booleans()):
                back = says.MemberMovedBack(reactivated=one, voided=draw(voided))
                told.append(Told(back, other, f"B{n}", draw(recordings)))
    return told


def _withdrawal(fact: Told, draw: st.DrawFn) -> Told:
    reason = draw(st.sampled_from(["corrected", "resolved", "ended", "superseded"]))
    data = Withdrawn.model_validate(
        {
            "withdraws": fact.id,
            "withdrawn_type": type(fact.data).__name__,
            "key": "K",
            "reason": reason,
            "why": WHY,
        }
    )
    later = fact.recorded + timedelta(days=draw(st.integers(0, 30)))
    return Told(data, fact.subject, f"W-{fact.id}", later, "cards")


def endings(members: list[str], on: date) -> list[Told]:
    """All of these leave on that day."""
    return [
        Told(says.MemberLeft(left_on=on), who, f"Z-{who}", at(on + timedelta(days=40))) for who in members
    ]
