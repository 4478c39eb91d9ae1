"""A person's history reconstructed from the journals: what was published, and how it is shown."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from typing import Any

import asyncpg
import pytest
from rich.console import Console

from schemas.envelope import CloudEvent
from schemas.parsing import parse
from shared.policy import Policy
from tests.replaying import on_databases
from tests.tools.conftest import Said
from tools.cli import timeline
from tools.cli.addresses import announced
from tools.cli.now import now_of
from tools.embedded import choose
from tools.embedded.process import free_port
from tools.explain import Journal, JournalRow, PersonHistory, journal_of, person_history, service_history
from tools.services import BY_NAME, SERVICES
from tools.simulate import caseload, history

PEOPLE, DAYS = 14, 150


@dataclass
class Played:
    """A caseload that the services' engines processed, the events published, and the databases."""

    lines: list[bytes]
    published: list[CloudEvent[Any]]
    databases: dict[str, str]

    def of(self, service: str, subjects: set[str]) -> list[CloudEvent[Any]]:
        source = f"/services/{service}"
        return [e for e in self.published if e.source == source and e.subject in subjects]


@pytest.fixture(scope="module")
async def played(postgres: choose.Postgres) -> AsyncIterator[Played]:
    """A caseload in which many people have two numbers."""
    databases = {service.name: f"explain_{secrets.token_hex(6)}" for service in SERVICES}
    connection = await asyncpg.connect(postgres.dsn())
    for name in databases.values():
        await connection.execute(f'create database "{name}"')
    addresses = {service: postgres.dsn(name) for service, name in databases.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "TWO_NUMBERS", 0.4)
        lines = caseload(seed=3, people=PEOPLE, days=DAYS)
    async with on_databases(addresses.__getitem__) as replay:
        outcome = await replay.run(lines)
    assert outcome.dead_letters == []
    yield Played(lines, [parse(line) for line in outcome.published], addresses)
    for name in databases.values():
        await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()


async def _journals(played: Played, crn: str) -> dict[str, Journal]:
    found = {s.name: await journal_of(played.databases[s.name], s, crn) for s in SERVICES}
    return {name: journal for name, journal in found.items() if journal is not None}


async def test_the_reconstructed_history_is_what_was_published(played: Played) -> None:
    """Compares ids, sequences, times, reasons and data for everybody, with merges, decisions, corrections."""
    people = {e.subject for e in map(parse, played.lines) if e.dataclassification and e.subject}
    merged = decisions = 0
    for crn in sorted(people):
        for name, journal in (await _journals(played, crn)).items():
            history = service_history(BY_NAME[name], journal, _policy(name))
            assert history.fault is None
            expected = played.of(name, set(journal.sequences))
            for subject in journal.sequences:
                assert [e for e in history.published if e.subject == subject] == [
                    e for e in expected if e.subject == subject
                ]
            assert history.sequences == journal.sequences
            merged += len(journal.sequences) > 1
            decisions += sum(e.type == "CaseAllocated" for e in history.published)
    assert merged
    assert decisions


async def test_a_history_has_every_fact_once_and_names_the_other_number(played: Played) -> None:
    merge = next(e for e in map(parse, played.lines) if e.type == "PersonMerged")
    history = person_history(merge.data.into, await _journals(played, merge.data.into), SERVICES)
    assert history.notes == [f"also recorded as {merge.subject}"]
    ids = [e.id for e in history.facts]
    assert len(ids) == len(set(ids))
    sent = {e.id for e in map(parse, played.lines) if e.subject in (merge.subject, merge.data.into)}
    # Events that no service uses are in no journal.
    unused = {e.id for e in map(parse, played.lines) if e.type.startswith("PreSentence")}
    kinds = {e.type for e in history.facts}
    assert set(ids) <= sent - unused
    assert {"SentenceImposed", "PersonMerged"} <= kinds


async def test_the_timeline_shows_rules_and_policy_and_nothing_personal(played: Played) -> None:
    people = {e.subject for e in map(parse, played.lines) if e.type == "SentenceImposed"}
    for crn in sorted(filter(None, people)):
        history = person_history(crn, await _journals(played, crn), SERVICES)
        shown = _shown(history)
        for event in history.facts:
            if event.type == "SentenceImposed":
                assert event.data.person.born_on.isoformat() not in shown
        for word in ("minority_ethnic", "young_adult", "young adult", "male", "partner violence", "ogrs"):
            assert word not in shown
        for event in (e for each in history.published.values() for e in each.published):
            assert event.data.why.policy in shown
            assert event.data.why.rules[0] in shown


