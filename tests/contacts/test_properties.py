"""What holds for any facts: no rule fails, nothing changes before `wake_on`, nothing fires after the end."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.contacts import AbsenceUndecided, ContactMissed, ContactStandardMissed
from schemas.envelope import Data
from schemas.practice import ContactOutcomeRecorded
from schemas.words import Mode, Outcome
from services.contacts.app import SERVICE
from services.contacts.overview import Overview
from tests.contacts import facts as f
from tests.ledger import Ledger

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
YEAR_END = date(2026, 12, 31)

days = st.dates(FIRST, LAST).map(date.isoformat)
sentences = st.sampled_from(["S1", "S2"])
modes = st.sampled_from(get_args(Mode))
outcomes = st.sampled_from(get_args(Outcome))
requirements = st.sampled_from([("rar",), ("unpaid_work",), ("unpaid_work", "rar")])
custodies = st.sampled_from(["K1", "K2"])
contact_ids = st.sampled_from([f"C{n}" for n in range(6)])


@st.composite
def impositions(draw: st.DrawFn) -> Data:
    start, end = sorted((draw(days), draw(days)))
    if draw(st.booleans()):
        return f.order(start, end, draw(sentences), draw(requirements))
    return f.custodial(start, draw(sentences))


@st.composite
def releases(draw: st.DrawFn) -> Data:
    start, licence, pss = sorted((draw(days), draw(days), draw(days)))
    return f.released(start, licence, draw(st.sampled_from([None, pss])), draw(sentences))


contacts = st.one_of(
    st.builds(f.contact, days, outcomes, modes, id=contact_ids, sentence=sentences, ns=st.booleans()),
    st.builds(f.session, days, outcomes, id=contact_ids, sentence=sentences, ns=st.booleans()),
    st.builds(f.scheduled, days, modes, id=contact_ids, sentence=sentences, notified=st.booleans()),
)
others = st.one_of(
    impositions(),
    releases(),
    st.builds(f.varied, days, days, sentences, requirements),
    st.builds(f.revoked, days, sentences),
    st.builds(f.taken, days, custodies),
    st.builds(f.left, days, custodies),
    st.builds(f.died, days),
    st.builds(f.ended, days, sentences),
)
histories = st.tuples(
    st.lists(impositions(), min_size=1, max_size=2),
    st.lists(others, max_size=4),
    st.lists(contacts, max_size=8),
).map(lambda parts: [fact for part in parts for fact in part])


@given(histories, st.dates(FIRST - timedelta(days=10), LAST + timedelta(days=40)), st.data())
def test_nothing_changes_before_the_day_that_the_case_waits_for(
    history: list[Data], today: date, data: st.DataObject
) -> None:
    known = f.Known(*history)
    said = known.on(today)
    until = said.wake_on or YEAR_END
    assert until > today
    last = until - timedelta(days=1)
    for day in {last, data.draw(st.dates(today, last))}:
        later = known.on(day)
        assert later.summary() == said.summary()
        assert later.standing.status == said.standing.status


@given(histories)
def test_nothing_arises_after_the_end_and_no_item_stays_open(history: list[Data]) -> None:
    known = f.Known(*history)
    said = known.on(YEAR_END)
    assert said.wake_on is None
    assert said.standing.status in ("ended", "not_started")
    assert said.open(AbsenceUndecided) == []
    for finding in said.findings:
        event = finding.event
        day = event.missed_on if hasattr(event, "missed_on") else event.period_end
        assert Overview(known.case, POLICY).supervised_on(event.sentence_id, day)


@given(histories)
def test_the_findings_of_a_case_are_one_a_key_and_its_periods_never_overlap(history: list[Data]) -> None:
    said = f.Known(*history).on(YEAR_END)
    names = [(type(finding.event), finding.key) for finding in said.findings]
    assert len(names) == len(set(names))
    for id in ("S1", "S2"):
        periods = sorted(
            (x.event.period_start, x.event.period_end)
            for x in said.of(ContactStandardMissed)
            if x.event.sentence_id == id
        )
        assert all(end < start for (_, end), (start, _) in pairwise(periods))


@given(histories)
def test_every_failure_rests_on_a_national_standard_outcome_that_is_one(history: list[Data]) -> None:
    recorded = {f"E{n}": fact for n, fact in enumerate(history)}
    for finding in f.Known(*history).on(YEAR_END).of(ContactMissed):
        source: Any = recorded[finding.because[0].event_id]
        assert source.national_standard
        assert source.outcome in ("failed_to_comply", "sent_home_behaviour", "unacceptable_absence")
        on = source.occurred_on if isinstance(source, ContactOutcomeRecorded) else source.held_on
        assert finding.event.missed_on == on


@settings(max_examples=60)
@given(histories, st.randoms(use_true_random=False), st.integers(1, 40))
def test_any_order_of_arrival_on_any_days_gives_the_same_standing_events(
    history: list[Data], random: Any, pause: int
) -> None:
    """The last recorded of each correction key stands, and the engine's months give what the whole gives."""
    told = [(fact, n) for n, fact in enumerate(history)]
    random.shuffle(told)
    ledger = Ledger(SERVICE)
    ledger.day(FIRST)
    recorded = f.recording(FIRST)
    for position, (fact, n) in enumerate(told):
        ledger.tell(fact, id=f"E{n}", recorded=recorded(n))
        if position % 3 == 0:
            ledger.day(FIRST + timedelta(days=pause * (position // 3 + 1)))
    ledger.day(YEAR_END)
    standing = {
        (e.type, e.data.model_dump_json(exclude={"why", "limited"}))
        for e in ledger.standing_events()
        if e.source == SERVICE.source
    }
    expected = {
        (type(x.event).__name__, x.event.model_dump_json(exclude={"why", "limited"}))
        for x in f.Known(*history).on(YEAR_END).findings
        if x.closed is None
    }
    assert standing == expected
