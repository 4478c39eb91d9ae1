"""What stays of one provider's part when a referral goes to another (D8, DF-10, INFO-1, PROV-6)."""

from __future__ import annotations

from services.referrals.app import SERVICE
from tests import facts as f
from tests.ledger import Ledger

MADE = "2026-06-01"
ORDER = f.order("2026-05-04", "2027-05-03", region="wales", pdu="gwent")
FIRST = [f.qualified("2026-01-01", regions="wales"), f.listed("2026-01-05", region="wales")]
SECOND = [
    f.qualified("2026-01-01", id="V2", regions="wales"),
    f.listed("2026-01-05", id="I2", provider="V2", region="wales"),
]
IN_LONDON = [f.qualified("2026-01-01", id="V2"), f.listed("2026-01-05", id="I2", provider="V2")]
ASKED = f.referral_asked(MADE, id="F1", desired_outcomes=["home"])
MOVED = f.transfer_accepted("2026-06-12", to_region="london", to_pdu="camden")


def after(*facts: f.Fact, market: list[f.Fact], until: str) -> Ledger:
    """A referral made on 1 June 2026 to the first provider, and what followed, each told on its own day."""
    ledger = Ledger(SERVICE)
    ledger.day(MADE)
    ledger.tell(*market, ORDER, ASKED)
    for one in facts:
        ledger.day(str(one.day))
        ledger.tell(one)
    ledger.day(until)
    return ledger


def escalated(ledger: Ledger) -> list[tuple[str, str]]:
    return [(event.step, str(event.due_on)) for event in ledger.standing("ReferralEscalated")]


def access(ledger: Ledger) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    granted = [(event.provider_id, str(event.from_)) for event in ledger.standing("AccessGranted")]
    return granted, [(event.provider_id, str(event.until)) for event in ledger.standing("AccessEnded")]


def test_d8_a_step_that_was_late_stays_late_when_another_provider_takes_over() -> None:
    ledger = after(f.declined("2026-06-12"), market=[*FIRST, *SECOND], until="2026-06-19")
    assert escalated(ledger) == [("acceptance", "2026-06-08"), ("declined", "2026-06-12")]
    ledger.day("2026-06-20")
    assert escalated(ledger)[2:] == [("acceptance", "2026-06-19")]


def test_d8_a_step_that_was_late_stays_late_when_the_case_goes_to_another_region() -> None:
    ledger = after(MOVED, market=[*FIRST, *IN_LONDON], until="2026-06-15")
    assert [event.provider_id for event in ledger.standing("ReferralMade")] == ["V1", "V2"]
    assert escalated(ledger) == [("acceptance", "2026-06-08")]


def test_d8_what_the_first_provider_accepted_in_time_is_not_late_when_the_second_accepts() -> None:
    accepted = [f.accepted("2026-06-03"), MOVED, f.accepted("2026-06-15", provider="V2")]
    assert escalated(after(*accepted, market=[*FIRST, *IN_LONDON], until="2026-06-16")) == []


def test_d8_nothing_more_is_awaited_of_a_provider_that_declined() -> None:
    ledger = after(f.accepted("2026-06-03"), f.declined("2026-06-12"), market=FIRST, until="2026-06-30")
    assert escalated(ledger) == [("declined", "2026-06-12")]
    assert ledger.withdrawals("ReferralChased") == [("F1/initial_assessment", "ended")]


def test_a_decline_that_never_happened_leaves_the_referral_where_it_was() -> None:
    declined = f.declined("2026-06-12")
    ledger = after(f.accepted("2026-06-03"), declined, market=FIRST, until="2026-06-12")
    ledger.tell(declined.voided())
    assert [event.step for event in ledger.standing("ReferralEscalated")] == []
    assert ledger.standing("ReferralRejected") == []


def test_info_1_access_ends_when_the_provider_concludes_even_before_its_report() -> None:
    session = f.session("2026-06-15", requirement=None, referral_id="F1")
    given = [f.accepted("2026-06-03"), session, f.concluded("2026-06-29")]
    ledger = after(*given, market=FIRST, until="2026-06-29")
    assert access(ledger) == ([("V1", "2026-06-03")], [("V1", "2026-06-29")])
    assert ledger.standing("ReferralEnded") == []


def test_info_1_the_first_provider_keeps_no_access_once_the_case_is_in_another_region() -> None:
    accepted = [f.accepted("2026-06-03"), MOVED, f.accepted("2026-06-15", provider="V2")]
    ledger = after(*accepted, market=[*FIRST, *IN_LONDON], until="2026-06-16")
    assert access(ledger) == ([("V1", "2026-06-03"), ("V2", "2026-06-15")], [("V1", "2026-06-11")])


def test_info_1_who_accepts_a_referral_that_it_does_not_have_sees_nothing() -> None:
    assert access(after(f.accepted("2026-06-03", provider="V9"), market=FIRST, until="2026-06-04")) == (
        [],
        [],
    )


def test_info_1_a_provider_that_takes_over_and_accepts_is_granted_access_once() -> None:
    given = [f.accepted("2026-06-03"), f.handed_over("2026-06-10"), f.accepted("2026-06-12", provider="V2")]
    ledger = after(*given, market=FIRST, until="2026-06-12")
    assert access(ledger) == ([("V1", "2026-06-03"), ("V2", "2026-06-10")], [("V1", "2026-06-09")])


def test_a_session_after_the_end_of_the_sentence_starts_no_intervention() -> None:
    session = f.session("2026-06-15", requirement=None, referral_id="F1")
    ledger = after(f.revoked("2026-06-12"), session, market=FIRST, until="2026-06-16")
    assert ledger.standing("InterventionStarted") == []


def test_a_rest_at_the_first_provider_stays_on_record_when_another_region_finds_a_place() -> None:
    remanded = [f.accepted("2026-06-03"), f.taken("2026-06-04"), f.left("2026-06-09")]
    ledger = after(*remanded, MOVED, market=[*FIRST, *IN_LONDON], until="2026-06-15")
    assert [str(event.from_) for event in ledger.standing("ReferralPaused")] == ["2026-06-04"]
    assert [str(event.from_) for event in ledger.standing("ReferralResumed")] == ["2026-06-09"]


def test_prov_6_a_transfer_names_the_place_that_it_was_of_whatever_place_comes_later() -> None:
    handed_over = f.handed_over("2026-06-10", to="V8")
    ledger = after(handed_over, MOVED, market=[*FIRST, *IN_LONDON], until="2026-06-15")
    made = [(event.provider_id, event.intervention_id) for event in ledger.standing("ReferralMade")]
    assert made == [("V1", "I1"), ("V8", "I1"), ("V2", "I2")]


def test_df_10_who_chases_is_told_of_which_sentence_and_where_it_is_supervised() -> None:
    ledger = after(market=FIRST, until="2026-06-09")
    for (event,) in (ledger.standing("ReferralChased"), ledger.standing("ReferralEscalated")):
        assert (event.sentence_id, event.region, event.pdu) == ("S1", "wales", "gwent")
