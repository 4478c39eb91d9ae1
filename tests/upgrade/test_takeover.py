"""This release takes over the databases that the release before filled, and users notice nothing else.

A new release assesses every case again. What stood still stands, and the following days give the same events
as the release before would have given, but for what this release says in other words (`CHANGED`).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.engine.running import History, Said, said
from tests.upgrade.fill import A_MONTH_LATER, LAST_DAY, play, read
from tools.services import BY_NAME

Create = Callable[[], Awaitable[str]]
Databases = dict[str, str]

CHANGED = {
    "TierCalculated",  # says its generation, and what sets the workload
    "CaseAllocated",  # says who was considered; the workload with the case decides, not that before it
    "PractitionerOverCapacity",  # says the manager
    "TeamOverCapacity",
    "AllocationDue",  # a prisoner is to be allocated before release
    "AllocationOverdue",
    "PartnerCheckDue",  # counts from an allocation that no longer waits for an assessment
    "AllocationReviewRequired",
    *("PreReleaseTaskDue", "PreReleaseTaskOverdue", "HandoverDue", "EarlyEndEligible", "CaseTransferred"),
    "ReferralMade",  # says the programme, and what was considered
    "ReturnToCourtRequired",  # is foreseen before the last day (D7); says what was offered
    *("RequirementAtRisk", "RequirementReviewDue", "EmploymentAssessmentDue", "RarDaysAllocated"),
    *("EligibilityAssessed", "ReferralEnded", "ReferralPaused", "ReferralResumed", "ProviderRecordLate"),
    "ContactPlanSet",  # is enhanced in integrated offender management, and suggests the plan's forms
    "FailureTakenBack",
    "EnforcementActionRequired",  # of licences and post-sentence supervision too; only if the failure counts
    "WarningLetterOverdue",  # counts from the decision on an awaited absence (D3)
    *("EnforcementActionOverdue", "BreachPackOverdue", "BreachInformationOverdue", "ManagerReviewRequired"),
    *("WarningWithdrawn", "RecallConsidered", "RecallTypeDetermined", "RecallDeadlineMissed"),
}
"""The types of which this release says more or other things, or which it is the first to publish."""

BEFORE = Path(__file__).with_name("before")
_QUARANTINED = "select subject, quarantined from cases where quarantined is not null"


def lines(name: str) -> list[bytes]:
    return read(BEFORE / f"{name}.jsonl.gz").splitlines()


@pytest.fixture
async def taken_over(create_database: Create) -> Databases:
    """The address of each service's database, as the release before left it."""
    addresses = {}
    for service in BY_NAME:
        addresses[service] = await create_database()
        connection = await asyncpg.connect(addresses[service])
        await connection.execute(read(BEFORE / f"{service}.sql.gz").decode())
        await connection.close()
    return addresses


async def test_standing_events_still_stand_when_the_last_messages_are_repeated(taken_over: Databases) -> None:
    published = await play(taken_over, lines("last_day"), LAST_DAY)
    assert [event for event in map(json.loads, published) if kind(event) not in CHANGED] == []
    assert await quarantined(taken_over) == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(["last_day"], "published_days", id="no new facts"),
        pytest.param(["last_day", "month"], "published_month", id="new facts"),
    ],
)
async def test_the_next_month_gives_the_same_events_as_the_release_before(
    taken_over: Databases, facts: Sequence[str], expected: str
) -> None:
    arriving = [line for name in facts for line in lines(name)]
    published = await play(taken_over, arriving, A_MONTH_LATER)
    before = by_id(lines(expected))
    assert {id: without_additions(event, before) for id, event in by_id(published).items()} == before
    assert await quarantined(taken_over) == []
    for service in BY_NAME:
        # Reading it checks that sequences continue without gaps, and that only standing events are withdrawn.
        History(value for value in lines("published") + published if source(value) == service)


def by_id(published: Sequence[bytes]) -> dict[str, Said]:
    """The content of each event; for a withdrawal also what it withdraws and why."""
    events = [json.loads(value) for value in published]
    assert len({event["id"] for event in events}) == len(events), "an id twice"
    return {event["id"]: said(event) for event in events if kind(event) not in CHANGED}


def kind(event: Mapping[str, Any]) -> str:
    """The type of an event; of a withdrawal that of what it withdraws."""
    name: str = event["data"].get("withdrawn_type", event["type"])
    return name


def without_additions(event: Said, before: Mapping[str, Said]) -> Said:
    """An event without the fields that this release has added to its type."""
    subject, type, content = event
    known = {name for _, other, data in before.values() if other == type for name in json.loads(data)}
    kept = {name: value for name, value in json.loads(content).items() if name in known}
    return subject, type, json.dumps(kept, sort_keys=True)


def source(value: bytes) -> str:
    """The service that published it."""
    name: str = json.loads(value)["source"]
    return name.rpartition("/")[2]


async def quarantined(databases: Databases) -> list[asyncpg.Record]:
    """The cases that could not be assessed, and why."""
    found = []
    for address in databases.values():
        connection = await asyncpg.connect(address)
        found += await connection.fetch(_QUARANTINED)
        await connection.close()
    return found
