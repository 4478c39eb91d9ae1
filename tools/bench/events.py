"""The events of the benchmark: sentences, and weekly contacts of exactly 1,000 bytes each.

8% of the contacts are missed, 4% are excused, and for 2% the reason is not known yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zlib import crc32

from aiokafka.partitioner import DefaultPartitioner

from schemas.catalogue import CATALOGUE
from schemas.topics import SOURCES
from schemas.words import Outcome
from shared.engine.intake import Message
from shared.kafka import BATCH
from tools import clock

EVENT_BYTES = 1_000
BEGIN = date(2025, 1, 6)
"""The day on which all sentences are imposed, unless a measurement says otherwise."""

END = date(2037, 1, 5)
"""The last day of all sentences: nobody's supervision ends during a measurement."""

WEEK = timedelta(days=7)
_MODES = ("face_to_face", "telephone", "video")
_OUTCOMES: tuple[Outcome, ...] = (
    ("unacceptable_absence",) * 8
    + ("acceptable_absence",) * 4
    + ("failed_to_attend",) * 2
    + ("complied",) * 86
)
_RECEIVED = datetime(2037, 1, 1, tzinfo=UTC)
"""Later than all times in these events."""


@dataclass(frozen=True)
class Event:
    """One message to publish."""

    id: str
    key: str
    value: bytes


def crn(person: int) -> str:
    """The case reference number of the n-th person."""
    return f"X{person:06d}"


def sentence(person: int, imposed_on: date = BEGIN) -> Event:
    """A community order."""
    data = {
        "sentence_id": f"S{person}",
        "kind": "community_order",
        "imposed_on": imposed_on.isoformat(),
        "ends_on": END.isoformat(),
        "custodial_days": None,
        "court": {"name": "Camberwell Green", "level": "magistrates"},
        "region": "london",
        "pdu": "camden",
        "requirements": [
            {
                "requirement_id": f"R{person}",
                "kind": "rar",
                "amount": 20,
                "programme": None,
                "concurrent_with": None,
            }
        ],
        "person": {"born_on": "1990-01-01", "sex": "male", "cohorts": []},
        "partner_violence": False,
        "sexual_offence": False,
        "extremism_offence": False,
    }
    return _event("SentenceImposed", f"sentence-{person}", crn(person), imposed_on, data)


def plan(person: int) -> Event:
    """The sentence plan, completed after a week."""
    on = BEGIN + WEEK
    data = {
        "plan_id": f"P{person}",
        "sentence_id": f"S{person}",
        "completed_on": on.isoformat(),
        "self_assessment": "included",
        "rehabilitative_need": True,
        "rar_allocations": [],
        "sequence": [],
    }
    return _event("SentencePlanCompleted", f"plan-{person}", crn(person), on, data)


def risk(person: int) -> Event:
    """A risk assessment, on the day of the sentence."""
    data = {"assessment_id": f"A{person}", "assessed_on": BEGIN.isoformat(), "rosh": "low", "ogrs": 50}
    return _event("RiskAssessed", f"risk-{person}", crn(person), BEGIN, data | {"rsr": 1.0})


def practitioner(n: int) -> Event:
    """A practitioner of the delivery unit of all sentences, with more hours than anybody has."""
    data = {
        "practitioner_id": f"P{n}",
        "region": "london",
        "pdu": "camden",
        "team": "generic",
        "grade": "po",
        "weekly_hours": 168.0,
        "sex": "female",
        "active": True,
        "effective_on": BEGIN.isoformat(),
    }
    return _event("PractitionerUpdated", f"practitioner-{n}", f"P{n}", BEGIN, data)


def provider(n: int) -> Event:
    """A provider that is qualified for accommodation in the region of all sentences."""
    data = {
        "provider_id": f"V{n}",
        "name": f"Provider {n}",
        "qualified_on": BEGIN.isoformat(),
        "needs": ["accommodation"],
        "regions": ["london"],
    }
    return _event("ProviderQualified", f"provider-{n}", f"V{n}", BEGIN, data)