async def test_the_short_timeline_keeps_the_first_and_the_last_with_their_evidence(played: Played) -> None:
    counted = [e.subject for e in played.published if e.type in ("RarDayUsed", "UnpaidWorkCredited")]
    crn = max(sorted({subject for subject in counted if subject}), key=counted.count)
    everything = timeline.moments(person_history(crn, await _journals(played, crn), SERVICES))
    brief = timeline.brief(everything)
    grounds = {ground for m in brief for ground in m.because}
    for type in {m.type for m in everything if m.kind == "finding"}:
        before = [m.id for m in everything if m.type == type]
        after = [m.id for m in brief if m.type == type]
        assert (before[0], before[-1]) == (after[0], after[-1])
        if len(before) <= timeline.SOME:
            assert after == before
        else:
            assert set(after) - grounds <= {before[0], before[-1]}
    known = {m.id for m in everything}
    assert grounds & known <= {m.id for m in brief}


async def test_the_json_has_the_same_content(played: Played) -> None:
    history = person_history("X100001", await _journals(played, "X100001"), SERVICES)
    said = json.loads(timeline.as_json(history))
    assert said["crn"] == "X100001"
    assert [m["id"] for m in said["moments"]] == [m.id for m in timeline.moments(history)]
    withdrawn = [m for m in said["moments"] if m["kind"] == "withdrawal"]
    assert withdrawn
    assert all(m["reason"] and m["of"] and m["policy"] for m in withdrawn)


async def test_a_case_in_quarantine_is_shown_with_the_remedy(played: Played) -> None:
    journals = await _journals(played, "X100001")
    journals["contacts"].quarantined["X100001"] = "KeyError in x, line 1"
    notes = person_history("X100001", journals, SERVICES).notes
    assert [note for note in notes if note.startswith("contacts")] == [
        "contacts could not assess X100001 (KeyError in x, line 1): fix the cause, then run "
        "`probation recheck contacts X100001`"
    ]


async def test_a_timeline_without_one_service_is_shown_as_incomplete(
    acall: Callable[..., Awaitable[Said]], played: Played
) -> None:
    away = f"postgresql://nobody@127.0.0.1:{free_port()}/contacts"
    with announced(played.databases, {}):
        whole = await acall("explain", "X100001", "--json")
    assert (whole.code, whole.err) == (0, "")
    with announced({**played.databases, "contacts": away}, {}):
        said = await acall("explain", "X100001")
    assert "X100001" in said.out
    assert said.code == 1
    assert said.err.startswith("probation: the timeline is incomplete: database contacts at 127.0.0.1:")
    assert "does not answer" in said.err


async def test_rules_that_changed_since_are_noticed(played: Played) -> None:
    journals = await _journals(played, "X100001")
    journals["contacts"].sequences["X100001"] += 1
    note = person_history("X100001", journals, SERVICES).notes[-1]
    assert note.startswith("contacts published")
    assert "they have changed since" in note


def test_if_rules_cannot_assess_a_case_the_history_of_that_service_stops() -> None:
    def raising(*_: object) -> Any:
        raise KeyError("anything")

    service = BY_NAME["contacts"]
    broken = replace(service, person=replace(service.person, rules=(raising,)))
    rows = [
        JournalRow(event.subject or "", date(2025, 1, 6), line)
        for line in caseload(people=1, days=60)
        if (event := parse(line)).type == "SentenceImposed"
    ]
    history = service_history(broken, Journal(rows, date(2025, 1, 6), date(2025, 3, 1)), _policy("contacts"))
    assert history.published == []
    assert history.fault is not None
    assert history.fault.startswith("KeyError in raising")


def test_facts_before_the_first_day_are_assessed_on_it() -> None:
    service = BY_NAME["allocation"]
    rows = [
        JournalRow(event.subject or "", None, line)
        for line in caseload(people=1, days=60)
        if (event := parse(line)).type == "SentenceImposed"
    ]
    history = service_history(service, Journal(rows, None, None), _policy("allocation"))
    assert history.published == []
    first = date(2025, 3, 1)
    history = service_history(service, Journal(rows, first, first), _policy("allocation"))
    assert "AllocationDue" in [e.type for e in history.published]
    assert {e.causationid for e in history.published} == {"day-2025-03-01"}


def test_a_date_that_no_open_item_names_is_told_before_it_passes() -> None:
    lines = ((line, parse(line)) for line in caseload(people=1, days=60))
    line, sentence = next((line, event) for line, event in lines if event.type == "SentenceImposed")
    day = sentence.data.imposed_on
    journal = Journal([JournalRow(sentence.subject or "", day, line)], day, day)
    history = person_history(sentence.subject or "", {s.name: journal for s in SERVICES}, SERVICES)
    standing = now_of(history)
    assert standing is not None
    assert standing.unallocated == [sentence.data.sentence_id]
    assert standing.open[0].event.type == "AllocationDue"
    first = standing.deadlines[0]
    assert first.event.type == "InitialAppointmentOverdue"
    assert first.due_on == standing.open[0].due_on
    assert [item.task.title for item in standing.due_next] == ["Sentence to allocate", "First appointment"]
    assert "First appointment. The practitioner: Offer a first appointment" in _shown(history)


def _policy(name: str) -> Policy:
    return BY_NAME[name].load_policy()


def _shown(history: PersonHistory) -> str:
    out = StringIO()
    timeline.show(history, Console(file=out, width=400))
    return out.getvalue()
