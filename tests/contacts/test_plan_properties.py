"""What holds of contact plans for any facts: constant until the case wakes, and right on every day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.envelope import Data
from schemas.words import Rosh
from services.contacts.plans.planning import Planning, contact_plans
from services.contacts.plans.rules import contact_plan_set
from services.contacts.view import ContactsView
from shared.engine.assessment import Day
from shared.policy import Policy
from tests.contacts import facts as f
from tests.contacts.facts import (
    Known,
    completed,
    custodial,
    died,
    left,
    order,
    plan,
    released,
    revoked,
    risk,
    taken,
    varied,
)
from tests.contacts.facts_plans import (
    changed,
)

days = st.dates(date(2025, 1, 1), date(2025, 12, 31)).map(date.isoformat)
sentences = st.sampled_from(["S1", "S2"])
required = st.sampled_from([("rar",), ("unpaid_work",), ("curfew",), ("curfew", "other")])
custodies = st.sampled_from(["K1", "K2"])


@st.composite
def impositions(draw: st.DrawFn) -> Data:
    start, end = sorted((draw(days), draw(days)))
    if draw(st.booleans()):
        return order(start, end, draw(sentences), draw(required))
    return custodial(start, draw(sentences))


@st.composite
def releases(draw: st.DrawFn) -> Data:
    start, licence, pss = sorted((draw(days), draw(days), draw(days)))
    return released(start, licence, draw(st.sampled_from([None, pss])), draw(sentences))


others = st.one_of(
    releases(),
    st.builds(varied, days, days, sentences, required),
    st.builds(revoked, days, sentences),
    st.builds(taken, days, custodies),
    st.builds(left, days, custodies),
    st.builds(died, days),
    st.builds(risk, days, st.sampled_from(get_args(Rosh)), mappa=st.sampled_from([None, None, 2])),
    st.builds(
        f.registered,
        days,
        st.sampled_from(["child_protection", "national_security_division"]),
        active=st.booleans(),
    ),
    st.builds(f.suspension_asked, days, sentence=sentences),
    st.builds(f.decided, days, st.booleans(), sentence=sentences),
    st.builds(plan, days, sentence=sentences, every=st.sampled_from([None, 10, 21])),
    st.builds(completed, days, st.sampled_from(["R1", "R2"]), sentences),
    st.builds(
        f.recorded, days, st.builds(f.tier, st.sampled_from(["A", "C", "B2"]), provisional=st.booleans())
    ),
)
histories = st.tuples(st.lists(impositions(), min_size=1, max_size=2), st.lists(others, max_size=9)).map(
    lambda parts: [fact for part in parts for fact in part]
)


@pytest.fixture(scope="module")
def either(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A policy with the frequency by risk first, and packages from the middle of the year on."""
    path = tmp_path_factory.mktemp("policy")
    return changed(
        path, "contact_regime", '"frequency"', '"frequency"', until="2025-06-01", then='"packages"'
    )


@settings(max_examples=60)
@given(histories, st.integers(0, 400), st.data())
def test_nothing_changes_before_the_day_that_the_case_waits_for(
    either: Policy, history: list[Data], after: int, data: st.DataObject
) -> None:
    of = ContactsView(Known(*history).case, either)
    today = Day(date(2024, 12, 20) + timedelta(days=after))
    said = list(contact_plan_set(of.on(today)))
    until = today.wake_on or date(2027, 6, 30)
    assert until > today.date
    later = data.draw(st.dates(today.date, until - timedelta(days=1)))
    for day in (later, until - timedelta(days=1)):
        assert list(contact_plan_set(of.on(Day(day)))) == said
    assert today.wake_on is None or len(list(contact_plan_set(of.on(Day(until))))) > len(said)


@settings(max_examples=60)
@given(histories)
def test_the_plan_of_every_day_is_the_last_that_began_and_each_differs_from_the_one_before(
    either: Policy, history: list[Data]
) -> None:
    of = ContactsView(Known(*history).case, either)
    begun = {(plan.sentence.sentence_id, plan.first): plan.expected for plan in contact_plans(of)}
    standing: dict[str, Any] = {}
    planning = Planning(of)
    for after in range(400):
        day = date(2024, 12, 31) + timedelta(days=after)
        expected = {id: plan.expected for id, plan in planning.on(day).items()}
        for id, plan_of_day in expected.items():
            assert ((id, day) in begun) == (standing.get(id) != plan_of_day)
            assert begun.get((id, day), plan_of_day) == plan_of_day
        assert not [id for id, first in begun if first == day and id not in expected]
        standing = expected
