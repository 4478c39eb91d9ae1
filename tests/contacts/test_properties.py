"""What holds for any facts: no rule fails, nothing changes before `wake_on`, nothing fires after the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.words import Mode, Outcome
from services.contacts.app import SERVICE
from tests import facts as f
from tests.contacts.said import assessed
from tests.facts import Fact
from tests.ledger import Ledger

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
YEAR_END = date(2026, 12, 31)

days = st.dates(FIRST, LAST).map(date.isoformat)
sentences = st.sampled_from(["S1", "S2"])
named = st.sampled_from(["S1", "S1", "S2", None])
clocks = st.sampled_from([FIRST, date(2026, 3, 15), date(2026, 7, 1)])
"""When the facts were recorded: the contacts after it were said in advance, the others late."""
modes = st.sampled_from(get_args(Mode))
outcomes = st.sampled_from(get_args(Outcome))
requirements = st.sampled_from(["rar", "unpaid_work", "unpaid_work, rar", "accredited_programme"])
custodies = st.sampled_from(["K1", "K2"])
contact_ids = st.sampled_from([f"C{n}" for n in range(6)])


@st.composite
def impositions(draw: st.DrawFn) -> Fact:
    start, end = sorted((draw(days), draw(days)))
    if draw(st.booleans()):
        return f.order(start, end, draw(requirements), id=draw(sentences))
    return f.custodial(start, id=draw(sentences))


@st.composite
def releases(draw: st.DrawFn) -> Fact:
    start, licence, pss = sorted((draw(days), draw(days), draw(days)))
    return f.released(start, licence, draw(st.sampled_from([None, pss])), id=draw(sentences))


flags = st.booleans()
contacts = st.one_of(
    st.builds(f.contact, days, outcomes, modes, id=contact_ids, sentence=named, national_standard=flags),
    st.builds(f.work, days, outcomes, id=contact_ids, sentence=sentences, national_standard=flags),
    st.builds(f.scheduled, days, modes, id=contact_ids, sentence=named, notified=flags),
)
others = st.one_of(
    impositions(),
    releases(),
    st.builds(f.varied, days, days, requirements, id=sentences),
    st.builds(f.revoked, days, id=sentences),
    st.builds(f.taken, days, id=custodies),
    st.builds(f.left, days, id=custodies),
    st.builds(f.died, days),
    st.builds(f.ended, days, sentence=sentences),
    st.builds(f.completed, days, sentence=sentences),
    st.builds(f.transfer_asked, days),
    st.builds(f.transfer_accepted, days),
    st.builds(f.change_asked, days, sentence=named),
    st.builds(f.allocated, days, st.sampled_from(["new", "change"]), to=st.sampled_from(["P1", "P2"])),
    st.builds(f.risk, days, st.sampled_from(["low", "very_high"])),
)


def recorded(first: date, facts: list[Fact]) -> list[Fact]:
    """The facts, one recorded each second from that day on, whatever the order of arrival."""
    start = datetime(first.year, first.month, first.day, 9, tzinfo=UTC)
    return [
        replace(fact, id=f"E{n}", recorded=start + timedelta(seconds=n), id_given=True, recorded_given=True)
        for n, fact in enumerate(facts)
    ]


histories = st.builds(
    lambda first, *parts: recorded(first, [fact for part in parts for fact in part]),
    clocks,
    st.lists(impositions(), min_size=1, max_size=2),
    st.lists(others, max_size=5),
    st.lists(contacts, max_size=8),
)


@given(histories, st.dates(FIRST - timedelta(days=10), LAST + timedelta(days=40)), st.data())
def test_nothing_changes_before_the_day_that_the_case_waits_for(
    history: list[Fact], today: date, data: st.DataObject
) -> None:
    said = assessed(today, *history)
    until = said.wake_on or YEAR_END
    assert until > today
    last = until - timedelta(days=1)
    for day in {last, data.draw(st.dates(today, last))}:
        later = assessed(day, *history)
        assert later.summary() == said.summary()
        assert later.status == said.status
        assert later.months_shown == said.months_shown


@given(histories)
def test_nothing_arises_after_the_end_and_no_item_stays_open(history: list[Fact]) -> None:
    said = assessed(YEAR_END, *history)
    assert said.wake_on is None
    assert said.status in ("ended", "not_started")
    assert said.open("AbsenceUndecided") == said.open("OutcomeOverdue") == {}
    for finding in said.monthly:
        event = finding.event
        own = [x for x in history if getattr(x.data, "sentence_id", None) in (event.sentence_id, None)]
        assert assessed(dated(event), *own).status not in ("unknown", "ended", "not_started")
    assert not any("without_outcome" in shown for shown in said.months_shown.values())


def dated(event: Any) -> date:
    """The day of a finding of a month."""
    names = ("missed_on", "scheduled_on", "period_end")
    day: date = next(getattr(event, name) for name in names if hasattr(event, name))
    return day


@given(histories)
def test_the_findings_of_a_case_are_one_a_key_and_its_periods_never_overlap(history: list[Fact]) -> None:
    said = assessed(YEAR_END, *history)
    for id in ("S1", "S2"):
        periods = sorted(
            (x.event.period_start, x.event.period_end)
            for x in said.findings("ContactStandardMissed")
            if x.event.sentence_id == id
        )
        assert all(end < start for (_, end), (start, _) in pairwise(periods))


@given(histories)
def test_every_failure_rests_on_a_national_standard_outcome_that_is_one(history: list[Fact]) -> None:
    told = {fact.id: fact for fact in history}
    for finding in assessed(YEAR_END, *history).findings("ContactMissed"):
        source: Any = told[finding.because[0].event_id].data
        assert source.national_standard
        assert source.outcome in ("failed_to_comply", "sent_home_behaviour", "unacceptable_absence")
        assert finding.event.missed_on == getattr(source, "occurred_on", getattr(source, "held_on", None))


@settings(max_examples=60)
@given(histories, st.randoms(use_true_random=False), st.integers(1, 40))
def test_any_order_of_arrival_on_any_days_gives_the_same_standing_events(
    history: list[Fact], random: Any, pause: int
) -> None:
    """The last recorded of each correction key stands, and the engine's months give what the whole gives."""
    told = history.copy()
    random.shuffle(told)
    ledger = Ledger(SERVICE)
    ledger.day(FIRST)
    for position, fact in enumerate(told):
        ledger.publish(fact)
        if position % 3 == 0:
            ledger.day(FIRST + timedelta(days=pause * (position // 3 + 1)))
    ledger.day(YEAR_END)
    standing = {
        (e.type, e.data.model_dump_json(exclude={"why", "limited"}))
        for e in ledger.standing_events()
        if e.source == SERVICE.source
    }
    said = assessed(YEAR_END, *history)
    expected = {
        (type(x.event).__name__, x.event.model_dump_json(exclude={"why", "limited"}))
        for x in said.all
        if said.ending(x) is None
    }
    assert standing == expected
