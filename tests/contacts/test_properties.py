"""What holds for any facts: no rule fails, nothing changes before `wake_on`, nothing fires after the end."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.contacts import AbsenceUndecided, ContactMissed, ContactStandardMissed, OutcomeOverdue
from schemas.envelope import Data
from schemas.practice import ContactOutcomeRecorded
from schemas.words import Mode, Outcome
from services.contacts.app import SERVICE
from services.contacts.view import ContactsView
from tests.contacts import facts as f
from tests.ledger import Ledger

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
YEAR_END = date(2026, 12, 31)

days = st.dates(FIRST, LAST).map(date.isoformat)
sentences = st.sampled_from(["S1", "S2"])
named = st.sampled_from(["S1", "S1", "S2", None])
clocks = st.sampled_from([FIRST, date(2026, 3, 15), date(2026, 7, 1)]).map(f.recording)
"""When the facts were recorded: the contacts after it were said in advance, the others late."""
modes = st.sampled_from(get_args(Mode))
outcomes = st.sampled_from(get_args(Outcome))
requirements = st.sampled_from(
    [("rar",), ("unpaid_work",), ("unpaid_work", "rar"), ("accredited_programme",)]
)
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
    st.builds(f.contact, days, outcomes, modes, id=contact_ids, sentence=named, ns=st.booleans()),
    st.builds(f.session, days, outcomes, id=contact_ids, sentence=sentences, ns=st.booleans()),
    st.builds(f.scheduled, days, modes, id=contact_ids, sentence=named, notified=st.booleans()),
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
    st.builds(f.completed, days, sentence=sentences),
    st.builds(f.transfer_asked, days),
    st.builds(f.transfer_accepted, days),
    st.builds(f.change_asked, days, sentence=named),
    st.builds(f.allocated, days, st.sampled_from(["P1", "P2"]), reason=st.sampled_from(["new", "change"])),
    st.builds(f.risk, days, st.sampled_from(["low", "very_high"])),
)
histories = st.tuples(
    st.lists(impositions(), min_size=1, max_size=2),
    st.lists(others, max_size=5),
    st.lists(contacts, max_size=8),
).map(lambda parts: [fact for part in parts for fact in part])


@given(histories, clocks, st.dates(FIRST - timedelta(days=10), LAST + timedelta(days=40)), st.data())
def test_nothing_changes_before_the_day_that_the_case_waits_for(
    history: list[Data], clock: Any, today: date, data: st.DataObject
) -> None:
    known = f.Known(*history, clock=clock)
    said = known.on(today)
    until = said.wake_on or YEAR_END
    assert until > today
    last = until - timedelta(days=1)
    for day in {last, data.draw(st.dates(today, last))}:
        later = known.on(day)
        assert later.summary() == said.summary()
        assert later.standing.status == said.standing.status
        for month in said.shown.keys() | later.shown.keys():
            assert later.shown.get(month) == said.shown.get(month)


@given(histories, clocks)
def test_nothing_arises_after_the_end_and_no_item_stays_open(history: list[Data], clock: Any) -> None:
    known = f.Known(*history, clock=clock)
    said = known.on(YEAR_END)
    assert said.wake_on is None
    assert said.standing.status in ("ended", "not_started")
    assert said.open(AbsenceUndecided) == said.open(OutcomeOverdue) == []
    of = ContactsView(known.case, f.POLICY)
    for finding in said.monthly:
        assert of.supervised_on(finding.event.sentence_id, f.dated(finding))
    assert not any(shown and "without_outcome" in shown for shown in said.shown.values())


@given(histories, clocks)
def test_the_findings_of_a_case_are_one_a_key_and_its_periods_never_overlap(
    history: list[Data], clock: Any
) -> None:
    said = f.Known(*history, clock=clock).on(YEAR_END)
    names = [(type(finding.event), finding.key) for finding in said.findings]
    assert len(names) == len(set(names))
    for id in ("S1", "S2"):
        periods = sorted(
            (x.event.period_start, x.event.period_end)
            for x in said.of(ContactStandardMissed)
            if x.event.sentence_id == id
        )
        assert all(end < start for (_, end), (start, _) in pairwise(periods))


@given(histories, clocks)
def test_every_failure_rests_on_a_national_standard_outcome_that_is_one(
    history: list[Data], clock: Any
) -> None:
    recorded = {f"E{n}": fact for n, fact in enumerate(history)}
    for finding in f.Known(*history, clock=clock).on(YEAR_END).of(ContactMissed):
        source: Any = recorded[finding.because[0].event_id]
        assert source.national_standard
        assert source.outcome in ("failed_to_comply", "sent_home_behaviour", "unacceptable_absence")
        on = source.occurred_on if isinstance(source, ContactOutcomeRecorded) else source.held_on
        assert finding.event.missed_on == on


@settings(max_examples=60)
@given(histories, clocks, st.randoms(use_true_random=False), st.integers(1, 40))
def test_any_order_of_arrival_on_any_days_gives_the_same_standing_events(
    history: list[Data], clock: Any, random: Any, pause: int
) -> None:
    """The last recorded of each correction key stands, and the engine's months give what the whole gives."""
    told = [(fact, n) for n, fact in enumerate(history)]
    random.shuffle(told)
    ledger = Ledger(SERVICE)
    ledger.day(FIRST)
    for position, (fact, n) in enumerate(told):
        ledger.tell(fact, id=f"E{n}", recorded=clock(n))
        if position % 3 == 0:
            ledger.day(FIRST + timedelta(days=pause * (position // 3 + 1)))
    ledger.day(YEAR_END)
    said = f.Known(*history, clock=clock).on(YEAR_END)
    standing = {
        (e.type, e.data.model_dump_json(exclude={"why", "limited"}))
        for e in ledger.standing_events()
        if e.source == SERVICE.source
    }
    expected = {
        (type(x.event).__name__, x.event.model_dump_json(exclude={"why", "limited"}))
        for x in said.findings
        if said.closed(x) is None
    }
    assert standing == expected
