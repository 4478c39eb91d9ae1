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


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([WORK], True, id="not complete"),
        pytest.param(
            [WORK, f.completed("2026-03-09", "unpaid_work", id="R1")],
            False,
            id="complete the day before: not enforceable",
        ),
        pytest.param([WORK, f.completed("2026-03-10", "unpaid_work", id="R1")], True, id="complete that day"),
        pytest.param(
            [WORK, f.completed("2026-03-11", "unpaid_work", id="R1")], True, id="complete the day after"
        ),
        pytest.param(
            [WORK_AND_PROGRAMME, f.completed("2026-02-01", "unpaid_work", id="R1")],
            True,
            id="one of two complete",
        ),
        pytest.param(
            [
                WORK_AND_PROGRAMME,
                f.completed("2026-02-01", "unpaid_work", id="R1"),
                f.completed("2026-03-09", "unpaid_work", id="R2"),
            ],
            False,
            id="both complete",
        ),
        pytest.param(
            [
                f.order("2026-01-15", END, "unpaid_work R1, rar R2"),
                f.completed("2026-02-01", "unpaid_work", id="R1"),
                f.completed("2026-02-01", "rar", id="R2"),
            ],
            True,
            id="a rehabilitation activity requirement among them: power to the end",
        ),
        pytest.param(
            [f.order("2026-01-15", END, ""), f.completed("2026-02-01", "unpaid_work", id="R1")],
            True,
            id="none recorded",
        ),
        pytest.param(
            [WORK, f.completed("2026-02-01", "unpaid_work", id="R1", sentence="S2")],
            True,
            id="of another sentence",
        ),
        pytest.param(
            [WORK, f.completed("2026-02-01", "unpaid_work", id="R9")],
            True,
            id="of a requirement that it has not",
        ),
        pytest.param(
            [
                f.order("2026-01-15", END, "unpaid_work R1", kind="suspended_sentence_order"),
                f.completed("2026-02-01", "unpaid_work", id="R1"),
            ],
            False,
            id="a suspended sentence order too",
        ),
        pytest.param(
            [
                f.custodial("2026-01-01"),
                f.released("2026-01-15", END),
                f.completed("2026-02-01", "unpaid_work", id="R1"),
            ],
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
            [
                WORK,
                f.completed("2026-02-01", "unpaid_work", id="R1"),
                f.varied("2026-02-20", END, "unpaid_work R1, curfew R2"),
            ],
            True,
            id="another one added by the court before",
        ),
        pytest.param(
            [
                WORK,
                f.completed("2026-02-01", "unpaid_work", id="R1"),
                f.varied("2026-03-10", END, "unpaid_work R1, curfew R2"),
            ],
            True,
            id="added that day",
        ),
        pytest.param(
            [
                WORK,
                f.completed("2026-02-01", "unpaid_work", id="R1"),
                f.varied("2026-03-11", END, "unpaid_work R1, curfew R2"),
            ],
            False,
            id="added the day after",
        ),
        pytest.param(
            [
                WORK_AND_PROGRAMME,
                f.completed("2026-02-01", "unpaid_work", id="R1"),
                f.varied("2026-02-20", END, "unpaid_work R1"),
            ],
            False,
            id="the open one taken away",
        ),
        pytest.param(
            [
                WORK,
                f.completed("2026-02-01", "unpaid_work", id="R1"),
                f.varied("2026-02-25", END, "unpaid_work R1"),
                f.varied("2026-02-20", END, "unpaid_work R1, rar R2"),
            ],
            False,
            id="the latest variation counts",
        ),
        pytest.param(
            [
                WORK,
                f.completed("2026-02-01", "unpaid_work", id="R1"),
                f.varied("2026-02-20", END, "rar R1", id="S2"),
            ],
            False,
            id="one of another sentence",
        ),
    ],
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
