"""Home visits as it happens: late, corrected and voided facts, another policy, whatever the facts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contacts.app import SERVICE
from tests import facts as f
from tests.contacts.home_visits import BASE, DUE, FLAG, KEY, ORDER
from tests.contacts.said import assessed, changed
from tests.ledger import Ledger


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger(SERVICE)
    ledger.day("2026-05-04")
    ledger.tell(*BASE)
    return ledger


def due(ledger: Ledger, type: str) -> list[str]:
    return [event.due_on.isoformat() for event in ledger.standing(type)]


def test_a_visit_recorded_late_shows_that_it_was_in_time(ledger: Ledger) -> None:
    assert due(ledger, "HomeVisitRequired") == [DUE]
    ledger.day("2026-06-10")
    assert due(ledger, "HomeVisitOverdue") == [DUE]
    ledger.tell(f.home_visit("2026-06-01", id="C1"))
    assert due(ledger, "HomeVisitOverdue") == []
    assert ledger.withdrawals("HomeVisitOverdue") == [(KEY, "corrected")]
    assert ledger.withdrawals("HomeVisitRequired") == [(KEY, "resolved")]
    ledger.tell(f.home_visit("2026-06-01", id="C1", voided=True))
    assert due(ledger, "HomeVisitOverdue") == [DUE]
    assert due(ledger, "HomeVisitRequired") == [DUE]


def test_a_visit_corrected_to_another_day_in_another_month(ledger: Ledger) -> None:
    ledger.day("2026-06-10")
    ledger.tell(f.home_visit("2026-05-29", id="C1"))
    assert due(ledger, "HomeVisitOverdue") == []
    ledger.tell(f.home_visit("2026-06-05", id="C1"))
    assert due(ledger, "HomeVisitOverdue") == [DUE]
    assert due(ledger, "HomeVisitRequired") == []


def test_a_visit_that_was_no_visit(ledger: Ledger) -> None:
    ledger.day("2026-05-20")
    ledger.tell(f.home_visit("2026-05-20", id="C1"))
    assert due(ledger, "HomeVisitRequired") == []
    ledger.tell(f.home_visit("2026-05-20", "failed_to_attend", id="C1"))
    assert due(ledger, "HomeVisitRequired") == [DUE]


def test_a_registration_that_never_was(ledger: Ledger) -> None:
    ledger.day("2026-06-10")
    ledger.tell(FLAG.voided())
    assert due(ledger, "HomeVisitRequired") == due(ledger, "HomeVisitOverdue") == []
    assert ledger.withdrawals("HomeVisitRequired") == [(KEY, "corrected")]
    assert ledger.withdrawals("HomeVisitOverdue") == [(KEY, "corrected")]


def test_an_allocation_after_the_registration_moves_the_day(ledger: Ledger) -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-05-06")
    ledger.tell(ORDER, FLAG)
    assert due(ledger, "HomeVisitRequired") == [DUE]
    ledger.tell(f.allocated("2026-05-06"))
    assert due(ledger, "HomeVisitRequired") == ["2026-06-04"]
    assert ledger.withdrawals("HomeVisitRequired") == [(KEY, "superseded")]


def test_added_lifted_and_added_again_as_it_happens(ledger: Ledger) -> None:
    ledger.day("2026-05-11")
    ledger.tell(f.lifted("2026-05-11"))
    ledger.day("2026-05-18")
    ledger.tell(f.registered("2026-05-18"))
    assert due(ledger, "HomeVisitRequired") == ["2026-06-16"]
    assert ledger.withdrawals("HomeVisitRequired") == [(KEY, "resolved")]
    ledger.day("2026-06-17")
    assert due(ledger, "HomeVisitOverdue") == ["2026-06-16"]
    ledger.tell(f.died("2026-06-17"))
    assert ledger.withdrawals("HomeVisitRequired")[1:] == [(f"{KEY}/2026-05-18", "ended")]
    assert due(ledger, "HomeVisitOverdue") == ["2026-06-16"]


# -- policy ------------------------------------------------------------------------------------------


def test_days_and_registrations_are_policy(tmp_path: Path) -> None:
    policy = changed(
        tmp_path,
        home_visit_days="10",
        home_visit_registrations='["stalking"]',
        attended_outcomes='["suspended"]',
    )
    ledger = Ledger(SERVICE, policy=policy)
    ledger.day("2026-05-04")
    ledger.tell(*BASE, f.registered("2026-05-04", "stalking"))
    (event,) = ledger.standing("HomeVisitRequired")
    assert (event.registration, event.due_on) == ("G-stalking", date(2026, 5, 18))
    ledger.tell(f.home_visit("2026-05-04", id="C1"))
    assert len(ledger.standing("HomeVisitRequired")) == 1
    ledger.tell(f.home_visit("2026-05-04", "suspended", id="C1"))
    assert ledger.standing("HomeVisitRequired") == []


# -- whatever the facts ------------------------------------------------------------------------------

FIRST, LAST = date(2026, 1, 1), date(2026, 4, 30)
days = st.dates(FIRST, LAST).map(date.isoformat)
sentences = st.sampled_from(["S1", "S2"])
FACTS = st.one_of(
    st.builds(lambda a, b, id: f.order(min(a, b), max(a, b), id=id), days, days, sentences),
    st.builds(f.varied, days, days, st.sampled_from(["rar", "unpaid_work"])),
    st.builds(f.registered, days),
    st.builds(f.lifted, days),
    st.builds(f.registered, days, st.just("child_protection")),
    st.builds(f.home_visit, days, sentence=st.sampled_from([None, "S1", "S2"])),
    st.builds(lambda on, id: f.allocated(on, sentence=id), days, sentences),
    st.builds(f.taken, days),
    st.builds(f.left, days),
    st.builds(f.revoked, days),
    st.builds(f.died, days),
)


@given(st.lists(FACTS, min_size=1, max_size=9), st.dates(FIRST, date(2026, 6, 30)), st.data())
def test_nothing_changes_before_the_day_that_is_waited_for(
    facts: list[f.Fact], today: date, data: st.DataObject
) -> None:
    known = [f.order("2026-01-05", "2026-04-15"), *facts]
    said = assessed(today, *known)
    last = (said.wake_on or date(2027, 1, 1)) - timedelta(days=1)
    assert assessed(data.draw(st.dates(today, last)), *known).summary() == said.summary()
    at_the_end = assessed("2027-01-01", *known)
    assert [*at_the_end.open("HomeVisitRequired")] == []
    # CONT-8: a later first allocation moves the day due, and takes back what was overdue by the earlier one.
    allocated = [fact.day for fact in known if fact.type == "CaseAllocated"]
    if all(day <= today for day in allocated):
        overdue = {finding.key for finding in said.findings("HomeVisitOverdue")}
        assert overdue <= {finding.key for finding in at_the_end.findings("HomeVisitOverdue")}
