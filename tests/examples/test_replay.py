"""The same examples through the services' engines on databases, as `probation replay` runs them.

Merges and other policies are told here, and lines that are no events.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pytest

from schemas import language
from services.enforcement.app import SERVICE as ENFORCEMENT
from tests import facts as f
from tests.casebook import event_of
from tests.examples.play import play
from tests.facts import Fact
from tests.policies import changed
from tests.replaying import Replayed, on_databases
from tools.services import SERVICES


class Replayer(Protocol):
    """Replays facts (or lines as they are) to a day, under the policy files of a folder if one is given."""

    async def __call__(
        self, facts: Sequence[Fact | bytes], until: str, policy: Path | None = None
    ) -> Replayed: ...


def line(told: Fact) -> bytes:
    """The event as a line of a replay's input."""
    return language.render(event_of(told))


@pytest.fixture
async def replay(create_database: Callable[[], Awaitable[str]]) -> Replayer:
    databases = {service.name: await create_database() for service in SERVICES}

    async def run(facts: Sequence[Fact | bytes], until: str, policy: Path | None = None) -> Replayed:
        lines = [told if isinstance(told, bytes) else line(told) for told in facts]
        async with on_databases(databases.__getitem__, policy) as engines:
            return await engines.run(lines, date.fromisoformat(until))

    return run


def standing(values: Sequence[bytes]) -> dict[str, list[dict[str, Any]]]:
    """The data of what stands, by type, with the subject and the event id."""
    events: dict[str, dict[str, Any]] = {}
    for value in values:
        event = json.loads(value)
        if event["type"] == "Withdrawn":
            del events[event["data"]["withdraws"]]
        else:
            events[event["id"]] = event
    found: dict[str, list[dict[str, Any]]] = {}
    for event in events.values():
        found.setdefault(event["type"], []).append(event["data"] | {"subject": event["subject"]})
    return found


def withdrawals(values: Sequence[bytes], subject: str) -> set[tuple[str, str]]:
    """Type and reason of each withdrawal about a subject."""
    events = [json.loads(value) for value in values]
    return {
        (e["data"]["withdrawn_type"], e["data"]["reason"])
        for e in events
        if e["type"] == "Withdrawn" and e["subject"] == subject
    }


STORY = [
    f.practitioner("2026-01-01"),
    f.order("2026-01-05", "2027-12-31", "rar 2, unpaid_work 40"),
    f.risk("2026-01-07"),
    f.work("2026-02-20", minutes=1200),
    f.work("2026-03-05", "unacceptable_absence", id="U2", minutes=0),
    f.action("2026-03-06", "warning", "U2"),
    f.work("2026-03-20", "sent_home_behaviour", id="U3", minutes=0),
    f.action("2026-03-24", "breach_initiated", "U3"),
    f.heard("2026-04-30", "proven_continued"),
    f.work("2026-05-08", minutes=1200),
    *[f.session(day) for day in ("2026-06-01", "2026-06-02")],
    f.contact("2026-06-20", "failed_to_attend"),
    f.revoked("2026-06-22", "good_progress"),
]
"""From the sentence over a missed session, a warning, a breach and a hearing to the end."""


async def test_the_whole_story_is_the_same_in_memory_and_on_databases(replay: Replayer) -> None:
    outcome = await replay(STORY, "2026-07-31")
    ledger = play(STORY, "2026-07-31")
    assert outcome.published
    assert outcome.dead_letters == []
    told = [language.render(language.read(value, ())[0]) for value in outcome.published]
    assert sorted(told) == sorted(language.render(event) for event in ledger.published)


A, B = "X000009", "X123456"


def into(day: str, **options: Any) -> Fact:
    """The record of A went into that of B."""
    return f.merged(day, B, subject=A, **options)


