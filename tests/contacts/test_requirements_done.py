"""Supervision after all requirements of an order are complete cannot be enforced (CONT-28, CONT-29)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.contacts import (
    AbsenceUndecided,
    ContactExcused,
    ContactMissed,
    ContactStandardMissed,
    OutcomeOverdue,
)
from schemas.envelope import Withdrawn
from services.contacts.app import SERVICE
from shared.policy import Policy
from tests.contacts.facts import (
    WHY,
    Known,
    completed,
    contact,
    custodial,
    order,
    released,
    scheduled,
    sentence,
    session,
    varied,
)
from tests.ledger import Ledger

END = "2027-01-14"
WORK = order("2026-01-15", END, only=("unpaid_work",))
WORK_AND_PROGRAMME = order("2026-01-15", END, only=("unpaid_work", "accredited_programme"))
MISSED = contact("2026-03-10", "unacceptable_absence", id="C1")


def failed(*facts: Any, policy: Policy | None = None) -> bool:
    known = Known(*facts, MISSED)
    said = known.on("2026-04-01", policy) if policy else known.on("2026-04-01")
    return said.open(ContactMissed) == ["C1"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([WORK], True, id="not complete"),
        pytest.param([WORK, completed("2026-03-09")], False, id="complete the day before: not enforceable"),
        pytest.param([WORK, completed("2026-03-10")], True, id="complete that day"),
        pytest.param([WORK, completed("2026-03-11")], True, id="complete the day after"),
        pytest.param([WORK_AND_PROGRAMME, completed("2026-02-01")], True, id="one of two complete"),
        pytest.param(
            [WORK_AND_PROGRAMME, completed("2026-02-01"), completed("2026-03-09", "R2")],
            False,
            id="both complete",
        ),
        pytest.param(
            [
                order("2026-01-15", END, only=("unpaid_work", "rar")),
                completed("2026-02-01"),
                completed("2026-02-01", "R2", kind="rar"),
            ],
            True,
            id="a rehabilitation activity requirement among them: power to the end",
        ),
        pytest.param([order("2026-01-15", END, only=()), completed("2026-02-01")], True, id="none recorded"),
        pytest.param([WORK, completed("2026-02-01", sentence="S2")], True, id="of another sentence"),
        pytest.param([WORK, completed("2026-02-01", "R9")], True, id="of a requirement that it has not"),
        pytest.param(
            [
                sentence("suspended_sentence_order", "2026-01-15", END, only=("unpaid_work",)),
                completed("2026-02-01"),
            ],
            False,
            id="a suspended sentence order too",
        ),
        pytest.param(
            [custodial("2026-01-01"), released("2026-01-15", END), completed("2026-02-01")],
            True,
            id="a licence requires attendance to its end",
        ),
    ],
)
def test_supervision_is_enforceable_until_the_last_requirement_is_complete(
    facts: Any, expected: bool
) -> None:
    assert failed(*facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [WORK, completed("2026-02-01"), varied("2026-02-20", END, only=("unpaid_work", "curfew"))],
            True,
            id="another one added by the court before",
        ),
        pytest.param(
            [WORK, completed("2026-02-01"), varied("2026-03-10", END, only=("unpaid_work", "curfew"))],
            True,
            id="added that day",
        ),
        pytest.param(
            [WORK, completed("2026-02-01"), varied("2026-03-11", END, only=("unpaid_work", "curfew"))],
            False,
            id="added the day after",
        ),
        pytest.param(
            [WORK_AND_PROGRAMME, completed("2026-02-01"), varied("2026-02-20", END, only=("unpaid_work",))],
            False,
            id="the open one taken away",
        ),
        pytest.param(
            [
                WORK,
                completed("2026-02-01"),
                varied("2026-02-25", END, only=("unpaid_work",)),
                varied("2026-02-20", END, only=("unpaid_work", "rar")),
            ],
            False,
            id="the latest variation counts",
        ),
        pytest.param(
            [WORK, completed("2026-02-01"), varied("2026-02-20", END, "S2")],
            False,
            id="one of another sentence",
        ),
    ],
)
def test_the_requirements_are_those_in_force_that_day(facts: Any, expected: bool) -> None:
    assert failed(*facts) == expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(contact("2026-03-10", "unacceptable_absence", id="C1"), False, id="supervision"),
        pytest.param(
            contact("2026-03-10", "unacceptable_absence", id="C1", requirement="R1"),
            True,
            id="a contact for a requirement",
        ),
        pytest.param(session("2026-03-10", "unacceptable_absence", id="C1"), True, id="a provider's session"),
    ],
)
def test_only_supervision_loses_its_force(fact: Any, expected: bool) -> None:
    said = Known(WORK, completed("2026-02-01"), fact).on("2026-04-01")
    assert said.open(ContactMissed) == ["C1"] * expected


def test_a_providers_session_that_the_practitioner_recorded_too_keeps_its_force() -> None:
    facts = [session("2026-03-10", id="C1"), MISSED]
    assert Known(WORK, completed("2026-02-01"), *facts).on("2026-04-01").open(ContactMissed) == ["C1"]


@pytest.mark.parametrize(
    ("fact", "kind"),
    [
        (contact("2026-03-10", "unacceptable_absence"), ContactMissed),
        (contact("2026-03-10", "acceptable_absence"), ContactExcused),
        (contact("2026-03-10", "failed_to_attend"), AbsenceUndecided),
        (scheduled("2026-03-10"), OutcomeOverdue),
    ],
)
def test_nothing_is_then_published_of_supervision(fact: Any, kind: type) -> None:
    assert len(Known(WORK, fact).on("2026-04-01").of(kind)) == 1
    assert Known(WORK, completed("2026-02-01"), fact).on("2026-04-01").of(kind) == []


def test_an_appointment_for_a_requirement_still_needs_an_outcome() -> None:
    appointment = scheduled("2026-03-10", id="C1", requirement="R1")
    assert Known(WORK, completed("2026-02-01"), appointment).on("2026-04-01").open(OutcomeOverdue) == ["C1"]


def test_the_general_duty_to_keep_in_touch_stays_so_does_the_monthly_standard() -> None:
    programme = order("2026-01-15", END, only=("accredited_programme",))
    said = Known(programme, completed("2026-02-01")).on("2026-04-15")
    assert said.open(ContactStandardMissed) == ["S1/2026-01-15", "S1/2026-02-15", "S1/2026-03-15"]


def promised(folder: Path, since: str) -> Policy:
    """The policy in which the promised power is in force from a day on."""
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
    [("2026-03-10", True), ("2026-03-11", False)],
    ids=["in force that day: enforceable", "from the day after: not"],
)
def test_with_the_promised_power_attendance_can_be_required_to_the_end_of_the_order(
    tmp_path: Path, since: str, expected: bool
) -> None:
    policy = promised(tmp_path, since)
    assert failed(WORK, completed("2026-02-01"), policy=policy) == expected


def test_a_completion_withdrawn_restores_what_followed() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-03-10")
    ledger.tell(WORK, MISSED)
    assert [event.contact_id for event in ledger.standing("ContactMissed")] == ["C1"]
    done = ledger.tell(completed("2026-02-01"))
    assert ledger.withdrawals("ContactMissed") == [("C1", "corrected")]
    ledger.tell(
        Withdrawn(
            withdraws=done, withdrawn_type="RequirementCompleted", key="R1", reason="corrected", why=WHY
        )
    )
    assert [event.contact_id for event in ledger.standing("ContactMissed")] == ["C1"]
