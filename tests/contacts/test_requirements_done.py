"""Supervision after all requirements of an order are complete cannot be enforced (CONT-28, CONT-29)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.contacts.app import SERVICE
from shared.policy import Policy
from tests import facts as f
from tests.contacts.said import assessed
from tests.ledger import Ledger
from tests.table import table

END = "2027-01-14"
WORK = f.order("2026-01-15", END, "unpaid_work R1")
WORK_AND_PROGRAMME = f.order("2026-01-15", END, "unpaid_work R1, accredited_programme R2")
MISSED = f.contact("2026-03-10", "unacceptable_absence", id="C1")


def failed(*facts: Any, policy: Policy | None = None) -> bool:
    known = [*facts, MISSED]
    said = assessed("2026-04-01", *known, policy=policy) if policy else assessed("2026-04-01", *known)
    return [*said.open("ContactMissed")] == ["C1"]


@table(
    """
    | case                                                               | expected | facts |
    | not complete                                                       | True     | WORK |
    | complete the day before: not enforceable                           | False    | WORK; 2026-03-09 completed R1 unpaid work |
    | complete that day                                                  | True     | WORK; 2026-03-10 completed R1 unpaid work |
    | complete the day after                                             | True     | WORK; 2026-03-11 completed R1 unpaid work |
    | one of two complete                                                | True     | WORK_AND_PROGRAMME; 2026-02-01 completed R1 unpaid work |
    | both complete                                                      | False    | WORK_AND_PROGRAMME; 2026-02-01 completed R1 unpaid work |
    |                                                                    |          | 2026-03-09 completed R2 unpaid work |
    | a rehabilitation activity requirement among them: power to the end | True     | 2026-01-15 order ends=2027-01-14 requires="unpaid_work R1, rar R2" |
    |                                                                    |          | 2026-02-01 completed R1 unpaid work; 2026-02-01 completed R2 rar |
    | none recorded                                                      | True     | 2026-01-15 order ends=2027-01-14 requires="" |
    |                                                                    |          | 2026-02-01 completed R1 unpaid work |
    | of another sentence                                                | True     | WORK; 2026-02-01 completed R1 unpaid work sentence=S2 |
    | of a requirement that it has not                                   | True     | WORK; 2026-02-01 completed R9 unpaid work |
    | a suspended sentence order too                                     | False    | 2026-01-15 order ends=2027-01-14 requires="unpaid_work R1" kind=suspended_sentence_order |
    |                                                                    |          | 2026-02-01 completed R1 unpaid work |
    | a licence requires attendance to its end                           | True     | 2026-01-01 custodial; 2026-01-15 released ends=2027-01-14 |
    |                                                                    |          | 2026-02-01 completed R1 unpaid work |
    """,  # noqa: E501
    WORK=WORK,
    WORK_AND_PROGRAMME=WORK_AND_PROGRAMME,
)
def test_supervision_is_enforceable_until_the_last_requirement_is_complete(
    facts: Any, expected: bool
) -> None:
    assert failed(*facts) == expected


@table(
    """
    | case                                  | expected | facts |
    | another one added by the court before | True     | WORK; 2026-02-01 completed R1 unpaid work |
    |                                       |          | 2026-02-20 varied ends=2027-01-14 requires="unpaid_work R1, curfew R2" |
    | added that day                        | True     | WORK; 2026-02-01 completed R1 unpaid work |
    |                                       |          | 2026-03-10 varied ends=2027-01-14 requires="unpaid_work R1, curfew R2" |
    | added the day after                   | False    | WORK; 2026-02-01 completed R1 unpaid work |
    |                                       |          | 2026-03-11 varied ends=2027-01-14 requires="unpaid_work R1, curfew R2" |
    | the open one taken away               | False    | WORK_AND_PROGRAMME; 2026-02-01 completed R1 unpaid work |
    |                                       |          | 2026-02-20 varied ends=2027-01-14 requires="unpaid_work R1" |
    | the latest variation counts           | False    | WORK; 2026-02-01 completed R1 unpaid work |
    |                                       |          | 2026-02-25 varied ends=2027-01-14 requires="unpaid_work R1" |
    |                                       |          | 2026-02-20 varied ends=2027-01-14 requires="unpaid_work R1, rar R2" |
    | one of another sentence               | False    | WORK; 2026-02-01 completed R1 unpaid work |
    |                                       |          | 2026-02-20 varied S2 ends=2027-01-14 requires="rar R1" |
    """,  # noqa: E501
    WORK=WORK,
    WORK_AND_PROGRAMME=WORK_AND_PROGRAMME,
)
def test_the_requirements_are_those_in_force_that_day(facts: Any, expected: bool) -> None:
    assert failed(*facts) == expected


@table(
    """
    | case                        | fact                                                      | expected |
    | supervision                 | 2026-03-10 contact C1 unacceptable absence                | False    |
    | a contact for a requirement | 2026-03-10 contact C1 unacceptable absence requirement=R1 | True     |
    | a provider's session        | 2026-03-10 work C1 unacceptable absence requirement=R1    | True     |
    """,
)
def test_only_supervision_loses_its_force(fact: Any, expected: bool) -> None:
    said = assessed("2026-04-01", WORK, f.completed("2026-02-01", "unpaid_work", id="R1"), fact)
    assert [*said.open("ContactMissed")] == ["C1"] * expected


def test_a_providers_session_that_the_practitioner_recorded_too_keeps_its_force() -> None:
    facts = [f.work("2026-03-10", requirement="R1", id="C1"), MISSED]
    assert [
        *assessed("2026-04-01", WORK, f.completed("2026-02-01", "unpaid_work", id="R1"), *facts).open(
            "ContactMissed"
        )
    ] == ["C1"]


@pytest.mark.parametrize(
    ("fact", "kind"),
    [
        (f.contact("2026-03-10", "unacceptable_absence"), "ContactMissed"),
        (f.contact("2026-03-10", "acceptable_absence"), "ContactExcused"),
        (f.contact("2026-03-10", "failed_to_attend"), "AbsenceUndecided"),
        (f.scheduled("2026-03-10"), "OutcomeOverdue"),
    ],
)
def test_nothing_is_then_published_of_supervision(fact: Any, kind: str) -> None:
    assert len(assessed("2026-04-01", WORK, fact).findings(kind)) == 1
    assert (
        assessed("2026-04-01", WORK, f.completed("2026-02-01", "unpaid_work", id="R1"), fact).findings(kind)
        == []
    )


def test_an_appointment_for_a_requirement_still_needs_an_outcome() -> None:
    appointment = f.scheduled("2026-03-10", id="C1", requirement="R1")
    assert [
        *assessed("2026-04-01", WORK, f.completed("2026-02-01", "unpaid_work", id="R1"), appointment).open(
            "OutcomeOverdue"
        )
    ] == ["C1"]


def test_the_general_duty_to_keep_in_touch_stays_so_does_the_monthly_standard() -> None:
    programme = f.order("2026-01-15", END, "accredited_programme R1")
    said = assessed("2026-04-15", programme, f.completed("2026-02-01", "unpaid_work", id="R1"))
    assert [*said.open("ContactStandardMissed")] == ["S1/2026-01-15", "S1/2026-02-15", "S1/2026-03-15"]


def promised(folder: Path, since: str) -> Policy:
    """The policy in which the promised power is in force for those sentenced from a day on."""
    text = SERVICE.policy.read_text(encoding="utf-8")
    start = text.index('[[value]]\nname = "whole_order_power"')
    block = text[start : text.find("[[value]]", start + 1)]
    assert "value = false" in block
    after = block.replace("value = false", f"value = true\neffective_from = {since}")
    before = block.replace("value = false", f"value = false\neffective_to = {since}")
    path = folder / "policy.toml"
    path.write_text(text.replace(block, f"{before}\n\n{after}\n"), encoding="utf-8")
    return SERVICE.load_policy(path)


@pytest.mark.parametrize(
    ("since", "expected"),
    [("2026-01-15", True), ("2026-01-16", False)],
    ids=["in force on the day of sentence: enforceable", "only later, if before the contact: not"],
)
def test_with_the_promised_power_attendance_can_be_required_to_the_end_of_the_order(
    tmp_path: Path, since: str, expected: bool
) -> None:
    policy = promised(tmp_path, since)
    assert failed(WORK, f.completed("2026-02-01", "unpaid_work", id="R1"), policy=policy) == expected


def test_a_completion_withdrawn_restores_what_followed() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-03-10")
    ledger.tell(WORK, MISSED)
    assert [event.contact_id for event in ledger.standing("ContactMissed")] == ["C1"]
    done = f.completed("2026-02-01", "unpaid_work", id="R1", event="done")
    ledger.tell(done)
    assert ledger.withdrawals("ContactMissed") == [("C1", "corrected")]
    ledger.tell(f.withdrawn("2026-03-20", done))
    assert [event.contact_id for event in ledger.standing("ContactMissed")] == ["C1"]
