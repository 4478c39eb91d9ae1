"""What must be done about a failure (ENF-1, ENF-2, ENF-6, ENF-14), and by when (ENF-10)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from schemas.enforcement import ActionOption, EnforcementActionRequired, WarningLetterOverdue
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.policies import changed
from tests.table import table

ORDER = f.order("2026-01-05", "2027-12-31")
LICENCE = (f.custodial("2025-01-06", id="L1"), f.released("2026-01-05", "2026-12-31", id="L1"))
FIRST = f.missed("2026-03-02", id="C1")
Options = list[ActionOption]
BOTH: Options = ["warn", "refer"]
REFER: Options = ["refer"]


def options(contact: str, today: str, *facts: f.Fact) -> Options:
    """What the officer may do about the failure of a contact."""
    found: Options = on(today, SERVICE, *facts).open("EnforcementActionRequired")[contact].options
    return found


@pytest.mark.parametrize(
    ("kind", "rule"), [("community_order", "ENF-1"), ("suspended_sentence_order", "ENF-2")]
)
def test_on_a_first_failure_the_officer_may_warn_or_refer(kind: str, rule: str) -> None:
    case = on("2026-03-05", SERVICE, f.order("2026-01-05", kind=kind), FIRST)
    assert case.open("EnforcementActionRequired") == {
        "C1": EnforcementActionRequired(
            **f.PLACE,
            contact_id="C1",
            sentence_id="S1",
            options=BOTH,
            failures=1,
            due_on=date(2026, 3, 4),
        )
    }
    (finding,) = case.findings("EnforcementActionRequired")
    assert rule in finding.rules


@pytest.mark.parametrize("kind", ["community_order", "suspended_sentence_order"])
def test_an_action_required_rests_on_its_failure(kind: str) -> None:
    case = on("2026-03-05", SERVICE, f.order("2026-01-05", kind=kind), FIRST)
    assert case.evidence("EnforcementActionRequired") == {"C1": [FIRST.id]}


@pytest.mark.parametrize(
    ("warned", "failed", "expected"),
    [
        pytest.param("2026-01-14", "2026-01-13", BOTH, id="a failure before the warning was given"),
        pytest.param("2026-01-14", "2026-01-14", REFER, id="the 12 months begin with the warning's day"),
        pytest.param("2026-01-14", "2027-01-13", REFER, id="E24: 13 Jan 2027, warned 14 Jan 2026: refer"),
        pytest.param("2026-01-14", "2027-01-14", BOTH, id="E24: 14 Jan 2027, warned 14 Jan 2026: warn"),
        pytest.param("2028-02-29", "2029-02-28", REFER, id="beginning with 29 February: until 28 February"),
        pytest.param("2028-02-29", "2029-03-01", BOTH, id="beginning with 29 February: no longer"),
        # 23:30 UTC on 13 July is half past midnight on 14 July in London.
        pytest.param("2026-07-13T23:30Z", "2027-07-13", REFER, id="by the date in London"),
        pytest.param("2026-07-13T23:30Z", "2027-07-14", BOTH, id="by the date in London: no longer"),
    ],
)
def test_a_warning_binds_for_twelve_months(warned: str, failed: str, expected: Options) -> None:
    order = f.order("2026-01-05", "2030-01-02")
    first = f.missed(str(date.fromisoformat(warned[:10]) - timedelta(days=2)), id="C1")
    facts = [order, first, f.action(warned, contact="C1"), f.missed(failed, id="C2")]
    assert options("C2", max(failed, warned[:10]), *facts) == expected


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("warning", REFER),
        ("second_warning", REFER),
        ("final_warning", REFER),
        ("letter_sent", BOTH),
        ("compliance_letter", BOTH),
        ("no_further_action", BOTH),
        ("breach_withdrawn", BOTH),
    ],
)
def test_only_warnings_bind(what: str, expected: Options) -> None:
    facts = [ORDER, FIRST, f.action("2026-03-03", what, "C1"), f.missed("2026-04-01", id="C2")]
    assert options("C2", "2026-04-01", *facts) == expected


@table(
    """
    | case                                                      | contact | today      | expected | facts |
    | the date of the failure decides, not when it became known | C1      | 2026-03-20 | BOTH     | 2026-03-09 missed C2; 2026-03-10 action contact=C2 |
    |                                                           |         |            |          | 2026-03-02 missed C1 recorded=2026-03-20 |
    | a warning on the order that names no contact binds        | C2      | 2026-04-01 | REFER    | 2026-03-03 action; 2026-04-01 missed C2 |
    | one for an absence excused since does not                 | C2      | 2026-04-01 | BOTH     | 2026-03-02 excused C1; 2026-03-03 action contact=C1 |
    |                                                           |         |            |          | 2026-04-01 missed C2 |
    | two contacts failed on one day are one failure            | C2      | 2026-03-02 | BOTH     | FIRST; 2026-03-02 action contact=C1; 2026-03-02 missed C2 |
    | one dated before the order does not bind                  | C1      | 2026-03-02 | BOTH     | 2026-01-04 action; FIRST |
    """,  # noqa: E501
    FIRST=FIRST,
    BOTH=BOTH,
    REFER=REFER,
)
def test_which_warnings_bind(contact: str, today: str, facts: list[f.Fact], expected: Options) -> None:
    assert options(contact, today, ORDER, *facts) == expected


def test_a_warning_that_names_no_contact_may_be_for_the_failure_of_its_day() -> None:
    case = on("2026-03-02", SERVICE, ORDER, FIRST, f.action("2026-03-02"))
    (finding,) = case.findings("EnforcementActionRequired")
    assert (finding.event.options, case.closed("EnforcementActionRequired")) == (BOTH, {"C1": "resolved"})


@pytest.mark.parametrize(
    "what", ["warning", "letter_sent", "no_further_action", "breach_initiated", "breach_pack_completed"]
)
def test_any_action_for_the_contact_answers_the_failure(what: str) -> None:
    case = on("2026-03-03", SERVICE, ORDER, FIRST, f.action("2026-03-03", what, "C1"))
    assert case.closed("EnforcementActionRequired") == {"C1": "resolved"}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(f.action("2026-03-03", contact="C9"), id="an action for another contact"),
        pytest.param(f.action("2026-03-01"), id="a warning on the order before it"),
        pytest.param(f.action("2026-03-03", sentence="S2"), id="a warning on another order"),
        pytest.param(f.action("2026-03-05", contact="C1"), id="an action of a later day"),
        pytest.param(f.action("2026-03-03", contact="C1", sentence="S2"), id="an action on another sentence"),
    ],
)
def test_what_does_not_answer_a_failure(other: f.Fact) -> None:
    case = on("2026-03-04", SERVICE, ORDER, FIRST, other)
    assert list(case.open("EnforcementActionRequired")) == ["C1"]


def test_a_breach_answers_all_failures_so_far() -> None:
    failures = [f.missed("2026-03-20", id="C2"), f.missed("2026-03-21", id="C3")]
    breach = f.action("2026-03-20", "breach_initiated")
    case = on("2026-03-21", SERVICE, ORDER, FIRST, *failures, breach)
    assert case.closed("EnforcementActionRequired") == {"C1": "resolved", "C2": "resolved"}
    assert case.open("EnforcementActionRequired") == {}  # nothing is demanded for one during the breach


@pytest.mark.parametrize("what", ["warning", "letter_sent", "no_further_action"])
def test_an_action_that_names_no_contact_answers_all_failures_so_far(what: str, tmp_path: Path) -> None:
    facts = [
        FIRST,
        f.action("2026-03-03", "breach_pack_completed", "C1"),
        f.missed("2026-03-09", id="C2"),
        f.missed("2026-03-10", id="C3"),
        f.action("2026-03-10", what),
        f.missed("2026-03-11", id="C4"),
    ]
    policy = changed(SERVICE, tmp_path, failures_before_breach="9", warning_actions="[]")
    case = on("2026-03-11", SERVICE, ORDER, *facts, policy=policy)
    assert case.closed("EnforcementActionRequired") == dict.fromkeys(("C1", "C2", "C3"), "resolved")
    assert list(case.open("EnforcementActionRequired")) == ["C4"]


@pytest.mark.parametrize(
    ("newer", "counts"),
    [
        pytest.param("2026-03-03", [1, 2], id="another day"),
        pytest.param("2026-03-09", [1, 1], id="the day of the other"),
    ],
)
def test_the_newer_of_two_findings_about_one_contact_counts(newer: str, counts: list[int]) -> None:
    facts = [FIRST, f.missed(newer, id="C1", event="newer"), f.missed("2026-03-09", id="C2")]
    findings = on("2026-03-10", SERVICE, ORDER, *facts).findings("EnforcementActionRequired")
    assert [finding.event.failures for finding in findings] == counts


@pytest.mark.parametrize(("answered", "how"), [("2026-03-03", "resolved"), ("2026-03-04", "ended")])
def test_an_action_on_the_last_day_of_the_order_answers_a_failure(answered: str, how: str) -> None:
    order = f.order("2026-01-05", "2026-03-03")
    case = on("2026-03-04", SERVICE, order, FIRST, f.action(answered, contact="C1"))
    assert case.closed("EnforcementActionRequired") == {"C1": how}


def test_a_failure_of_the_future_waits_for_its_day() -> None:
    before = on("2026-03-01", SERVICE, ORDER, FIRST)
    assert before.findings("EnforcementActionRequired") == []
    assert str(before.wake_on) == "2026-03-02"
    assert list(on("2026-03-02", SERVICE, ORDER, FIRST).open("EnforcementActionRequired")) == ["C1"]


# -- ENF-10: Monday 2 March 2026 within two business days is Wednesday 4 March ------------------------


@pytest.mark.parametrize(
    ("failed", "due", "late"),
    [
        pytest.param("2026-03-02", "2026-03-04", "2026-03-05", id="from Monday"),
        pytest.param("2026-03-06", "2026-03-10", "2026-03-11", id="over a weekend"),
        pytest.param("2026-03-07", "2026-03-10", "2026-03-11", id="from Saturday"),
        pytest.param("2026-04-02", "2026-04-08", "2026-04-09", id="over Easter"),
    ],
)
def test_the_letter_is_due_within_two_business_days(failed: str, due: str, late: str) -> None:
    facts = [ORDER, f.missed(failed, id="C1")]
    in_time = on(due, SERVICE, *facts)
    assert in_time.open("WarningLetterOverdue") == {}
    assert str(in_time.wake_on) == late
    assert on(late, SERVICE, *facts).open("WarningLetterOverdue") == {
        "C1": WarningLetterOverdue(
            **f.PLACE, contact_id="C1", sentence_id="S1", due_on=date.fromisoformat(due)
        )
    }


@table(
    """
    | case                                           | fact                                               | overdue |
    | a warning in the last minute                   | 2026-03-04T23:59 action contact=C1                 | False   |
    | a warning a minute later                       | 2026-03-05T00:00 action contact=C1                 | True    |
    | a letter                                       | 2026-03-03 action letter sent contact=C1           | False   |
    | no letter needed                               | 2026-03-03 action no further action contact=C1     | False   |
    | a breach of the order                          | 2026-03-03 action breach initiated                 | False   |
    | a breach pack is no letter                     | 2026-03-03 action breach pack completed contact=C1 | True    |
    | a letter for another contact                   | 2026-03-03 action contact=C2                       | True    |
    | a letter that names no contact                 | 2026-03-03 action                                  | False   |
    | a letter that names no contact, on the day     | 2026-03-02 action                                  | False   |
    | a letter that names no contact, the day before | 2026-03-01 action                                  | True    |
    | a letter that names no contact, too late       | 2026-03-05 action                                  | True    |
    | a breach pack for the order is none            | 2026-03-03 action breach pack completed            | True    |
    """,  # noqa: E501
)
def test_what_counts_as_a_letter_in_time(fact: f.Fact, overdue: bool) -> None:
    case = on("2026-03-20", SERVICE, ORDER, FIRST, fact)
    assert list(case.open("WarningLetterOverdue")) == ["C1"] * overdue


def test_a_licence_holder_gets_a_letter_in_time_as_well() -> None:
    case = on("2026-03-05", SERVICE, *LICENCE, f.missed("2026-03-02", id="C1", sentence="L1"))
    assert list(case.open("WarningLetterOverdue")) == ["C1"]
