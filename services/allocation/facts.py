"""The facts that only the allocation service joins, as its rules see them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from shared.engine.case import Record
from shared.probation.names import name_key


class Practitioner(Record, frozen=True, kw_only=True):
    """`PractitionerUpdated`: what holds of a practitioner from `effective_on` until the next one."""

    practitioner_id: str
    region: str
    pdu: str
    team: str
    weekly_hours: float
    active: bool
    effective_on: date

    @property
    def pool(self) -> str:
        """The pool of the delivery unit in which the practitioner takes cases."""
        return unit_pool(self.region, self.pdu)


def unit_pool(region: str, pdu: str) -> str:
    """The pool of a probation delivery unit, however its name is written."""
    return f"{region}/{name_key(pdu)}"


def units_named(data: Any) -> Iterator[tuple[str, str]]:
    """The delivery unit that a sentence names, as the field and the pool."""
    pdu = getattr(data, "pdu", None)
    if pdu is not None and hasattr(data, "sentence_id"):
        yield "data.pdu", unit_pool(data.region, pdu)


def own_pool(practitioner_id: str) -> str:
    """The pool in which one practitioner alone is found, to whom a case returns (ALLOC-18)."""
    return f"practitioner/{practitioner_id}"
