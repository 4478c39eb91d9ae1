"""The views for managers, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from schemas import language
from schemas.practice import PersonMerged
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.engine.running import Office, Told, at, office

ORDER = f.order("2026-01-05", "2027-12-31")
MINE = f.allocated("2026-01-06", to="P1")
F1, F2 = f.missed("2026-03-02", id="F1"), f.missed("2026-03-09", id="F2")
INITIATED = f.action("2026-03-10", "breach_initiated", "F2")
PACKED = f.action("2026-03-16", "breach_pack_completed")
LAID = f.action("2026-03-18", "breach_information_laid")
ABSENCES = [f.excused(day, "medical") for day in ("2026-02-02", "2026-02-09", "2026-02-16")]
TODAY = "2026-05-11"


@pytest.fixture
async def opened(database: str) -> AsyncIterator[Office]:
    async with office(database, SERVICE, language) as made:
        await made.day(TODAY)
        yield made


async def tell(office: Office, subject: str, *facts: f.Fact) -> None:
    told = [Told(fact.data, subject, f"{subject}-{n}", at(TODAY)) for n, fact in enumerate(facts)]
    await office.take(*told)


async def view(office: Office, query: str) -> list[tuple[Any, ...]]:
    query = query if query.startswith("select") else f"select * from {query}"
    return sorted((tuple(row) for row in await office.rows(query)), key=str)


async def test_actions_due_by_practitioner_and_age(opened: Office) -> None:
    recent = f.missed("2026-05-08", id="F3")
    await tell(opened, "X000001", ORDER, MINE, F1)
    await tell(opened, "X000002", ORDER, MINE, recent)
    await tell(opened, "X000003", ORDER, f.allocated("2026-01-06", to="P2"), *ABSENCES)
    await tell(opened, "X000004", ORDER, MINE, F1, f.action("2026-03-03", contact="F1"))
    assert await view(opened, "actions_due") == [
        ("london", "camden", "P1", "EnforcementActionRequired", "over 4 weeks", 1, 1),
        ("london", "camden", "P1", "EnforcementActionRequired", "under a week", 1, 0),
        ("london", "camden", "P2", "ManagerReviewRequired", "over 4 weeks", 1, 0),
    ]


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ((), "required"),
        ((INITIATED,), "initiated"),
        ((INITIATED, PACKED), "pack_completed"),
        ((INITIATED, PACKED, LAID), "information_laid"),
        ((INITIATED, PACKED, LAID, f.heard("2026-04-13", "adjourned")), "before_court"),
        ((INITIATED, PACKED, LAID, f.heard("2026-04-13")), None),
        ((INITIATED, f.revoked("2026-04-13")), None),
        ((f.died("2026-04-13"),), None),
    ],
)
async def test_live_breaches_by_stage(opened: Office, facts: tuple[f.Fact, ...], stage: str | None) -> None:
    await tell(opened, "X000001", ORDER, MINE, F1, F2, *facts)
    assert await view(opened, "live_breaches") == [("london", "camden", "P1", stage, 1)] * bool(stage)


async def test_warnings_in_force(opened: Office) -> None:
    await tell(opened, "X000001", ORDER, MINE, F1, f.action("2026-03-03", contact="F1"))
    old = [f.missed("2025-05-05", id="F0"), f.action("2025-05-06", contact="F0")]
    await tell(opened, "X000002", f.order("2025-01-06", "2027-12-31"), MINE, *old)
    withdrawn = f.taken_back("2026-03-20", "2026-03-02", id="F1")
    await tell(opened, "X000003", ORDER, MINE, f.action("2026-03-03", contact="F1"), withdrawn)
    assert await view(opened, "warnings_in_force") == [
        ("X000001", "london", "camden", "P1", "S1", "warning", date(2026, 3, 3), date(2027, 3, 2))
    ]


async def test_days_from_a_failure_to_letter_pack_and_court(opened: Office) -> None:
    letter = f.action("2026-03-04", contact="F1")
    court = f.heard("2026-04-13", "adjourned")
    await tell(opened, "X000001", ORDER, F1, letter, F2, INITIATED, PACKED, LAID, court)
    await tell(opened, "X000002", ORDER, F1)
    month = date(2026, 3, 1)
    assert await view(opened, "enforcement_times") == [
        ("london", "camden", "breach", month, 1, 1, 1.0, 1),
        ("london", "camden", "court", month, 1, 1, 35.0, 35),
        ("london", "camden", "information", month, 1, 1, 9.0, 9),
        ("london", "camden", "letter", month, 3, 2, 1.5, 2),
        ("london", "camden", "pack", month, 1, 1, 7.0, 7),
    ]


async def test_the_share_of_breaches_that_follow_a_review_and_what_courts_imposed(opened: Office) -> None:
    breach = [F1, F2, INITIATED]
    fined = f.heard("2026-04-13", "proven_continued", sanction="fine", fine_pounds=500)
    spared = f.heard("2026-04-13", "proven_continued", sanction="none")
    await tell(opened, "X000001", ORDER, *ABSENCES, *breach, fined)
    await tell(opened, "X000002", ORDER, *breach, spared)
    await tell(opened, "X000003", ORDER, *breach)
    await tell(opened, "X000004", ORDER, *ABSENCES)
    query = (
        "select after_review, breaches, percent::float, concluded, no_sanction, fine, fines_pounds, "
        "highest_fine_pounds from breaches_after_review"
    )
    assert await view(opened, query) == [
        (False, 2, 66.7, 1, 1, 0, None, None),
        (True, 1, 33.3, 1, 0, 1, 500, 500),
    ]


async def test_a_person_whose_record_went_into_another_is_counted_once(opened: Office) -> None:
    await tell(opened, "X000001", ORDER, MINE, F1, F2)
    await opened.take(Told(PersonMerged(into="X000009"), "X000001", "merged", at(TODAY, 10)))
    assert [row[-1] for row in await view(opened, "live_breaches")] == [1]
    assert {row[0] for row in await view(opened, "select subject from open_cases")} == {"X000009"}


LICENCE = [f.custodial("2025-01-06"), f.released("2026-01-05", "2026-12-31"), f.allocated("2026-01-06")]


async def test_recalls_in_progress_with_what_is_missing(opened: Office) -> None:
    begun = [
        f.action("2026-05-08T09:00", "recall_recommended", "F1"),
        f.action("2026-05-08T11:00", "recall_manager_agreed", "F1"),
    ]
    dropped = f.action("2026-05-08T12:00", "no_further_action", "F1")
    await tell(opened, "X000001", *LICENCE, F1, *begun)
    await tell(opened, "X000002", *LICENCE, F1, *begun, dropped)
    await tell(opened, "X000003", *LICENCE, F1, *begun, f.recall_decided("2026-05-09"))
    await tell(opened, "X000004", *LICENCE, F1, *begun, f.died("2026-05-10"))
    query = (
        "select subject, practitioner, sentence_id, stage, missing, part_a_due_at, part_a_sent_at"
        " from recalls_in_progress"
    )
    missing, due_at = "recall_senior_endorsed", f.moment("2026-05-09T11:00")
    assert await view(opened, query) == [
        ("X000001", "P1", "S1", "recall_manager_agreed", missing, due_at, None)
    ]


async def test_recall_that_waits_to_be_considered_is_among_the_actions_due(opened: Office) -> None:
    await tell(opened, "X000001", *LICENCE, f.taken("2026-05-08"))
    assert await view(opened, "actions_due") == [
        ("london", "camden", "P1", "RecallConsidered", "under a week", 1, 0)
    ]


async def test_a_breach_to_withdraw_is_as_old_as_the_breach(opened: Office) -> None:
    back = f.taken_back("2026-03-20", "2026-03-09", id="F2")
    await tell(opened, "X000001", ORDER, MINE, F1, INITIATED, back)
    rows = await view(opened, "select item, age from actions_due")
    assert ("BreachWithdrawalDue", "over 4 weeks") in rows
