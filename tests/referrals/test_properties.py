"""What holds of the referrals rules for any facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.court import SentenceImposed
from schemas.practice import ReferralRequested
from schemas.referrals import ReferralMade
from services.allocation.app import SERVICE as ALLOCATION
from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.ledger import Ledger

FIRST, LAST = date(2024, 1, 1), date(2026, 9, 30)
"""Around the days on which the policy changes: 1 May 2024 and 11 May 2026."""

days = st.dates(FIRST, LAST).map(str)
sentence_ids = st.sampled_from(["S1", "S1", "S1", "S2"])
outcomes = st.sampled_from(["complied", "complied", "complied", "failed_to_comply", "unacceptable_absence"])


def required(id: str, *kinds: str, most: int) -> Any:
    """A requirement of one of these kinds and of up to so many hours, days or sessions, or none."""
    made = st.builds(
        lambda kind, amount, more: f"{kind} {amount} {id} {more}",
        st.sampled_from(kinds),
        st.integers(0, most),
        st.sampled_from(["", "concurrent_with=R1"]),
    )
    return st.just("") | made | made | made


requirements = st.tuples(
    required("R1", "unpaid_work", most=60),
    required("R2", "rar", most=3),
    required("R3", "unpaid_work", "rar", "alcohol_treatment", "curfew", most=45),
).map(", ".join)


def later(day: str, days: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days=days))


def held(make: Callable[..., f.Fact], under: tuple[str, ...], **fields: Any) -> Any:
    """Sessions under one of these requirements, held on some day in the life of most orders."""
    ids = st.integers(0, 30).map(lambda n: f"P{n}")
    place = {"requirement": st.sampled_from(under), "sentence": sentence_ids}
    return st.builds(make, days, outcomes, id=ids, **place, **fields)


early = st.dates(FIRST, date(2024, 12, 31)).map(str)
lengths = st.integers(0, 900)
orders = st.builds(
    lambda day, length, requires, id: f.order(day, later(day, length), requires, id=id),
    early,
    st.integers(200, 900),
    requirements,
    sentence_ids,
)
NEEDS: dict[str, dict[str, Any]] = {
    "commissioned_service": {},
    "structured_intervention": {"need": "emotional_management"},
    "accredited_programme": {"programme": "TSP", "need": None},
    "unpaid_work": {"need": None},
}
happenings = st.one_of(
    orders,
    st.builds(
        lambda day, requires, id: f.order(day, None, requires, id=id, kind="custodial", ends_on=None),
        days,
        requirements,
        sentence_ids,
    ),
    st.builds(
        lambda day, length, requires, id: f.varied(day, later(day, length), requires, id=id),
        days,
        lengths,
        requirements,
        sentence_ids,
    ),
    st.builds(
        lambda day, licence, pss, id: f.released(
            day, later(day, licence), later(day, licence + pss) if pss else None, id=id
        ),
        days,
        lengths,
        st.sampled_from([0, 0, 300]),
        sentence_ids,
    ),
    st.builds(f.revoked, days, id=sentence_ids),
    st.builds(f.ended, days, sentence=sentence_ids),
    st.builds(f.died, days),
    st.builds(f.taken, days, id=st.sampled_from(["K1", "K2"])),
    st.builds(f.left, days, id=st.sampled_from(["K1", "K2"])),
    st.builds(
        lambda day, requirement, kind, ready: f.referral_asked(
            day,
            kind,
            id="F1",
            requirement_id=requirement,
            desired_outcomes=["home"],
            ready_to_start=ready,
            **NEEDS[kind],
        ),
        early,
        st.sampled_from([None, "R1", "R2"]),
        st.sampled_from(sorted(NEEDS)),
        st.sampled_from([True, True, False]),
    ),
    st.builds(
        lambda day, days: f.plan(
            day,
            rar_allocations=[{"requirement_id": "R2", "need": "finance", "days": days}],
            sequence=["R1", "R2"],
            needs_planned=["accommodation"],
        ),
        days,
        st.integers(0, 4),
    ),
    st.builds(lambda day, ogrs: f.risk(day, ogrs=ogrs), days, st.integers(40, 60)),
    st.builds(f.employment_need, days),
    st.builds(f.placement, days, st.integers(80, 100), requirement=st.just("R1")),
    st.builds(lambda day: f.transfer_accepted(day), days),
)
steps = st.one_of(
    st.builds(f.accepted, days),
    st.builds(f.declined, days),
    st.builds(f.first_assessment, days),
    st.builds(f.action_plan, days, st.sampled_from([None, 1, 2])),
    st.builds(f.concluded, days),
    st.builds(f.end_report, days, st.sampled_from(["", "home:achieved", "home:partly home:achieved"])),
    st.builds(f.handed_over, days),
    st.builds(f.status, days, st.sampled_from(["awaiting_allocation", "recall", "withdrawn", "scheduled"])),
    st.builds(lambda day: f.session(day, id="P99", requirement=None, referral_id="F1"), days),
)
placements = st.builds(f.placed, days)
"""The place that the referral F1 took, where no provider is there to decide it."""
minutes = st.integers(0, 1440)
sessions = st.one_of(
    held(f.work, ("R1", "R3"), minutes=minutes),
    held(f.learning, ("R1", "R3"), minutes=minutes),
    held(f.session, ("R2", "R3")),
    held(
        lambda day, outcome, id, requirement, sentence: f.contact(
            day, outcome, id=id, requirement=requirement, sentence=sentence, kind="session"
        ),
        ("R2", "R3"),
    ),
)


def some_life(most_sessions: int) -> Any:
    """The facts about one person, as they were told one after the other."""
    return (
        st.tuples(
            st.lists(orders, min_size=1, max_size=2),
            st.lists(happenings, max_size=3),
            st.lists(sessions, min_size=most_sessions // 2, max_size=most_sessions),
            st.lists(steps, max_size=4),
        )
        .flatmap(lambda parts: st.permutations([fact for facts in parts for fact in facts]))
        .map(f.told)
    )


lives = st.tuples(some_life(20), st.lists(placements, max_size=1)).map(
    lambda parts: f.told([*parts[0], *parts[1]])
)


@settings(max_examples=200, deadline=None)
@given(lives, st.dates(FIRST, LAST))
def test_nothing_changes_before_the_day_it_waits_for(told: list[f.Fact], today: date) -> None:
    case = on(today, SERVICE, *told)
    wake_on = case.wake_on or date(2035, 1, 1)
    assert wake_on > today
    halfway = today + (wake_on - today) // 2
    for day in {today + timedelta(days=1), halfway, wake_on - timedelta(days=1)}:
        if today < day < wake_on:
            assert on(day, SERVICE, *told).summary() == case.summary()


@settings(max_examples=200, deadline=None)
@given(lives, st.dates(FIRST, LAST))
def test_nothing_arises_after_the_end_of_every_sentence(told: list[f.Fact], today: date) -> None:
    # A provider may report the results of what was concluded after the end as well (OUT-1).
    def standing(day: date) -> set[tuple[str, str, str]]:
        return {
            (kind, key, data)
            for kind, key, data, closed in on(day, SERVICE, *told).summary()
            if not closed and kind != "OutcomeRecorded"
        }

    ends = on(date(2060, 1, 1), ALLOCATION, *told, subject=f.PERSON).open("SupervisionEnded").values()
    imposed = {fact.data.sentence_id for fact in told if isinstance(fact.data, SentenceImposed)}
    assume({end.sentence_id for end in ends} == imposed)  # a prisoner who is never released goes on
    # What lapses with the last day is concluded the day after. A referral may have been decided on later, and
    # a request may be corrected to a day after its decision.
    made = [fact.data.made_on for fact in told if isinstance(fact.data, ReferralMade)]
    made += [fact.data.requested_on for fact in told if made and isinstance(fact.data, ReferralRequested)]
    over = max([today, *made, *(end.ended_on + timedelta(days=1) for end in ends)])
    assert standing(date(2060, 1, 1)) <= standing(over)


@settings(max_examples=200, deadline=None)
@given(lives, st.dates(FIRST, LAST))
def test_no_two_findings_are_one_thing_and_totals_add_up(told: list[f.Fact], today: date) -> None:
    case = on(today, SERVICE, *told)
    referrals = [(event.referral_id, event.transferred_on) for event in case.open("ReferralMade").values()]
    assert len(referrals) == len(set(referrals))

    by: dict[str, Any] = {fact.id: fact.data for fact in told}
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for finding in case.findings("UnpaidWorkCredited"):
        place = by[finding.because[-1].event_id].sentence_id, finding.event.requirement_id
        totals[place] += finding.event.minutes
        assert finding.event.worked_minutes == totals[place] <= finding.event.ordered_minutes
    used: dict[str, int] = defaultdict(int)
    for finding in case.findings("RarDayUsed"):
        requirement_key = finding.key.rsplit("/", 1)[0]
        used[requirement_key] += 1
        assert finding.event.used == used[requirement_key] <= finding.event.ordered


@settings(max_examples=20, deadline=None)
@given(some_life(8), st.data())
def test_what_stands_does_not_depend_on_the_order_of_arrival(told: list[f.Fact], data: st.DataObject) -> None:
    def standing(arrival: list[f.Fact], days_between: int) -> set[tuple[str, str]]:
        ledger, today = Ledger(SERVICE), FIRST
        ledger.day(today)
        for fact in arrival:
            ledger.publish(fact)
            today += timedelta(days=days_between)
            ledger.day(today)
        ledger.day(LAST)
        return {(e.type, e.data.model_dump_json(exclude={"why"})) for e in ledger.standing_events()}

    assert standing(told, 0) == standing(data.draw(st.permutations(told)), 50)
