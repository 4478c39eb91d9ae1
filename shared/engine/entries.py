"""To which kind of case a fact belongs, and how it goes to the journal."""

from __future__ import annotations

from shared.engine.joining import Fact
from shared.engine.service import CaseModel, Service
from shared.engine.storage import Entry


def merges(service: Service, fact: Fact) -> bool:
    """Does the fact say that a person's record went into another's, or that it did not?"""
    return fact.type in service.merging


def gives_notice(service: Service, fact: Fact) -> bool:
    """Does the fact change what an entity tells every case?"""
    return fact.type in service.notices


def model_of(service: Service, fact: Fact) -> CaseModel:
    """The kind of case to which the fact belongs."""
    model = service.model_of(fact.data.withdrawn_type if fact.type == "Withdrawn" else fact.type)
    assert model is not None
    return model


def entry_of(service: Service, fact: Fact) -> Entry:
    """The fact as it goes to the journal."""
    register = service.person.monthly(fact.type)
    if merges(service, fact):
        return Entry(fact, f"merged/{fact.key}", None)
    if register is None:
        return Entry(fact, f"{fact.type}/{fact.key}", None)
    try:
        month = fact.month(register)
    except Exception:
        month = None  # the fault will show when the fact is joined, and concern its own case only
    return Entry(fact, f"{register.identifies or fact.type}/{fact.key}", month)
