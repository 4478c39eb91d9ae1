"""One mistake of a sender, seen over all services: dead letters, warnings and what became of an event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from shared.engine.postgres import Postgres
from tests.schemas import encode, golden
from tests.tools.conftest import Said, System

ACall = Callable[..., Awaitable[Said]]


def event(type: str, id: str, **data: Any) -> dict[str, Any]:
    made = golden(type)
    return made | {"id": id, "data": made["data"] | data}


BROKEN = event("SentenceImposed", "4711", imposed_on="Tuesday")
MISSED = {"kind": "planned", "outcome": "unacceptable_absence", "acceptable_reason": None}


def mistakes(listed: str) -> list[str]:
    """The first line of each mistake; what is wrong with it follows, indented."""
    return [line for line in listed.splitlines() if not line.startswith(" ")]


async def test_one_mistake_is_one_line_with_the_services_that_refused_it(
    acall: ACall, system: System
) -> None:
    await system.hears_event(BROKEN)
    said = await acall("dead-letters", "list")
    assert said.out.splitlines()[0] == (
        "2026-06-20 00:00Z  4711 from /feeds/court  (allocation 1, contacts 1, enforcement 1, referrals 1)"
    )
    assert "wrong_data: data.imposed_on: " in said.out
    assert len(mistakes(said.out)) == 1
    assert (
        await acall("dead-letters", "list", "--event", "4712")
    ).out == "no service has any open dead letters\n"


async def test_a_mistake_without_an_id_is_known_by_its_place(acall: ACall, system: System) -> None:
    await system.hears("court", b"rubbish")
    assert "  at court/0/2  (allocation 1, " in (await acall("dead-letters", "list")).out


async def test_one_mistake_is_discarded_for_all_services(acall: ACall, system: System) -> None:
    await system.hears_event(BROKEN)
    await system.hears_event(event("SentenceImposed", "4712", imposed_on="Tuesday"))
    said = await acall("dead-letters", "discard", "all", "--event", "4711", "--because", "sent again")
    assert said.out == "4 discarded\n"
    left = mistakes((await acall("dead-letters", "list")).out)
    assert [line.split()[2] for line in left] == ["4712"]


async def test_one_mistake_is_redriven_for_all_services(acall: ACall, system: System) -> None:
    await system.hears_event(BROKEN)
    for engine in system.engines.values():
        assert isinstance(engine.storage, Postgres)
        await engine.storage.pool.execute(
            "update dead_letters set value = $1", encode(event("SentenceImposed", "4711"))
        )
    said = await acall("dead-letters", "redrive", "all", "--event", "4711", "--source", "/feeds/court")
    assert "contacts 1: SentenceImposed 4711" in said.out
    assert said.out.endswith("4 redriven, 0 left open\n")


async def test_numbers_are_of_one_service(acall: ACall, system: System) -> None:
    said = await acall("dead-letters", "redrive", "all", "1")
    assert said.code == 2
    assert said.err == (
        "probation: each service numbers its own dead letters: give --event, or a service in place of all\n"
    )


async def test_warnings_are_listed_once_with_the_services_that_told_them(
    acall: ACall, system: System
) -> None:
    await system.hears_event(event("SentenceImposed", "4711", requirement=[]))
    await system.hears_event(event("PersonDied", "4712", died="x"))
    said = await acall("warnings")
    assert said.out.splitlines()[0] == (
        "2026-06-20 00:00Z  court/0/2  unknown_field  SentenceImposed 4711 from /feeds/court  "
        "(allocation, contacts, enforcement, referrals)"
    )
    assert "data.requirement is not a field of this event and has no effect: data.requirements" in said.out
    assert "4712" in said.out
    assert "4712" not in (await acall("warnings", "--event", "4711")).out
    assert (await acall("warnings", "contacts", "--kind", "altered_id")).out == (
        "contacts has not warned of such a message\n"
    )
    assert "there is no kind 'typo'" in (await acall("warnings", "--kind", "typo")).err


async def test_a_trace_tells_who_took_an_event_and_what_follows_from_it(acall: ACall, system: System) -> None:
    await system.hears_event(event("SentenceImposed", "4711", imposed_on="2026-06-01"))
    await system.hears_event(event("ContactOutcomeRecorded", "4712", occurred_on="2026-06-08", **MISSED))
    said = (await acall("trace", "4712")).out
    assert said.startswith("ContactOutcomeRecorded 4712 from /feeds/practice about X123456\n")
    assert "  contacts     took it on 2026-06-19, from practice/0/3\n" in said
    assert "      withdrew InitialAppointmentOverdue S-1001 (corrected)\n" in said
    assert "  [CONT-12, CONT-14]  stands\n" in said
    assert "  enforcement  has no use for it\n" in said
    void = event("ContactOutcomeRecorded", "4713", voided=True) | {"recordedtime": "2026-06-11T00:00:00Z"}
    await system.hears_event(void)
    assert "was withdrawn (corrected)" in (await acall("trace", "4712")).out
    assert "withdrew ContactMissed C-1 (corrected)" in (await acall("trace", "4713")).out


async def test_a_trace_tells_who_refused_an_event_and_why(acall: ACall, system: System) -> None:
    await system.hears_event(BROKEN)
    said = (await acall("trace", "4711")).out
    assert said.count("refused it (wrong_data, dead letter 1): data.imposed_on: ") == 4


async def test_a_trace_tells_the_warnings(acall: ACall, system: System) -> None:
    await system.hears_event(event("SentenceImposed", "4711", requirement=[]))
    said = (await acall("trace", "4711")).out
    assert "warning (allocation, contacts, enforcement, referrals): unknown_field: " in said


async def test_a_trace_asks_for_the_source_if_several_gave_the_id(acall: ACall, system: System) -> None:
    await system.hears_event(event("SentenceImposed", "1"))
    await system.hears_event(event("PersonDied", "1"))
    said = await acall("trace", "1")
    assert said.err == (
        "probation: 2 sources gave the id 1: choose one with --source (/feeds/court, /feeds/practice)\n"
    )
    assert (await acall("trace", "1", "--source", "/feeds/court")).out.startswith("SentenceImposed 1 ")


async def test_a_trace_of_an_unknown_event_says_so(acall: ACall, system: System) -> None:
    said = await acall("trace", "4711")
    assert said.code == 1
    assert said.err.startswith("probation: no service knows an event 4711: check the id")
