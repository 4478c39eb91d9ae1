"""All services give the same answers to questions that they share."""

from __future__ import annotations

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE as ENFORCEMENT
from services.referrals.app import SERVICE as REFERRALS
from tests import facts as f
from tests.casebook import on

# -- the repeal of post-sentence supervision (ENF-34) ----------------------------------------------

REPEALED = (f.custodial("2025-01-06", id="S1"), f.released("2025-06-02", "2025-12-01", "2026-11-30"))


@pytest.mark.parametrize(
    ("service", "before", "after"),
    [
        (ALLOCATION, "awaiting_risk", "ended"),
        (CONTACTS, "post_sentence_supervision", "ended"),
        (ENFORCEMENT, "supervised", "ended"),
        (REFERRALS, "open", "closed"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_post_sentence_supervision_is_over_with_its_repeal(service: object, before: str, after: str) -> None:
    facts = (*REPEALED, f.risk("2025-06-02")) if service is CONTACTS else REPEALED
    assert on("2026-05-10", service, *facts).status == before  # type: ignore[arg-type]
    assert on("2026-05-11", service, *facts).status == after  # type: ignore[arg-type]
    assert on("2026-06-15", service, *facts).status == after  # type: ignore[arg-type]


def test_allocation_publishes_that_supervision_ended_with_the_repeal() -> None:
    event = on("2026-06-15", ALLOCATION, *REPEALED).one("SupervisionEnded")
    assert (event.ended_on.isoformat(), event.reason) == ("2026-05-10", "repealed")


def test_a_failure_from_before_the_repeal_still_requires_action() -> None:
    missed = f.missed("2026-05-08", id="C1")
    letter = on("2026-06-15", ENFORCEMENT, *REPEALED, missed).one("WarningLetterOverdue")
    assert letter.due_on.isoformat() == "2026-05-12"


def test_an_absence_from_before_the_repeal_must_still_be_decided() -> None:
    absent = f.contact("2026-05-08", "failed_to_attend", id="C1")
    assert on("2026-06-15", CONTACTS, *REPEALED, absent).one("AbsenceUndecided").contact_id == "C1"
    assert on("2026-12-01", CONTACTS, *REPEALED, absent).closed("AbsenceUndecided") == {"C1": "ended"}


# -- two overlapping periods in custody (ENF-35) ---------------------------------------------------

TWO = (
    f.taken("2025-01-15"),
    f.left("2025-01-22"),
    f.taken("2025-01-18", id="K2"),
    f.left("2025-01-27", id="K2"),
)
ONE = (f.taken("2025-01-15"), f.left("2025-01-27"))


@pytest.mark.parametrize("custody", [ONE, TWO], ids=["recorded as one", "recorded as two that overlap"])
def test_the_first_appointment_is_due_after_days_outside_custody(custody: tuple[f.Fact, ...]) -> None:
    event = on("2025-03-01", CONTACTS, f.order("2025-01-13"), *custody).one("InitialAppointmentOverdue")
    assert event.due_on.isoformat() == "2025-01-30"


@pytest.mark.parametrize("custody", [ONE, TWO], ids=["recorded as one", "recorded as two that overlap"])
def test_unpaid_work_is_due_to_start_after_days_outside_custody(custody: tuple[f.Fact, ...]) -> None:
    order = f.order("2025-01-13", None, "unpaid_work")
    event = on("2025-04-01", REFERRALS, order, *custody).one("UnpaidWorkStartOverdue")
    assert event.due_on.isoformat() == "2025-02-20"


# -- a change of practitioner refused, then approved (ALLOC-2, CONT-30) ----------------------------

CHANGE = (
    f.order("2026-01-15"),
    f.allocated("2026-01-16", to="P1"),
    f.change_asked("2026-02-10"),
    f.decided("2026-02-12", "practitioner_change", False),
    f.decided("2026-02-16", "practitioner_change", True),
)


def test_a_change_that_was_approved_after_a_refusal_is_requested() -> None:
    (request,) = on("2026-02-17", ALLOCATION, *CHANGE, f.risk("2026-01-15")).requests
    assert request.key == "S1/2"


@pytest.mark.parametrize(
    ("day", "failures"),
    [
        pytest.param("2026-02-12", [], id="until it is refused: handover"),
        pytest.param("2026-02-13", ["C1"], id="refused: no handover"),
        pytest.param("2026-02-17", [], id="approved after all: handover again"),
    ],
)
def test_the_handover_continues_after_such_an_approval(day: str, failures: list[str]) -> None:
    contact = f.contact(day, "unacceptable_absence", id="C1")
    assert [*on("2026-03-01", CONTACTS, *CHANGE, contact).open("ContactMissed")] == failures


# -- a variation dated before the order was imposed ------------------------------------------------

VARIED = (
    f.order("2026-01-15", "2026-12-31", "rar 20, unpaid_work 100"),
    f.varied("2026-01-10", "2026-06-30", "rar 5, unpaid_work 60"),
)


def test_a_variation_before_the_order_was_imposed_sets_the_end() -> None:
    assert on("2026-07-01", ALLOCATION, *VARIED).one("SupervisionEnded").ended_on.isoformat() == "2026-06-30"
    assert on("2026-07-01", CONTACTS, *VARIED).status == "ended"
    assert on("2026-07-01", ENFORCEMENT, *VARIED).status == "ended"
    assert on("2026-07-01", REFERRALS, *VARIED).status == "closed"


def test_a_variation_before_the_order_was_imposed_sets_the_requirements() -> None:
    credited = on(
        "2026-02-01",
        REFERRALS,
        *VARIED,
        f.session("2026-02-01", requirement="UPW", id="W1", activity="unpaid_work"),
    )
    assert credited.one("UnpaidWorkCredited").ordered_minutes == 60 * 60
    used = on("2026-02-01", REFERRALS, *VARIED, f.session("2026-02-01", requirement="RAR", id="A1"))
    assert used.one("RarDayUsed").ordered == 5
