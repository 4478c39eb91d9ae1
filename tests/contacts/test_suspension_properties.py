"""What holds of suspensions for any facts."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.court import SentenceImposed
from schemas.envelope import Data
from schemas.prison import PersonLeftCustody
from services.contacts.suspensions.suspension import suspended_during, suspensions
from services.contacts.view import ContactsView
from tests.contacts import facts as f
from tests.contacts.facts import (
    POLICY,
    Known,
    contact,
    custodial,
    decided,
    died,
    left,
    order,
    plan,
    registered,
    released,
    revoked,
    risk,
    suspension_asked,
    taken,
    varied,
)
from tests.contacts.facts_suspensions import ASSESSED, Spoken, found
from tests.contacts.known import BUSINESS_DAYS

FIRST, LAST = date(2024, 2, 1), date(2024, 9, 30)
"""Reset came in the middle of it."""

days = st.dates(FIRST, LAST).map(date.isoformat)
sentences = st.sampled_from(["S1", "S2"])
required = st.sampled_from([("rar",), ("rar", "unpaid_work"), ("unpaid_work",), ("alcohol_treatment",)])


@st.composite
def supervisions(draw: st.DrawFn) -> list[Data]:
    out: list[Data] = draw(st.sampled_from([(), (ASSESSED,)]).map(list))
    for id in draw(st.sampled_from([["S1"], ["S1", "S2"]])):
        dates = sorted(draw(st.lists(days, min_size=3, max_size=3)))
        if draw(st.booleans()):
            out.append(order(dates[0], dates[2], id, draw(required)))
        else:
            out += [custodial(dates[0], id), released(dates[0], dates[1], dates[2], id)]
    return out


@st.composite
def events(draw: st.DrawFn) -> list[Data]:
    """Facts of which none takes the place of another: each has a key of its own."""
    kinds: list[Any] = draw(st.lists(st.integers(0, 9), max_size=9))
    out: list[Data] = []
    for n, kind in enumerate(kinds):
        on = draw(days)
        match kind:
            case 0 | 1:
                needs = draw(st.sampled_from([(), ("drugs",)]))
                rosh = draw(st.sampled_from(["low", "low", "medium", "high", "very_high"]))
                mappa = draw(st.sampled_from([None, None, 2]))
                out.append(risk(on, rosh, id=f"A{n}", needs=needs, mappa=mappa))
            case 2 | 3:
                kind = draw(st.sampled_from(["mappa", "child_protection", "stalking"]))
                out.append(registered(on, kind, f"G{n}"))
                if draw(st.booleans()):
                    out.append(f.lifted(draw(days), kind, f"G{n}"))
            case 4:
                out.append(plan(on, id=f"L{n}", sentence=draw(sentences), need=draw(st.booleans())))
            case 5:
                out.append(suspension_asked(on, id=f"Q{n}", sentence=draw(sentences)))
            case 6:
                out.append(decided(on, draw(st.booleans()), id=f"M{n}", sentence=draw(sentences)))
            case 7:
                out.append(taken(on, f"K{n}"))
                if draw(st.booleans()):
                    out.append(left(draw(days), f"K{n}"))
            case 8:
                out.append(contact(on, id=f"C{n}", sentence=draw(sentences)))
            case _:
                out.append(
                    draw(
                        st.sampled_from([revoked(on), died(on), varied(on, draw(days), only=draw(required))])
                    )
                )
    keys = [(type(fact), *_key(fact)) for fact in out]
    return [fact for n, fact in enumerate(out) if keys[n] not in keys[:n]]


def _key(fact: Data) -> list[object]:
    names = ("registration_id", "effective_on", "varied_on", "assessment_id", "plan_id", "request_id")
    return [getattr(fact, name, None) for name in (*names, "decision_id", "custody_id", "contact_id")]


SUPERVISED = [custodial("2023-10-01"), released("2024-01-01", "2024-03-31", "2024-09-30")]
ASKED = [risk("2024-02-01", "low", id="A"), suspension_asked("2024-04-20", id="Q")]
"""In post-sentence supervision, and contact to be suspended."""

histories = st.tuples(
    st.one_of(
        supervisions(),
        st.just([*SUPERVISED, *ASKED]),
        st.just([*SUPERVISED, *ASKED, decided("2024-05-01", id="M")]),
    ),
    events(),
).map(lambda parts: [fact for part in parts for fact in part])


@given(histories, st.dates(FIRST - timedelta(days=5), LAST + timedelta(days=5)), st.data())
def test_nothing_changes_before_the_day_that_is_waited_for(
    history: list[Data], today: date, data: st.DataObject
) -> None:
    known = Known(*history)
    heard = Spoken(known, today)
    until = heard.wake_on or date(2024, 12, 31)
    assert until > today
    last = until - timedelta(days=1)
    for later in {last, data.draw(st.dates(today, last))}:
        assert Spoken(known, later).summary() == heard.summary()
    names = [(type(finding.event), finding.key) for finding in heard.findings]
    assert len(names) == len(set(names))


@given(histories)
def test_suspensions_do_not_overlap_and_lie_within_supervision(history: list[Data]) -> None:
    of = ContactsView(Known(*history).case, POLICY)
    for id, period in of.supervision.items():
        found = suspensions(of).of(id)
        assert all(span.first < span.until for span in found)
        assert all(one.until <= other.first for one, other in pairwise(found))
        for span in found:
            assert period.over_on is not None
            assert span.until <= period.over_on
            days = (span.first + timedelta(n) for n in range((span.until - span.first).days))
            assert all(of.supervised_on(id, each) for each in days)


@given(histories, st.dates(FIRST, LAST), st.integers(0, 31))
def test_the_suspensions_during_some_days_are_those_that_touch_them(
    history: list[Data], first: date, more: int
) -> None:
    case, last = Known(*history).case, first + timedelta(days=more)
    for id in case.sentences:
        spans = suspensions(ContactsView(case, POLICY)).of(id)
        touching = [span for span in spans if span.first <= last and span.until > first]
        assert suspended_during(ContactsView(case, POLICY), id, first, last) == touching


@given(histories, st.dates(FIRST, LAST))
def test_a_day_depends_on_nothing_that_is_dated_after_it(history: list[Data], today: date) -> None:
    # When a stay in custody ended is known from the first: without it the next release would end it.
    then = [fact for fact in history if _date(fact) <= today or isinstance(fact, PersonLeftCustody)]

    def ground(facts: list[Data], id: str) -> tuple[str, str | None] | None:
        holding = [span for span in found(*facts, sentence=id) if span.first <= today < span.until]
        return (holding[0].ground, holding[0].approval) if holding else None

    for id in {fact.sentence_id for fact in then if isinstance(fact, SentenceImposed)}:
        assert ground(then, id) == ground(history, id)


def _date(fact: Any) -> date:
    found: date = next(getattr(fact, name) for name in BUSINESS_DAYS if hasattr(fact, name))
    return found
