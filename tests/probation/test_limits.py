"""Whatever the schemas accept, every rule can work with: no case is quarantined for a value."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import language
from schemas.catalogue import CATALOGUE
from schemas.envelope import Refused
from schemas.generate import json_schemas
from shared.engine.casebook import Casebook
from shared.engine.intake import fact_of
from shared.engine.joining import Fact
from shared.engine.service import Service
from tests.schemas.edges import at_the_edges
from tools.services import SERVICES

SCHEMAS = {name.split(".")[0]: schema for name, schema in json_schemas().items()}
EDGES = {type: at_the_edges(SCHEMAS[type]) for type in CATALOGUE}
POLICIES = {service.name: service.load_policy() for service in SERVICES}
SUBJECTS = {"practitioner": "P1", "provider": "PR1", "region": "wales"}
SAME: dict[str, list[Any]] = {
    "sentence_id": ["S1", "S1", "S1", "A" * 100],
    "requirement_id": ["R1", "R1", "A" * 100],
    "contact_id": ["C1", "A" * 100],
    "practitioner_id": ["P1"],
    "region": ["wales"],
    "pdu": ["x"],
}
"""Fields in which facts speak of the same things, so that the rules have something to conclude."""
DECIDED = {"ReferralMade": {"intervention_id": "I1", "provider_id": "PR1", "region": "wales"}}
"""What a decision in the journal always says, beside what its schema asks for."""


@st.composite
def facts(draw: st.DrawFn, service: Service) -> list[Fact]:
    """Facts about one person and one practitioner, each with values at the limits of its type."""
    types = sorted(type for model in service.models for type in model.types)
    found = []
    for n in range(draw(st.integers(1, 8))):
        type = draw(st.sampled_from(types))
        entry = CATALOGUE[type]
        subject = SUBJECTS.get(entry.subject, "X123456")
        data = draw(EDGES[type])
        data |= {name: draw(st.sampled_from(SAME[name])) for name in data if name in SAME and data[name]}
        data |= DECIDED.get(type, {})
        if entry.subject_field:
            data[entry.subject_field] = subject
        event = {
            "specversion": "1.0",
            "id": f"event-{n}",
            "source": language.source_of(entry.topics[0]),
            "type": type,
            "subject": subject,
            "time": "2026-05-31T10:00:00Z",
            "data": data,
        }
        try:
            read, body = language.read(json.dumps(event).encode(), ())
        except Refused:
            continue  # two fields do not go together, which a JSON Schema cannot say
        found.append(fact_of(read, language.register_key(read), body))
    return found


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_value_that_a_schema_allows_puts_a_case_in_quarantine(
    service: Service, data: st.DataObject
) -> None:
    book = Casebook(service, language, POLICIES[service.name])
    book.begin_day(date(2026, 6, 1))
    book.take(data.draw(facts(service)))
    for day in (date(2026, 6, 15), date(2026, 8, 1)):
        book.begin_day(day)
    assert book.faults == {}