async def test_what_is_due_goes_over_to_the_record_that_stays(replay: Replayer) -> None:
    outcome = await replay([f.order("2026-06-01").about(A), into("2026-06-03")], "2026-06-08")
    [due] = standing(outcome.published)["AllocationDue"]
    assert (due["subject"], due["sentence_id"], due["due_on"]) == (B, "S1", "2026-06-08")
    assert withdrawals(outcome.published, A) == {
        ("AllocationDue", "merged"),
        ("ContactPlanSet", "merged"),
    }


async def test_failures_on_two_records_of_one_person_make_a_breach(replay: Replayer) -> None:
    facts = [
        f.order("2026-01-05", "2027-12-31"),
        f.order("2026-01-05", "2027-12-31").about(A),
        f.contact("2026-03-05", "unacceptable_absence", id="F1"),
        f.contact("2026-03-20", "unacceptable_absence", id="F2").about(A),
        into("2026-03-23"),
        f.contact("2026-03-24").about(A),
    ]
    outcome = await replay(facts, "2026-03-24")
    found = standing(outcome.published)
    assert {event["subject"] for events in found.values() for event in events} == {B}
    [breach] = found["BreachRequired"]
    assert (breach["contact_id"], breach["failures"]) == ("F2", 2)
    assert {reason for _, reason in withdrawals(outcome.published, A)} == {"merged"}


async def test_a_fact_for_the_record_that_went_is_one_of_the_record_that_stays(replay: Replayer) -> None:
    outcome = await replay([into("2026-06-01"), f.order("2026-06-03").about(A)], "2026-06-03")
    [due] = standing(outcome.published)["AllocationDue"]
    assert due["subject"] == B


async def test_a_merge_that_never_was_gives_the_record_back(replay: Replayer) -> None:
    facts = [
        f.order("2026-06-01").about(A),
        into("2026-06-03"),
        into("2026-06-04", voided=True, event="void"),
    ]
    outcome = await replay(facts, "2026-06-04")
    [due] = standing(outcome.published)["AllocationDue"]
    assert due["subject"] == A
    assert withdrawals(outcome.published, B) == {
        ("AllocationDue", "corrected"),
        ("ContactPlanSet", "corrected"),
    }


@pytest.mark.parametrize(
    ("unit", "days", "due_on"),
    [
        ("business_days", 5, "2026-12-30"),
        ("business_days", 6, "2026-12-31"),
        ("calendar_days", 7, "2026-12-28"),
    ],
)
async def test_e22_the_evidence_window_under_three_policies(
    replay: Replayer, tmp_path: Path, unit: str, days: int, due_on: str
) -> None:
    """E22: missed on Monday 21 December 2026 and undecided."""
    changed(ENFORCEMENT, tmp_path, evidence_days={"value": str(days), "unit": f'"{unit}"'})
    facts = [f.order("2026-01-05", "2027-12-31"), f.contact("2026-12-21", "failed_to_attend")]
    outcome = await replay(facts, "2027-01-04", tmp_path)
    [overdue] = standing(outcome.published)["AbsenceDecisionOverdue"]
    assert overdue["due_on"] == due_on


async def test_a_broken_line_stops_nothing(replay: Replayer) -> None:
    facts: list[Fact | bytes] = [f.order("2026-06-01"), b'{"broken', b"[]", f.risk("2026-06-02")]
    outcome = await replay(facts, "2026-06-02")
    assert [dead.line for dead in outcome.dead_letters] == [2, 3]
    assert set(standing(outcome.published)) == {"AllocationDue", "ContactPlanSet", "TierCalculated"}


async def test_a_line_recorded_after_the_last_day_never_arrives(replay: Replayer) -> None:
    outcome = await replay([f.order("2026-06-01"), f.risk("2026-06-10")], "2026-06-09")
    assert outcome.beyond == 1
    assert set(standing(outcome.published)) == {
        *("AllocationDue", "AllocationOverdue"),
        *("ContactPlanSet", "InitialAppointmentOverdue"),
    }