def intervention(of: int, n: int, places: int) -> Event:
    """The n-th intervention of a provider, with so many places."""
    data = {
        "intervention_id": f"I{of}-{n}",
        "provider_id": f"V{of}",
        "kind": "commissioned_service",
        "needs": ["accommodation"],
        "sessions": 8,
        "delivery": "one_to_one",
        "region": "london",
        "location": "Camden",
        "capacity": places,
        "listed_on": BEGIN.isoformat(),
    }
    return _event("InterventionListed", f"intervention-{of}-{n}", f"V{of}", BEGIN, data)


def referral(person: int) -> Event:
    """A request for a place, on the day of the sentence."""
    data = {
        "referral_id": f"F{person}",
        "sentence_id": f"S{person}",
        "requested_on": BEGIN.isoformat(),
        "kind": "commissioned_service",
        "need": "accommodation",
        "ready_to_start": True,
        "desired_outcomes": ["settled"],
    }
    return _event("ReferralRequested", f"referral-{person}", crn(person), BEGIN, data)


def contact(person: int, number: int, on: date, outcome: Outcome, mode: str | None = None) -> Event:
    """A person's n-th contact, filled up to 1,000 bytes with white space."""
    data = {
        "contact_id": f"K{person}-{number}",
        "sentence_id": f"S{person}",
        "requirement_id": None,
        "occurred_on": on.isoformat(),
        "kind": "planned",
        "mode": mode or _MODES[(person + number) % 3],
        "national_standard": True,
        "outcome": outcome,
        "acceptable_reason": "medical" if outcome == "acceptable_absence" else None,
    }
    event = _event("ContactOutcomeRecorded", f"contact-{person}-{number}", crn(person), on, data)
    return Event(event.id, event.key, event.value.ljust(EVENT_BYTES))


def weekly(people: range, weeks: range, begin: date = BEGIN) -> Iterator[Event]:
    """One contact a week for each person."""
    for week in weeks:
        for person in people:
            outcome = _OUTCOMES[crc32(b"%d %d" % (person, week)) % 100]  # pseudo-random
            yield contact(person, week, begin + WEEK * week + timedelta(days=1), outcome)


def visit(person: int, week: int) -> Event:
    """A home visit that took place, besides the weekly contacts."""
    return contact(person, 1_000 + week, BEGIN + WEEK * week, "complied", mode="face_to_face")


def day_started(day: date) -> Event:
    """The ticker's event for a day."""
    return Event(f"day-{day}", "", clock.day_started(day))


def _event(type: str, id: str, subject: str | None, on: date, data: dict[str, Any]) -> Event:
    envelope = {
        "specversion": "1.0",
        "id": id,
        "source": SOURCES[CATALOGUE[type].topics[0]],
        "type": type,
        "time": f"{on}T09:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": CATALOGUE[type].dataschema,
        "correlationid": id,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    if subject is not None:
        envelope |= {"subject": subject, "partitionkey": subject}
    value = json.dumps({**envelope, "data": data}, separators=(",", ":"))
    return Event(id, subject or "", value.encode())


def messages(topic: str, events: Sequence[Event], first_offset: int = 0) -> list[Message]:
    """The events as the engine gets them from its consumer."""
    return [
        Message(topic, 0, offset, event.key.encode() or None, event.value, (), _RECEIVED, "bench")
        for offset, event in enumerate(events, first_offset)
    ]


def batches(topic: str, events: Sequence[Event], size: int = BATCH) -> Iterator[list[Message]]:
    """The events in order, split into batches."""
    for first in range(0, len(events), size):
        yield messages(topic, events[first : first + size], first)


def by_partition(events: Sequence[Event], partitions: int) -> list[Event]:
    """The events by partition, as a consumer that is behind gets them."""
    choose, every = DefaultPartitioner(), list(range(partitions))
    return sorted(events, key=lambda event: choose(event.key.encode(), every, every))
