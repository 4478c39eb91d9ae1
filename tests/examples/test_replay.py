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
from schemas.envelope import CloudEvent
from tests.examples.facts import (
    Fact,
    action,
    contact,
    fact,
    hearing,
    order,
    practitioner,
    rar,
    revoked,
    risk,
    session,
    work,
)
from tests.examples.play import play
from tools.replay import Outcome, replaying
from tools.services import BY_NAME, SERVICES


class Replayer(Protocol):
    """Replays facts (or lines as they are) to a day, under the policy files of a folder if one is given."""

    async def __call__(
        self, facts: Sequence[Fact | bytes], until: str, policy: Path | None = None
    ) -> Outcome: ...


def line(told: Fact) -> bytes:
    """The event as a line of a replay's input."""
    kind = type(told.data).__name__
    return language.render(
        CloudEvent(
            specversion="1.0",
            id=told.id,
            source=language.source_of(language.topics_of(kind)[0]),
            type=kind,
            subject=told.subject,
            time=told.recorded,
            data=told.data,
        )
    )


@pytest.fixture
async def replay(create_database: Callable[[], Awaitable[str]]) -> Replayer:
    databases = {service.name: await create_database() for service in SERVICES}

    async def run(facts: Sequence[Fact | bytes], until: str, policy: Path | None = None) -> Outcome:
        lines = [told if isinstance(told, bytes) else line(told) for told in facts]
        async with replaying(databases.__getitem__, policy) as engines:
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
    practitioner(day="2026-01-01"),
    order("2026-01-05", rar(2), work(40), ends="2027-12-31"),
    risk("2026-01-07"),
    session("U1", "2026-02-20", "UPW", minutes=1200),
    session("U2", "2026-03-05", "UPW", "unacceptable_absence", minutes=0),
    action("W1", "2026-03-06", "warning", "U2"),
    session("U3", "2026-03-20", "UPW", "sent_home_behaviour", minutes=0),
    action("B1", "2026-03-24", "breach_initiated", "U3"),
    hearing("H1", "2026-04-30", "proven_continued"),
    session("U4", "2026-05-08", "UPW", minutes=1200),
    *[session(f"D{n}", f"2026-06-{n:02}") for n in (1, 2)],
    contact("C1", "2026-06-20", "failed_to_attend"),
    revoked("2026-06-22", "good_progress"),
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
    return fact("PersonMerged", day, name=options.pop("name", "merge"), subject=A, into=B, **options)


async def test_what_is_due_goes_over_to_the_record_that_stays(replay: Replayer) -> None:
    outcome = await replay([order("2026-06-01").about(A), into("2026-06-03")], "2026-06-08")
    [due] = standing(outcome.published)["AllocationDue"]
    assert (due["subject"], due["sentence_id"], due["due_on"]) == (B, "S1", "2026-06-08")
    assert withdrawals(outcome.published, A) == {
        ("AllocationDue", "merged"),
        ("ContactPlanSet", "merged"),
    }


async def test_failures_on_two_records_of_one_person_make_a_breach(replay: Replayer) -> None:
    facts = [
        order("2026-01-05", ends="2027-12-31"),
        order("2026-01-05", ends="2027-12-31").about(A),
        contact("F1", "2026-03-05", "unacceptable_absence"),
        contact("F2", "2026-03-20", "unacceptable_absence").about(A),
        into("2026-03-23"),
        contact("C3", "2026-03-24").about(A),
    ]
    outcome = await replay(facts, "2026-03-24")
    found = standing(outcome.published)
    assert {event["subject"] for events in found.values() for event in events} == {B}
    [breach] = found["BreachRequired"]
    assert (breach["contact_id"], breach["failures"]) == ("F2", 2)
    assert {reason for _, reason in withdrawals(outcome.published, A)} == {"merged"}


async def test_a_fact_for_the_record_that_went_is_one_of_the_record_that_stays(replay: Replayer) -> None:
    outcome = await replay([into("2026-06-01"), order("2026-06-03").about(A)], "2026-06-03")
    [due] = standing(outcome.published)["AllocationDue"]
    assert due["subject"] == B


async def test_a_merge_that_never_was_gives_the_record_back(replay: Replayer) -> None:
    facts = [order("2026-06-01").about(A), into("2026-06-03"), into("2026-06-04", voided=True, id="void")]
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
    text = BY_NAME["enforcement"].policy.read_text()
    head, window = text.split("value = 5\neffective_from = 2021-11-23\n")
    window = window.replace("business_days", unit, 1)
    (tmp_path / "enforcement.toml").write_text(f"{head}value = {days}\neffective_from = 2021-11-23\n{window}")
    facts = [order("2026-01-05", ends="2027-12-31"), contact("C1", "2026-12-21", "failed_to_attend")]
    outcome = await replay(facts, "2027-01-04", tmp_path)
    [overdue] = standing(outcome.published)["AbsenceDecisionOverdue"]
    assert overdue["due_on"] == due_on


async def test_a_broken_line_stops_nothing(replay: Replayer) -> None:
    facts: list[Fact | bytes] = [order("2026-06-01"), b'{"broken', b"[]", risk("2026-06-02")]
    outcome = await replay(facts, "2026-06-02")
    assert [dead.line for dead in outcome.dead_letters] == [2, 3]
    assert set(standing(outcome.published)) == {"AllocationDue", "ContactPlanSet", "TierCalculated"}


async def test_a_line_recorded_after_the_last_day_never_arrives(replay: Replayer) -> None:
    outcome = await replay([order("2026-06-01"), risk("2026-06-10")], "2026-06-09")
    assert outcome.beyond == 1
    assert set(standing(outcome.published)) == {
        *("AllocationDue", "AllocationOverdue"),
        *("ContactPlanSet", "InitialAppointmentOverdue"),
    }
