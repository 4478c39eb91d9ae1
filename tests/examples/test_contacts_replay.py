"""Contact standards where two records are one person's, and under another policy (CONT-28, 29; part 5)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pytest

from services.contacts.app import SERVICE
from tests import facts as f
from tests.examples.test_replay import A, B, into, line, standing, withdrawals
from tests.facts import Fact
from tests.policies import changed
from tests.replaying import Replayed, on_databases
from tools.services import SERVICES

TREATED = [
    f.risk("2024-12-20", "high"),
    f.order("2025-01-06", "2026-12-31", "drug_rehabilitation 2 DR"),
    f.session("2025-03-03", requirement="DR"),
    f.session("2025-03-10", requirement="DR"),
    f.contact("2025-04-07", "unacceptable_absence", id="C1"),
]
"""An order of 6 January 2025 on a person of high risk, treated on 3 and 10 March, and failed on 7 April."""


def every(days: int, since: str, sentence: str = "S1") -> dict[str, Any]:
    """A plan from a day on."""
    return {"sentence_id": sentence, "regime": "standard", "face_to_face_every_days": days, "from": since}


ALLOCATED = [f.practitioner("2020-01-01"), f.order("2026-06-01"), f.risk("2026-06-02")]


class Told(Protocol):
    """What is published by a day, under the policy files of a folder if one is given."""

    async def __call__(self, facts: Sequence[Fact], until: str, policy: Path | None = None) -> Replayed: ...


@pytest.fixture
async def told(create_database: Callable[[], Awaitable[str]]) -> Told:
    databases = {service.name: await create_database() for service in SERVICES}

    async def run(facts: Sequence[Fact], until: str, policy: Path | None = None) -> Replayed:
        async with on_databases(databases.__getitem__, policy) as engines:
            return await engines.run(map(line, facts), date.fromisoformat(until))

    return run


def found(outcome: Replayed, type: str) -> list[dict[str, Any]]:
    """What stands of a type; all of it is about the record that stays."""
    events = standing(outcome.published).get(type, [])
    assert {event["subject"] for event in events} <= {B}
    return [
        {name: event[name] for name in event if name not in ("why", "limited", "subject")} for event in events
    ]


def plans(outcome: Replayed) -> list[dict[str, Any]]:
    """The plans, as the examples write them."""
    names = ("sentence_id", "regime", "face_to_face_every_days", "from")
    return sorted(
        ({name: event[name] for name in names} for event in found(outcome, "ContactPlanSet")),
        key=lambda plan: (plan["from"], plan["sentence_id"]),
    )


async def test_a_contact_on_the_record_that_went_restores_the_month(told: Told) -> None:
    facts = [f.order("2026-06-01"), f.contact("2026-06-10").about(A), into("2026-07-03")]
    outcome = await told(facts, "2026-07-03")
    assert found(outcome, "ContactStandardMissed") == []
    assert ("ContactStandardMissed", "corrected") in withdrawals(outcome.published, B)


async def test_a_registration_on_the_record_that_went_asks_for_a_home_visit(told: Told) -> None:
    facts = [*ALLOCATED, f.registered("2026-06-10").about(A), into("2026-06-17")]
    outcome = await told(facts, "2026-06-17")
    [visit] = found(outcome, "HomeVisitRequired")
    assert (visit["registration"], visit["due_on"]) == ("G-domestic_abuse", "2026-07-08")


async def test_a_risk_assessed_on_the_record_that_went_sets_the_plan(told: Told) -> None:
    facts = [
        f.risk("2026-05-20"),
        f.order("2026-06-01"),
        f.risk("2026-08-10", "high").about(A),
        into("2026-08-17"),
    ]
    outcome = await told(facts, "2026-08-17")
    assert plans(outcome) == [every(7, "2026-06-01"), every(14, "2026-06-29"), every(7, "2026-08-10")]


async def test_custody_on_the_record_that_went_suspends_contact(told: Told) -> None:
    outcome = await told(
        [f.order("2026-06-01"), f.taken("2026-06-10").about(A), into("2026-06-17")], "2026-06-17"
    )
    [suspended] = found(outcome, "ContactSuspended")
    assert (suspended["from"], suspended["ground"]) == ("2026-06-10", "custody")


async def test_the_most_intensive_plan_of_both_records_wins(told: Told) -> None:
    facts = [
        f.risk("2026-05-20"),
        f.order("2026-06-01"),
        f.order("2026-09-01", "2027-08-31", id="S2").about(A),
        into("2026-09-14"),
    ]
    outcome = await told(facts, "2026-10-31")
    assert plans(outcome) == [
        every(7, "2026-06-01"),
        every(14, "2026-06-29"),
        every(7, "2026-09-01"),
        every(7, "2026-09-01", sentence="S2"),
        every(14, "2026-09-29"),
        every(14, "2026-09-29", sentence="S2"),
    ]
    assert ("ContactPlanSet", "merged") in withdrawals(outcome.published, A)


def with_power(folder: Path, since: str) -> Path:
    """A policy under which attendance may be required for the whole of orders made from that day on."""
    before, after = {"value": "false", "effective_to": since}, {"value": "true", "effective_from": since}
    changed(SERVICE, folder, whole_order_power=[before, after])
    return folder


async def test_with_the_power_for_the_whole_order_the_frequency_stays(told: Told, tmp_path: Path) -> None:
    outcome = await told(TREATED, "2025-04-30", with_power(tmp_path, "2025-01-01"))
    assert plans(outcome) == [every(7, "2025-01-06")]
    [missed] = found(outcome, "ContactMissed")
    assert missed["contact_id"] == "C1"


async def test_the_power_is_over_nobody_who_was_sentenced_before_it_came_into_force(
    told: Told, tmp_path: Path
) -> None:
    late = f.contact("2025-04-16", "unacceptable_absence", id="C2")
    outcome = await told([*TREATED, late], "2025-04-30", with_power(tmp_path, "2025-01-07"))
    assert plans(outcome)[-1] == every(30, "2025-03-11")
    assert found(outcome, "ContactMissed") == []
