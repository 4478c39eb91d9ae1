"""What holds of contact plans for any facts: constant until the case wakes, and right on every day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.words import Rosh
from shared.policy import Policy
from tests import facts as f
from tests.contacts.plans import plans
from tests.contacts.said import assessed, changed
from tests.facts import Fact

days = st.dates(date(2025, 1, 1), date(2025, 12, 31)).map(date.isoformat)
sentences = st.sampled_from(["S1", "S2"])
required = st.sampled_from(["rar R1", "unpaid_work R1", "curfew R1", "curfew R1, other R2"])
custodies = st.sampled_from(["K1", "K2"])
protected = st.sampled_from(["child_protection", "national_security_division"])
tiers = st.sampled_from(["A", "C", "B2"])


@st.composite
def impositions(draw: st.DrawFn) -> Fact:
    start, end = sorted((draw(days), draw(days)))
    if draw(st.booleans()):
        return f.order(start, end, draw(required), id=draw(sentences))
    return f.custodial(start, id=draw(sentences))


@st.composite
def releases(draw: st.DrawFn) -> Fact:
    start, licence, pss = sorted((draw(days), draw(days), draw(days)))
    return f.released(start, licence, draw(st.sampled_from([None, pss])), id=draw(sentences))


others = st.one_of(
    releases(),
    st.builds(f.varied, days, days, required, id=sentences),
    st.builds(f.revoked, days, id=sentences),
    st.builds(f.taken, days, id=custodies),
    st.builds(f.left, days, id=custodies),
    st.builds(f.died, days),
    st.builds(f.risk, days, st.sampled_from(get_args(Rosh)), mappa=st.sampled_from([None, None, 2])),
    st.builds(f.registered, days, protected),
    st.builds(f.lifted, days, protected),
    st.builds(f.suspension_asked, days, sentence=sentences),
    st.builds(f.decided, days, approved=st.booleans(), sentence=sentences),
    st.builds(f.plan, days, sentence=sentences, every=st.sampled_from([None, 10, 21])),
    st.builds(f.completed, days, id=st.sampled_from(["R1", "R2"]), sentence=sentences),
    st.builds(f.tier, days, tiers, provisional=st.booleans()),
)
histories = st.tuples(st.lists(impositions(), min_size=1, max_size=2), st.lists(others, max_size=9)).map(
    lambda parts: [fact for part in parts for fact in part]
)


@pytest.fixture(scope="module")
def either(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A policy with the frequency by risk first, and packages from the middle of the year on."""
    regimes = [
        {"value": '"frequency"', "effective_to": "2025-06-01"},
        {"value": '"packages"', "effective_from": "2025-06-01"},
    ]
    return changed(tmp_path_factory.mktemp("policy"), contact_regime=regimes)


@settings(max_examples=60)
@given(histories, st.integers(0, 400), st.data())
def test_nothing_changes_before_the_day_that_the_case_waits_for(
    either: Policy, history: list[Fact], after: int, data: st.DataObject
) -> None:
    today = date(2024, 12, 20) + timedelta(days=after)
    said = assessed(today, *history, policy=either)
    until = said.wake_on or date(2027, 6, 30)
    assert until > today
    last = until - timedelta(days=1)
    for day in {data.draw(st.dates(today, last)), last}:
        later = assessed(day, *history, policy=either)
        assert later.findings("ContactPlanSet") == said.findings("ContactPlanSet")


@settings(max_examples=60)
@given(histories, st.lists(st.integers(0, 400), min_size=3, max_size=8))
def test_the_plan_of_every_day_is_the_last_that_began_and_each_differs_from_the_one_before(
    either: Policy, history: list[Fact], after: list[int]
) -> None:
    released = {fact.day for fact in history if fact.type == "PersonReleased"}
    for sentence in ("S1", "S2"):
        every = plans(*history, on="2026-06-30", sentence=sentence, policy=either)
        assert all(one.from_ < other.from_ for one, other in pairwise(every))
        said = [(plan.model_dump(exclude={"from_"}), plan.from_) for plan in every]
        # After a time without supervision the same plan may begin again.
        assert all(one != other or day in released for (one, _), (other, day) in pairwise(said))
        for day in (date(2024, 12, 31) + timedelta(days=n) for n in after):
            begun = plans(*history, on=day.isoformat(), sentence=sentence, policy=either)
            assert begun == [plan for plan in every if plan.from_ <= day]
