"""When a person is supervised on a sentence, and how that ends."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import CATALOGUE
from shared.engine.assessment import Day
from tests import facts as f
from tests.facts import Fact
from tests.probation.joined import VALUES, joined, supervision
from tests.table import table

PSS = "post_sentence_supervision"


def stages(*facts: Fact) -> list[tuple[str, str, str]]:
    """Kind, first and last day of each stage of supervision on sentence S1."""
    return [(s.kind, s.first.isoformat(), s.last.isoformat()) for s in supervision(*facts).stages]


def ended(today: str, *facts: Fact) -> tuple[str, str] | None:
    """On which day and why supervision on sentence S1 had ended by today."""
    end = supervision(*facts).end(Day(date.fromisoformat(today)))
    return (end.on.isoformat(), end.reason) if end else None


ORDER = f.order("2026-01-01", "2026-06-30")
CUSTODIAL = f.custodial("2025-01-01", id="S1")


@table(
    """
    | case                                            | facts                                                                | last       |
    | as imposed                                      |                                                                      | 2026-06-30 |
    | extended on its last day                        | 2026-06-30 varied ends=2026-09-30                                    | 2026-09-30 |
    | a day late: it had run out                      | 2026-07-01 varied ends=2026-09-30                                    | 2026-06-30 |
    | not before it was changed                       | 2026-05-10 varied ends=2026-05-01                                    | 2026-05-10 |
    | the latest of two changes, whichever came first | 2026-05-10 varied ends=2026-08-31; 2026-04-10 varied ends=2026-12-31 | 2026-08-31 |
    | changed before it was imposed                   | 2025-12-01 varied ends=2026-09-30                                    | 2026-09-30 |
    | another sentence                                | 2026-05-10 varied S2 ends=2026-08-31                                 | 2026-06-30 |
    | revoked                                         | 2026-03-01 revoked                                                   | 2026-03-01 |
    | revoked when it had run out                     | 2026-07-01 revoked                                                   | 2026-06-30 |
    | nothing revives an order that was revoked       | 2026-03-01 revoked; 2026-05-10 varied ends=2026-12-31                | 2026-03-01 |
    | a release is no part of it                      | 2026-02-01 released ends=2026-04-30                                  | 2026-06-30 |
    """,  # noqa: E501
)
def test_an_order_runs_to_its_end_as_varied(facts: list[Fact], last: str) -> None:
    assert stages(ORDER, *facts) == [("order", "2026-01-01", last)]


def test_an_order_varied_to_end_before_it_began_is_not_supervised() -> None:
    assert stages(ORDER, f.varied("2025-12-01", "2025-12-31")) == []


@table(
    """
    | case                                                                         | expected                                                    | facts |
    | not released: not supervised                                                 | []                                                          | |
    | licence, then post-sentence supervision                                      | [("licence", "2025-02-01", "2025-04-30"),                   | 2025-02-01 released ends=2025-04-30 pss=2025-09-30 |
    |                                                                              | ("post_sentence_supervision", "2025-05-01", "2025-09-30")]  | |
    | post-sentence supervision ends the day before its repeal                     | [("licence", "2026-02-01", "2026-04-30"),                   | 2026-02-01 released ends=2026-04-30 pss=2026-09-30 |
    |                                                                              | ("post_sentence_supervision", "2026-05-01", "2026-05-10")]  | |
    | it does not begin after its repeal                                           | [("licence", "2026-02-01", "2026-05-10")]                   | 2026-02-01 released ends=2026-05-10 pss=2026-09-30 |
    | no more                                                                      | [("licence", "2026-02-01", "2026-04-30")]                   | 2026-02-01 released ends=2026-04-30 |
    | released when the licence was over                                           | [("post_sentence_supervision", "2025-05-10", "2025-09-30")] | 2025-05-10 released ends=2025-04-30 pss=2025-09-30 |
    | released again: the new licence takes the place of the old                   | [("licence", "2026-02-01", "2026-03-09"),                   | 2026-03-10 released ends=2026-04-30 |
    |                                                                              | ("licence", "2026-03-10", "2026-04-30")]                    | 2026-02-01 released ends=2026-04-30 pss=2026-09-30 |
    | between a licence that was over and the next release there is no supervision | [("licence", "2025-02-01", "2025-03-31"),                   | 2025-02-01 released ends=2025-03-31 |
    |                                                                              | ("licence", "2025-06-01", "2025-08-31")]                    | 2025-06-01 released ends=2025-08-31 |
    """,  # noqa: E501
)
def test_supervision_on_a_custodial_sentence(facts: list[Fact], expected: object) -> None:
    assert stages(CUSTODIAL, *facts) == expected


REPEALED = (CUSTODIAL, f.released("2026-01-12", "2026-04-30", "2026-11-30"))


@table(
    """
    | case                                   | today      | expected                    | facts |
    | the last day belongs to it             | 2026-06-30 | None                        | ORDER |
    | it ran out                             | 2026-07-01 | ("2026-06-30", "expired")   | ORDER |
    | revoked                                | 2026-03-01 | ("2026-03-01", "revoked")   | ORDER; 2026-03-01 revoked |
    | quashed                                | 2026-03-01 | ("2026-03-01", "quashed")   | ORDER; 2026-03-01 revoked quashed |
    | not yet                                | 2026-02-28 | None                        | ORDER; 2026-03-01 died |
    | died                                   | 2026-03-02 | ("2026-03-01", "died")      | ORDER; 2026-03-01 died |
    | on one day the court goes before death | 2026-03-02 | ("2026-03-01", "revoked")   | ORDER; 2026-03-01 died; 2026-03-01 revoked |
    | what came first ended it               | 2026-08-01 | ("2026-06-30", "expired")   | ORDER; 2026-07-15 died |
    | on its last day                        | 2026-07-01 | ("2026-06-30", "died")      | ORDER; 2026-06-30 died |
    | completed                              | 2026-04-01 | ("2026-03-01", "completed") | ORDER; 2026-03-01 ended |
    | expiry cuts nothing                    | 2026-04-01 | None                        | ORDER; 2026-03-01 ended expired |
    | the day before the repeal              | 2026-05-10 | None                        | REPEALED |
    | repealed                               | 2026-06-15 | ("2026-05-10", "repealed")  | REPEALED |
    | hearing of the repeal changes nothing  | 2026-06-15 | ("2026-05-10", "repealed")  | REPEALED; 2026-05-10 ended repealed |
    | not released yet                       | 2026-01-11 | None                        | REPEALED |
    | over until the next release            | 2025-05-01 | ("2025-03-31", "expired")   | CUSTODIAL; 2025-02-01 released ends=2025-03-31; 2025-06-01 released ends=2025-08-31 |
    | a new release begins it again          | 2025-06-01 | None                        | CUSTODIAL; 2025-02-01 released ends=2025-03-31; 2025-06-01 released ends=2025-08-31 |
    | a recall ends nothing                  | 2025-03-20 | None                        | CUSTODIAL; 2025-02-01, 2025-03-15 released ends=2025-05-31 |
    """,  # noqa: E501
    ORDER=ORDER,
    REPEALED=REPEALED,
    CUSTODIAL=CUSTODIAL,
)
def test_how_supervision_ended(today: str, facts: list[Fact], expected: object) -> None:
    assert ended(today, *facts) == expected


@pytest.mark.parametrize(
    ("facts", "day"),
    [
        pytest.param([ORDER], "2026-07-01", id="an order: until it is over"),
        pytest.param([ORDER, f.revoked("2026-03-01")], "2026-03-01", id="one that was revoked: until then"),
        pytest.param([*REPEALED], "2026-12-01", id="repealed: until it would have ended"),
        pytest.param([*REPEALED, f.died("2026-06-20")], "2026-06-20", id="repealed, then death"),
        pytest.param([*REPEALED, f.revoked("2026-05-01")], "2026-05-01", id="revoked before the repeal"),
    ],
)
def test_until_when_failures_can_be_dealt_with(facts: list[Fact], day: str) -> None:
    assert supervision(*facts).enforceable_until == date.fromisoformat(day)


@table(
    """
    | case                      | by         | facts                                                                                          | expected   |
    | an order that runs        | 2026-03-01 | 2026-01-01 order ends=2026-06-30                                                               | 2026-03-01 |
    | one that ran out          | 2026-09-01 | 2026-01-01 order ends=2026-06-30                                                               | 2026-06-30 |
    | not yet imposed           | 2025-12-31 | 2026-01-01 order ends=2026-06-30                                                               | None       |
    | not the day revoked       | 2026-09-01 | 2026-01-01 order ends=2026-06-30; 2026-03-01 revoked                                           | 2026-02-28 |
    | in custody before release | 2025-01-15 | 2025-01-01 custodial                                                                           | 2025-01-15 |
    | between two releases      | 2025-05-01 | 2025-01-01 custodial; 2025-02-01 released ends=2025-03-31; 2025-06-01 released ends=2025-08-31 | 2025-03-31 |
    | quashed                   | 2025-01-15 | 2025-01-01 custodial; 2025-01-10 revoked quashed                                               | 2025-01-09 |
    """,  # noqa: E501
)
def test_the_last_day_on_which_a_sentence_is_live(by: str, facts: list[Fact], expected: str | None) -> None:
    found = supervision(*facts).last_live_day(date.fromisoformat(by))
    assert found == (date.fromisoformat(expected) if expected else None)


@pytest.mark.parametrize(
    ("first", "last", "throughout"),
    [
        ("2026-01-01", "2026-02-28", False),
        ("2026-02-28", "2026-03-05", False),
        ("2026-03-01", "2026-06-30", True),
    ],
)
def test_stand_alone_unpaid_work_is_no_supervision_until_a_variation_adds_more(
    first: str, last: str, throughout: bool
) -> None:
    order = f.order("2026-01-01", "2026-06-30", "unpaid_work")
    (stage,) = supervision(order, f.varied("2026-03-01", "2026-06-30", "unpaid_work, rar")).stages
    days = date.fromisoformat(first), date.fromisoformat(last)
    assert stage.supervised_throughout(*days) == throughout


# -- whatever the facts ------------------------------------------------------------------------------

FIRST = date(2025, 11, 1)
days = st.integers(0, 300).map(lambda n: (FIRST + timedelta(days=n)).isoformat())
ends = st.builds(f.ended, days, st.sampled_from(["completed", "expired", "died"]))
facts_of_an_order = st.builds(
    lambda facts, end: [*facts, *end],
    st.lists(
        st.one_of(st.builds(f.varied, days, days), st.builds(f.revoked, days), st.builds(f.died, days)),
        max_size=3,
    ),
    st.lists(ends, max_size=1),  # allocation says only one at a time
)
facts_of_a_licence = st.lists(
    st.one_of(
        st.lists(days, min_size=2, max_size=3).map(lambda found: f.released(*sorted(found))),
        st.builds(lambda day, ends: f.released(max(day, ends), min(day, ends), max(day, ends)), days, days),
        st.builds(f.revoked, days),
        st.builds(f.died, days),
    ),
    max_size=4,
)
sentences = st.one_of(
    st.tuples(st.builds(lambda a, b: f.order(min(a, b), max(a, b)), days, days), facts_of_an_order),
    st.tuples(st.just(CUSTODIAL), facts_of_a_licence),
)


@given(sentences, st.randoms())
def test_it_does_not_depend_on_the_order_of_arrival(given_: Any, random: Any) -> None:
    sentence, facts = given_
    told = f.told([sentence, *facts])
    one, other = joined(told), joined(random.sample(told, len(told)))
    assert one.supervision(one.sentences["S1"], VALUES) == other.supervision(other.sentences["S1"], VALUES)


@given(sentences)
def test_its_stages_are_in_order_and_apart(given_: Any) -> None:
    sentence, facts = given_
    found = supervision(sentence, *facts).stages
    assert all(stage.first <= stage.last for stage in found)
    assert all(one.last < other.first for one, other in pairwise(found))


@given(sentences, st.integers(0, 320))
def test_a_fact_dated_later_changes_no_day_before_it(given_: Any, after: int) -> None:
    """What was supervised up to a day is the same with the facts of that day alone."""
    sentence, facts = given_
    day = FIRST + timedelta(days=after)
    told = list({_thing(fact): fact for fact in [sentence, *facts]}.values())  # none corrects another
    known = [fact for fact in told if fact is sentence or _dated(fact) <= day]
    whole, part = supervision(*told), supervision(*known)
    for n in range(after + 1):
        on = FIRST + timedelta(days=n)
        assert whole.supervised_on(on) == part.supervised_on(on), on
    assert (whole.end(Day(day)) is None) == (part.end(Day(day)) is None)


@given(sentences, st.integers(0, 320))
def test_how_it_ended_holds_until_the_day_that_is_waited_for(given_: Any, after: int) -> None:
    sentence, facts = given_
    period = supervision(sentence, *facts)
    today = Day(FIRST + timedelta(days=after))
    end = period.end(today)
    until = today.wake_on or today.date + timedelta(days=400)
    day = today.date
    while day < until:
        assert period.end(Day(day)) == end
        day += timedelta(days=1)


def _thing(fact: Fact) -> tuple[str, ...]:
    key = CATALOGUE[fact.type].key or ("sentence_id", "ended_on")
    return (fact.type, *(str(getattr(fact.data, name, "")) for name in key))


def _dated(fact: Fact) -> date:
    names = ("varied_on", "revoked_on", "died_on", "ended_on", "released_on")
    day: date = next(getattr(fact.data, name) for name in names if hasattr(fact.data, name))
    return day
