"""Joining is commutative and idempotent: the order and the number of arrivals cannot matter."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from shared.engine.case import Register
from shared.engine.casefile import CaseFile
from shared.engine.packing import form_of
from shared.engine.service import CaseModel
from tests.engine import toy
from tests.engine.library import lent, planned, visited
from tests.engine.running import Told
from tests.engine.toy_language import LANGUAGE


class Archive(toy.Member, kw_only=True):
    """A member of whose loans the former versions are kept."""

    former: dict[str, list[toy.Loan]] = msgspec.field(default_factory=dict)


MODEL: CaseModel = replace(
    toy.SERVICE.person,
    case=Archive,
    registers={**toy.MEMBER, "LoanMade": Register("loans", toy.Loan, former="former")},
)
dates = st.sampled_from(["2026-01-31", "2026-02-01", "2026-03-15"])
times = st.sampled_from(["2026-03-01", "2026-03-02"])
ids = st.integers(0, 99).map(str)
versions = st.one_of(
    st.builds(
        lambda due, void, id, when: lent("L1", "2026-01-10", due, voided=void, id=id, when=when),
        *(dates, st.booleans(), ids, times),
    ),
    st.builds(
        lambda on, void, id, when: planned("V1", on, voided=void, id=id, when=when),
        *(dates, st.booleans(), ids, times),
    ),
    st.builds(
        lambda on, void, id, when: visited("V1", on, voided=void, id=id, when=when),
        *(dates, st.booleans(), ids, times),
    ),
)


def joined(told: list[Told]) -> tuple[object, set[tuple[int, object]]]:
    """The case that these facts make, and its monthly records, each with its month.

    Where a tombstone lies does not matter: a thing of which nothing stands may be in any month.
    """
    file = CaseFile(MODEL, "Ann")
    for fact in told:
        file.join(fact.fact(LANGUAGE))
    found: set[tuple[int, object]] = set()
    assert file.months is not None
    for month in file.months.changed:
        packed = file.months.pack(month)
        part = form_of(MODEL).month(packed).part if packed else toy.Visits()
        found.update((month, record) for record in (*part.visits.values(), *part.plans.values()))
    return file.case, found


@given(st.lists(versions, min_size=2, max_size=6, unique_by=lambda fact: fact.id), st.data())
def test_any_order_and_any_repetition_make_the_same_case(told: list[Told], data: st.DataObject) -> None:
    again = data.draw(st.permutations([*told, *data.draw(st.lists(st.sampled_from(told), max_size=3))]))
    assert joined(again) == joined(told)
