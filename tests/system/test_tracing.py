"""One trace from what a sender says to the last thing that follows from it, through every program."""

import json
from datetime import date
from typing import Any

from tests.conftest import needs
from tests.feeds.hearings import defendant, hearing, order
from tests.feeds.notices import notice, offender
from tests.feeds.source import serving
from tests.feeds.world import CRN
from tests.otlp import Collector, Received, collecting
from tests.schemas import encode, golden
from tests.system.harness import System
from tests.system.instance import until

DAY = date(2026, 6, 9)
TRACE, SENDER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{SENDER}-01"


def failure(name: str, occurred_on: str, traceparent: str | None = None) -> bytes:
    """A person fails to comply at an appointment."""
    event = golden("ContactOutcomeRecorded") | {"id": f"event-{name}", "traceparent": traceparent}
    outcome = {"outcome": "failed_to_comply", "acceptable_reason": None}
    event["data"] |= {"contact_id": name, "occurred_on": occurred_on, **outcome}
    return encode(event)


Published = tuple[dict[str, Any], dict[str, bytes]]
"""An event with the headers of its message."""


async def published(system: System, service: str, type: str) -> list[Published]:
    """The events of a type on a service's topic, once it has nothing left to do."""
    await system.quiet(service)
    found = [(json.loads(record.value or b""), dict(record.headers)) for record in await system.read(service)]
    return [(event, headers) for event, headers in found if event["type"] == type]


async def arrived(collector: Collector, *expected: tuple[str, str]) -> None:
    """Wait until the trace has these spans: program and name."""

    async def missing() -> str | None:
        left = set(expected) - collector.of(TRACE)
        return f"{left} are missing in {collector.of(TRACE)}" if left else None

    await until(missing)


async def test_a_failure_is_one_trace_through_all_services_up_to_the_breach(system: System) -> None:
    needs(system.kafka, "real_kafka")
    with collecting() as collector:
        for service in ("contacts", "enforcement"):
            await system.start(service, ready=True, **collector.settings)
        await system.publish([encode(golden("SentenceImposed"))])
        await system.begin(DAY)
        for service in ("contacts", "enforcement"):
            await system.reached(service, DAY)
        await system.publish([failure("first", "2026-06-03")])
        await system.quiet()
        await system.publish([failure("second", "2026-06-08", TRACEPARENT)])
        await system.quiet()
        [_, (missed, missed_headers)] = await published(system, "contacts", "ContactMissed")
        [(breach, breach_headers)] = await published(system, "enforcement", "BreachRequired")
        for event, headers in ((missed, missed_headers), (breach, breach_headers)):
            assert event["traceparent"] == TRACEPARENT
            assert headers["traceparent"] == TRACEPARENT.encode()
        contacts, enforcement = "probation-contacts", "probation-enforcement"
        await arrived(
            collector,
            (contacts, "process practice"),
            (enforcement, "process contacts"),
        )
        spans = [span for span in collector.spans if span.trace == TRACE]
        batches = {span.id: span for span in collector.spans if span.name == "batch"}

        async def linked() -> str | None:
            batches.update({span.id: span for span in collector.spans if span.name == "batch"})
            return None if all(link in batches for span in spans for link in span.links) else "not yet"

        await until(linked)
    assert {span.parent for span in spans} == {SENDER}
    for span in spans:
        [batch] = span.links
        assert (batches[batch].program, batches[batch].links[-1:]) == (span.program, (SENDER,))
    assert nobody_in(collector.spans)


def nobody_in(spans: list[Received]) -> bool:
    """Whether no span says whom it is about."""
    people = (golden("SentenceImposed")["subject"].encode(), CRN.encode())
    return not any(person in span.raw for span in spans for person in people)


async def test_without_tracing_findings_are_the_same(system: System) -> None:
    needs(system.kafka, "real_kafka")
    contacts = await system.start("contacts")
    await system.publish([encode(golden("SentenceImposed"))])
    await system.begin(DAY)
    await system.reached("contacts", DAY)
    await system.publish([failure("traced", "2026-06-03", TRACEPARENT), failure("untraced", "2026-06-08")])
    events = await published(system, "contacts", "ContactMissed")
    assert {event["data"]["contact_id"]: event.get("traceparent") for event, _ in events} == {
        "traced": TRACEPARENT,
        "untraced": None,
    }
    assert sum("traceparent" in headers for _, headers in events) == 1
    assert await contacts.stop() == 0


async def test_a_feed_begins_the_trace_of_a_message_that_names_none(system: System) -> None:
    needs(system.kafka, "real_kafka")
    with collecting() as collector, serving() as source:
        source.answers = [(200, json.dumps(offender()).encode())]
        await system.start("allocation", ready=True, **collector.settings)
        await system.begin(date(2026, 3, 2))
        settings = {**collector.settings, "PROBATION_FEED_DETAIL_URLS": source.url}
        await system.start_feed("hmpps", **settings)
        court = await system.start_feed("common-platform", **settings)
        known = notice("probation-case.engagement.created") | {"detailUrl": f"{source.url}{CRN}"}
        await system.send("feeds.hmpps", json.dumps(known).encode(), None)
        await done(system, 1)
        body = json.dumps(hearing(defendant(order()))).encode()
        await system.send("feeds.common-platform", body, None)
        await done(system, 2)
        due: list[dict[str, Any]] = []

        async def none() -> str | None:
            due[:] = [event for event, _ in await published(system, "allocation", "AllocationDue")]
            return None if due else "nothing is due"

        await until(none)
        assert await court.stop() == 0  # what is left of its spans is sent at its end
    translated = [span for span in collector.spans if span.name.endswith("feeds.common-platform")]
    # A message may be taken twice, if Kafka did not hear that it was taken: then it is the same span.
    [(trace, root, parent)] = {(span.trace, span.id, span.parent) for span in translated}
    assert parent == ""
    assert due[0]["traceparent"].startswith(f"00-{trace}-{root}-")
    assert nobody_in(collector.spans)


async def done(system: System, number: int) -> None:
    """Wait until the feeds have translated so many messages."""

    async def wrong() -> str | None:
        rows = await system.fetch("feeds", "select status, letters from messages")
        return None if [row["status"] for row in rows] == ["done"] * number else f"they are {rows}"

    await until(wrong)
