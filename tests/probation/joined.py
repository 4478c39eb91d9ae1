"""Facts joined to the case that every service has, and to records that only some services have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from schemas import language
from schemas.envelope import CloudEvent, Data
from shared.engine.case import Record, Register
from shared.engine.intake import fact_of
from shared.engine.joining import join
from shared.policy import Policy
from shared.probation import POLICY
from shared.probation.case import END_REGISTER, SUPERVISION_REGISTERS, SupervisedCase
from shared.probation.supervision import SupervisionPeriod
from tests.facts import Fact, told

R = TypeVar("R", bound=Record)
VALUES = Policy.load(POLICY, "probation")
REGISTERS = SUPERVISION_REGISTERS | END_REGISTER


def case_of(*facts: Fact) -> SupervisedCase:
    """A case with these facts, written as text."""
    return joined(told(facts))


def joined(facts: Iterable[Fact]) -> SupervisedCase:
    """A case with these facts, joined in this order."""
    case = SupervisedCase()
    for fact in facts:
        event = _event(fact)
        body = language.render(event)
        join(case, REGISTERS[fact.type], fact_of(event, language.register_key(event), body))
    return case


def supervision(*facts: Fact, sentence: str = "S1") -> SupervisionPeriod:
    """Supervision on one of the sentences in these facts."""
    case = case_of(*facts)
    return case.supervision(case.sentences[sentence], VALUES)


def records(read: type[R], *facts: Fact) -> list[R]:
    """The records of facts of one type, written as text."""
    register = Register("", read)
    found = []
    for fact in told(facts):
        event = _event(fact)
        record = fact_of(event, language.register_key(event), b"").record(register)
        assert isinstance(record, read)
        found.append(record)
    return found


def _event(fact: Fact) -> CloudEvent[Data]:
    return CloudEvent(
        specversion="1.0",
        id=fact.id,
        source=language.source_of(language.topics_of(fact.type)[0]),
        type=fact.type,
        subject=fact.subject,
        time=fact.recorded,
        data=fact.data,
    )
