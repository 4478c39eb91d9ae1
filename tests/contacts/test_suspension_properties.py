"""What holds of suspensions for any facts."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import correction_key
from tests import facts as f
from tests.contacts.said import assessed
from tests.contacts.suspensions import ASSESSED, LAST, over, spans
from tests.facts import Fact

FIRST, END = date(2024, 2, 1), date(2024, 9, 30)
"""Reset came in the middle of it."""

days = st.dates(FIRST, END).map(date.isoformat)
sentences = st.sampled_from(["S1", "S2"])
required = st.sampled_from(["rar", "rar, unpaid_work", "unpaid_work", "alcohol_treatment"])


@st.composite
def supervisions(draw: st.DrawFn) -> list[Fact]:
    out: list[Fact] = draw(st.sampled_from([(), (ASSESSED,)]).map(list))
    for id in draw(st.sampled_from([["S1"], ["S1", "S2"]])):
        dates = sorted(draw(st.lists(days, min_size=3, max_size=3)))
        if draw(st.booleans()):
            out.append(f.order(dates[0], dates[2], draw(required), id=id))
        else:
            out += [f.custodial(dates[0], id=id), f.released(dates[0], dates[1], dates[2], id=id)]
    return out


@st.composite
def events(draw: st.DrawFn) -> list[Fact]:
    """Facts of which none takes the place of another: each has a key of its own."""
    kinds: list[Any] = draw(st.lists(st.integers(0, 9), max_size=9))
    out: list[Fact] = []
    for n, kind in enumerate(kinds):
        on = draw(days)
        match kind:
            case 0 | 1:
                severe = draw(st.sampled_from(["", "drugs"]))
                rosh = draw(st.sampled_from(["low", "low", "medium", "high", "very_high"]))
                mappa = draw(st.sampled_from([None, None, 2]))
                out.append(f.risk(on, rosh, id=f"A{n}", needs="", severe=severe, mappa=mappa))
            case 2 | 3:
                kind = draw(st.sampled_from(["mappa", "child_protection", "stalking"]))
                out.append(f.registered(on, kind, id=f"G{n}"))
                if draw(st.booleans()):
                    out.append(f.lifted(draw(days), kind, id=f"G{n}"))
            case 4:
                need = draw(st.booleans())
                out.append(f.plan(on, id=f"L{n}", sentence=draw(sentences), rehabilitative_need=need))
            case 5:
                out.append(f.suspension_asked(on, id=f"Q{n}", sentence=draw(sentences)))
            case 6:
                out.append(f.decided(on, approved=draw(st.booleans()), id=f"M{n}", sentence=draw(sentences)))
            case 7:
                out.append(f.taken(on, id=f"K{n}"))
                if draw(st.booleans()):
                    out.append(f.left(draw(days), id=f"K{n}"))
            case 8:
                out.append(f.contact(on, id=f"C{n}", sentence=draw(sentences)))
            case _:
                varied = f.varied(on, draw(days), draw(required))
                out.append(draw(st.sampled_from([f.revoked(on), f.died(on), varied])))
    keys = [(fact.type, correction_key(fact.type, fact.data)) for fact in out]
    return [fact for n, fact in enumerate(out) if keys[n] not in keys[:n]]


SUPERVISED = [f.custodial("2023-10-01"), f.released("2024-01-01", "2024-03-31", "2024-09-30")]
ASKED = [f.risk("2024-02-01", "low", id="A", needs="", severe=""), f.suspension_asked("2024-04-20", id="Q")]
"""In post-sentence supervision, and contact to be suspended."""

histories = st.tuples(
    st.one_of(
        supervisions(),
        st.just([*SUPERVISED, *ASKED]),
        st.just([*SUPERVISED, *ASKED, f.decided("2024-05-01", id="M")]),
    ),
    events(),
).map(lambda parts: [fact for part in parts for fact in part])


@given(histories, st.dates(FIRST - timedelta(days=5), END + timedelta(days=5)), st.data())
def test_nothing_changes_before_the_day_that_is_waited_for(
    history: list[Fact], today: date, data: st.DataObject
) -> None:
    said = assessed(today, *history)
    until = said.wake_on or date(2024, 12, 31)
    assert until > today
    last = until - timedelta(days=1)
    for later in {last, data.draw(st.dates(today, last))}:
        assert assessed(later, *history).summary() == said.summary()


@given(histories, st.data())
def test_suspensions_do_not_overlap_and_lie_within_supervision(
    history: list[Fact], data: st.DataObject
) -> None:
    for id in ("S1", "S2"):
        own = [one for one in history if getattr(one.data, "sentence_id", id) == id]
        found = spans(*history, sentence=id)
        assert all(first < until for first, until, _ in found)
        assert all(until <= first for (_, until, _), (first, _, _) in pairwise(found))
        for first, until, _ in map(_dates, found):
            last = until - timedelta(days=1)
            assert until <= over(*history, sentence=id)
            for day in (first, data.draw(st.dates(first, last)), last):
                assert assessed(day, *own).status not in ("unknown", "not_started", "ended")


@given(histories, st.dates(FIRST, END))
def test_the_suspensions_published_by_a_day_are_those_that_have_begun(
    history: list[Fact], today: date
) -> None:
    every = assessed(LAST, *history).open("ContactSuspended")
    begun = {key: event for key, event in every.items() if event.from_ <= today}
    assert assessed(today, *history).open("ContactSuspended") == begun


@given(histories, st.dates(FIRST, END))
def test_a_day_depends_on_nothing_that_is_dated_after_it(history: list[Fact], today: date) -> None:
    # When a period in custody ended is known from the first: without it the next release would end it.
    then = [fact for fact in history if fact.day <= today or fact.type == "PersonLeftCustody"]

    def ground(facts: list[Fact], id: str) -> tuple[str, str | None] | None:
        case = assessed(today, *facts)
        begun = [e for e in case.open("ContactSuspended").values() if e.sentence_id == id]
        again = [e for e in case.open("ContactResumed").values() if e.sentence_id == id]
        if not begun or (again and again[-1].from_ > begun[-1].from_) or over(*facts, sentence=id) <= today:
            return None
        return (begun[-1].ground, begun[-1].approval)

    for id in ("S1", "S2"):
        assert ground(then, id) == ground(history, id)


def _dates(span: tuple[str, str, str]) -> tuple[date, date, str]:
    return date.fromisoformat(span[0]), date.fromisoformat(span[1]), span[2]
