"""Orders of which everything is done before their end (END-1, C16)."""

from services.allocation.app import SERVICE as ALLOCATION
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE as ENFORCEMENT
from services.referrals.app import SERVICE as REFERRALS
from tests import facts as f
from tests.casebook import Assessed, on
from tests.ledger import Ledger
from tests.table import table

ORDER = f.order("2025-11-03", "2026-11-02", "rar, unpaid_work")
RAR, WORK = f.completed("2026-02-02"), f.completed("2026-03-02", "unpaid_work", id="UPW")
MET = f.plan("2025-12-01", objectives_met_on="2026-02-16")


def case(*facts: f.Fact, day: str = "2026-04-01") -> Assessed:
    return on(day, ALLOCATION, ORDER, *facts)


def test_before_the_change_of_law_it_is_an_item_for_the_officer() -> None:
    event = case(RAR, WORK, MET).one("EarlyEndEligible")
    assert event.since.isoformat() == "2026-03-02"
    assert case(RAR, WORK, MET, day="2026-03-01").open("EarlyEndEligible") == {}
    assert case(RAR, WORK, MET).open("SupervisionEnded") == {}


@table(
    """
    | case                                   | facts                                                                         | eligible |
    | all done                               | RAR; WORK; MET                                                                | True     |
    | a requirement is left                  | RAR; MET                                                                      | False    |
    | the objectives are not met             | RAR; WORK; 2025-12-01 plan                                                    | False    |
    | no plan                                | RAR; WORK                                                                     | False    |
    | a review came before they were met     | RAR; WORK; MET; 2026-01-05 plan                                               | False    |
    | a requirement added since              | RAR; WORK; MET; 2026-01-05 varied ends=2026-11-02 requires="rar, unpaid_work, curfew" | False |
    | a requirement dropped by the court     | RAR; MET; 2026-01-05 varied ends=2026-11-02 requires=rar                      | True     |
    | done under another sentence            | RAR; MET; 2026-03-02 completed unpaid_work UPW sentence=S2                    | False    |
    """,  # noqa: E501
    RAR=RAR,
    WORK=WORK,
    MET=MET,
)
def test_what_must_be_done(facts: list[f.Fact], eligible: bool) -> None:
    assert bool(case(*facts).open("EarlyEndEligible")) is eligible


def test_a_court_may_end_it_for_good_progress() -> None:
    found = case(RAR, WORK, MET, f.revoked("2026-03-20", "good_progress"))
    assert found.closed("EarlyEndEligible") == {"S1": "ended"}
    assert found.one("SupervisionEnded").reason == "revoked"


MORE = f.varied("2026-04-01", "2026-11-02", "rar, unpaid_work, accredited_programme TSP")
MORE_DONE = f.completed("2026-05-04", "accredited_programme", id="TSP")


def test_what_the_court_adds_must_be_done_too() -> None:
    found = case(RAR, WORK, MET, MORE)
    assert found.closed("EarlyEndEligible") == {"S1": "ended"}
    assert case(RAR, WORK, MET, MORE, day="2026-05-11").open("SupervisionEnded") == {}
    assert case(RAR, WORK, MET, MORE, day="2026-11-03").one("SupervisionEnded").reason == "expired"


def test_and_once_it_is_the_order_can_end_again() -> None:
    found = case(RAR, WORK, MET, MORE, MORE_DONE, day="2026-05-04")
    assert found.one("EarlyEndEligible").since.isoformat() == "2026-05-04"
    ended = case(RAR, WORK, MET, MORE, MORE_DONE, day="2026-05-11").one("SupervisionEnded")
    assert (ended.ended_on.isoformat(), ended.reason) == ("2026-05-11", "completed")


def test_a_variation_that_adds_nothing_leaves_all_done_since_before() -> None:
    longer = f.varied("2026-04-01", "2026-12-02", "rar, unpaid_work")
    assert case(RAR, WORK, MET, longer).one("EarlyEndEligible").since.isoformat() == "2026-03-02"


def test_from_the_change_of_law_the_order_ends_of_right() -> None:
    assert case(RAR, WORK, MET, day="2026-05-10").open("SupervisionEnded") == {}
    found = case(RAR, WORK, MET, day="2026-05-11")
    event = found.one("SupervisionEnded")
    assert (event.ended_on.isoformat(), event.reason) == ("2026-05-11", "completed")
    assert found.closed("EarlyEndEligible") == {"S1": "ended"}


def test_all_done_after_the_change_ends_it_on_that_day() -> None:
    late = f.completed("2026-06-15", "unpaid_work", id="UPW")
    event = case(RAR, late, MET, day="2026-06-15").one("SupervisionEnded")
    assert (event.ended_on.isoformat(), event.reason) == ("2026-06-15", "completed")


def test_an_order_that_ran_out_before_the_change_ran_out() -> None:
    order = f.order("2025-05-05", "2026-05-04", "rar, unpaid_work")
    event = on("2026-06-01", ALLOCATION, order, RAR, WORK, MET).one("SupervisionEnded")
    assert (event.ended_on.isoformat(), event.reason) == ("2026-05-04", "expired")


def test_what_turns_out_not_to_be_done_brings_the_order_back() -> None:
    taken_back = f.withdrawn("2026-06-01", WORK)
    assert case(RAR, WORK, MET, taken_back, day="2026-06-02").open("SupervisionEnded") == {}


def test_the_services_agree_that_it_has_ended_and_go_on_agreeing() -> None:
    """The end follows from what referrals says, and referrals does not take it back because of the end."""
    ledger = Ledger(ALLOCATION, CONTACTS, ENFORCEMENT, REFERRALS)
    ledger.day("2026-05-25")
    ledger.tell(f.practitioner(), f.order("2026-05-25", "2027-05-24", "rar 2"), f.risk("2026-05-25"))
    ledger.tell(f.plan("2026-05-25", objectives_met_on="2026-05-26"))
    for day in ("2026-06-01", "2026-06-02"):
        ledger.day(day)
        ledger.tell(f.session(day))
    ledger.day("2026-06-30")
    (end,) = ledger.standing("SupervisionEnded")
    assert (end.ended_on.isoformat(), end.reason) == ("2026-06-02", "completed")
    assert len(ledger.standing("RequirementCompleted")) == 1
    assert ledger.withdrawals("RequirementCompleted") == ledger.withdrawals("SupervisionEnded") == []
