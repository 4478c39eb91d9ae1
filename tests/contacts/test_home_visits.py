"""CONT-7 and CONT-8: home visits for domestic abuse and child protection."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import facts as f
from tests.contacts.home_visits import ALLOCATED, BASE, DUE, FLAG, KEY, ORDER, overdue, required
from tests.contacts.said import POLICY, assessed
from tests.table import table

# -- when a visit is required ------------------------------------------------------------------------


@pytest.mark.parametrize("rosh", ["low", "medium", "high", "very_high"])
@pytest.mark.parametrize("kind", ["domestic_abuse", "child_protection"])
def test_a_visit_is_required_at_every_level_of_risk(rosh: str, kind: str) -> None:
    facts = [ORDER, ALLOCATED, f.risk("2026-02-02", rosh), f.registered("2026-05-04", kind)]
    assert required(*facts, on="2026-05-04") == {f"S1/G-{kind}": DUE}


def test_a_visit_is_required_while_the_risk_is_unknown() -> None:
    assert required(*BASE) == {KEY: DUE}


@pytest.mark.parametrize(
    "kind", ["mappa", "stalking", "intensive_supervision_court", "national_security_division"]
)
def test_other_registrations_call_for_none(kind: str) -> None:
    assert required(ORDER, f.registered("2026-05-04", kind)) == {}


def test_a_registration_counts_from_its_day() -> None:
    known = [*BASE]
    before = assessed("2026-05-03", *known)
    assert before.findings("HomeVisitRequired") == []
    assert before.wake_on == date(2026, 5, 4)
    assert [*assessed("2026-05-04", *known).open("HomeVisitRequired")] == [KEY]


def test_a_registration_set_again_while_it_is_in_force_changes_nothing() -> None:
    assert required(*BASE, f.registered("2026-05-20")) == {KEY: DUE}


def test_each_registration_calls_for_a_visit_and_one_visit_serves_both() -> None:
    facts = [*BASE, f.registered("2026-05-11", "child_protection")]
    assert required(*facts) == {KEY: DUE, "S1/G-child_protection": "2026-06-09"}
    assert set(required(*facts, f.home_visit("2026-05-11")).values()) == {"resolved"}
    assert required(*facts, f.home_visit("2026-05-10")) == {
        KEY: "resolved",
        "S1/G-child_protection": "2026-06-09",
    }


# -- by when -----------------------------------------------------------------------------------------


@table(
    """
    | case                                            | due        | facts |
    | from the registration while nobody is allocated | 2026-06-02 | ORDER; FLAG |
    | from allocation if that is later                | 2026-06-09 | ORDER; 2026-05-11 allocated; FLAG |
    | from the first allocation only                  | 2026-06-02 | ORDER; ALLOCATED; 2026-05-11 allocated change to=P2; FLAG |
    | not from that of another sentence               | 2026-06-02 | ORDER; 2026-05-11 allocated sentence=S2; FLAG |
    | from the start of supervision                   | 2026-06-09 | 2026-05-11 order ends=2027-05-10; FLAG |
    | from release, though allocated before           | 2026-06-09 | 2026-01-12 custodial; 2026-03-02 allocated; 2026-05-11 released ends=2027-05-10; FLAG |
    """,  # noqa: E501
    ORDER=ORDER,
    FLAG=FLAG,
    ALLOCATED=ALLOCATED,
)
def test_the_time_counts_from_registration_allocation_or_start_whichever_is_latest(
    facts: list[f.Fact], due: str
) -> None:
    assert set(required(*facts, on="2026-06-01").values()) == {due}
    assert overdue(*facts, on=due) == {}
    assert set(overdue(*facts).values()) == {due}


def test_a_visit_on_the_last_day_is_in_time() -> None:
    assert overdue(*BASE, f.home_visit(DUE)) == {}


def test_a_visit_a_day_late_leaves_the_record_and_resolves_the_item() -> None:
    late = f.home_visit("2026-06-03")
    assert overdue(*BASE, late) == {KEY: DUE}
    assert required(*BASE, late, on="2026-06-02") == {KEY: DUE}
    assert required(*BASE, late, on="2026-06-03") == {KEY: "resolved"}


def test_the_deadline_passes_at_the_end_of_its_day() -> None:
    assert overdue(*BASE, on=DUE) == {}
    assert assessed(DUE, *BASE).wake_on == date(2026, 6, 3)
    assert overdue(*BASE, on="2026-06-03") == {KEY: DUE}
    assert required(*BASE, on="2026-06-03") == {KEY: DUE}


# -- what is a visit ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(f.home_visit("2026-05-04"), id="on the day of the registration"),
        pytest.param(f.home_visit("2026-05-20", sentence=None), id="for all sentences"),
    ],
)
def test_a_visit_resolves_the_item(made: f.Fact) -> None:
    assert required(*BASE, made) == {KEY: "resolved"}
    assert overdue(*BASE, made) == {}


@table(
    """
    | case                                    | fact                                          |
    | a visit the day before the registration | 2026-05-03 home visit                         |
    | nobody was at home                      | 2026-05-20 home visit unacceptable absence    |
    | the visit was excused                   | 2026-05-20 home visit acceptable absence      |
    | the visit was moved                     | 2026-05-20 home visit rescheduled by service  |
    | a visit not of the national standard    | 2026-05-20 home visit national_standard=false |
    | a visit for another sentence            | 2026-05-20 home visit sentence=S2             |
    | an appointment at the office            | 2026-05-20 contact                            |
    | a visit that was only arranged          | 2026-05-20 scheduled kind=home_visit          |
    """,
)
def test_what_is_no_visit(fact: f.Fact) -> None:
    assert required(*BASE, fact) == {KEY: DUE}
    assert overdue(*BASE, fact) == {KEY: DUE}


def test_a_visit_still_to_come_resolves_nothing() -> None:
    assert required(*BASE, f.home_visit("2026-05-20"), on="2026-05-19") == {KEY: DUE}
    assert required(*BASE, f.home_visit("2026-05-20"), on="2026-05-20") == {KEY: "resolved"}


# -- several sentences -------------------------------------------------------------------------------


def test_a_visit_is_required_on_each_sentence_and_one_that_names_none_serves_all() -> None:
    facts = [*BASE, f.order("2026-02-02", "2027-02-01", id="S2")]
    other = "S2/G-domestic_abuse"
    assert required(*facts) == {KEY: DUE, other: DUE}
    assert required(*facts, f.home_visit("2026-05-20")) == {KEY: "resolved", other: DUE}
    assert required(*facts, f.home_visit("2026-05-20", sentence=None)) == {KEY: "resolved", other: "resolved"}
    assert overdue(*facts, f.home_visit("2026-05-20", sentence="S2")) == {KEY: DUE}


def test_a_registration_of_somebody_without_a_known_sentence_waits_for_it() -> None:
    assert required(FLAG, f.home_visit("2026-05-20")) == {}
    assert required(FLAG, f.allocated("2026-05-04")) == {}


# -- lifted, set again -------------------------------------------------------------------------------


def test_lifted_first_no_visit_is_required_any_more() -> None:
    assert required(*BASE, f.lifted("2026-05-20"), on="2026-05-19") == {KEY: DUE}
    assert required(*BASE, f.lifted("2026-05-20"), on="2026-05-20") == {KEY: "resolved"}
    assert overdue(*BASE, f.lifted(DUE)) == {}


def test_lifted_after_the_deadline_the_record_stands() -> None:
    facts = [*BASE, f.lifted("2026-06-03")]
    assert overdue(*facts) == {KEY: DUE}
    assert required(*facts, on="2026-06-03") == {KEY: "resolved"}


def test_set_again_it_calls_for_another_visit() -> None:
    facts = [*BASE, f.home_visit("2026-05-20"), f.lifted("2026-06-01"), f.registered("2026-07-06")]
    again = f"{KEY}/2026-07-06"
    assert required(*facts, on="2026-07-05") == {KEY: "resolved"}
    assert required(*facts, on="2026-07-06") == {KEY: "resolved", again: "2026-08-03"}
    assert overdue(*facts) == {again: "2026-08-03"}
    assert overdue(*facts, f.home_visit("2026-08-03")) == {}


def test_missed_lifted_and_set_again_both_stand_on_record() -> None:
    facts = [*BASE, f.lifted("2026-06-15"), f.registered("2026-07-06")]
    assert overdue(*facts) == {KEY: DUE, f"{KEY}/2026-07-06": "2026-08-03"}


def test_a_registration_that_was_lifted_before_supervision_calls_for_none() -> None:
    assert required(ORDER, f.registered("2025-05-06"), f.lifted("2026-01-12")) == {}
    assert required(ORDER, f.registered("2025-05-06"), f.lifted("2026-01-13"), on="2026-01-12") == {
        KEY: "2026-02-09"
    }


# -- where supervision is ----------------------------------------------------------------------------


def test_unpaid_work_alone_calls_for_none() -> None:
    alone = f.order("2026-01-12", "2027-01-11", "unpaid_work")
    assert required(alone, FLAG) == {}
    more = f.varied("2026-05-11", "2027-01-11", "unpaid_work, rar")
    assert required(alone, FLAG, more, on="2026-05-10") == {}
    assert required(alone, FLAG, more) == {KEY: "2026-06-09"}


def test_when_nothing_but_unpaid_work_is_left_no_visit_is_required_any_more() -> None:
    def left_alone(on: str) -> f.Fact:
        return f.varied(on, "2027-01-11", "unpaid_work")

    assert required(*BASE, left_alone("2026-05-20"), on="2026-05-20") == {KEY: "resolved"}
    assert overdue(*BASE, left_alone(DUE)) == {}
    assert overdue(*BASE, left_alone("2026-06-03")) == {KEY: DUE}


def test_in_post_sentence_supervision_a_visit_is_required_too() -> None:
    facts = [f.custodial("2024-11-04"), f.released("2025-02-03", "2025-04-30", "2026-02-02")]
    flag = f.registered("2025-06-02")
    assert required(*facts, flag, on="2025-06-20") == {KEY: "2025-06-30"}
    assert overdue(*facts, flag, on="2025-07-01") == {KEY: "2025-06-30"}


def test_post_sentence_supervision_that_is_repealed_ends_the_item() -> None:
    facts = [f.custodial("2025-06-02"), f.released("2025-09-01", "2025-12-31", "2026-08-31")]
    repeal = next(
        change for change in POLICY.changes if not POLICY.on(change).flag("post_sentence_supervision")
    )
    flag = f.registered("2026-05-04")
    assert required(*facts, flag, on=str(repeal - timedelta(days=1))) == {KEY: DUE}
    assert required(*facts, flag, on=str(repeal)) == {KEY: "ended"}
    assert overdue(*facts, flag) == {}


def test_a_visit_is_required_once_on_however_many_releases() -> None:
    facts = [
        *(
            f.custodial("2025-06-02"),
            f.released("2026-01-12", "2026-12-31"),
            FLAG,
            f.home_visit("2026-05-20"),
        ),
        *(f.taken("2026-06-01", "recall"), f.left("2026-07-01"), f.released("2026-07-01", "2026-12-31")),
    ]
    assert required(*facts, on="2026-07-10") == {KEY: "resolved"}
    assert overdue(*facts) == {}
