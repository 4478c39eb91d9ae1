"""The facts that only the allocation service joins, as its rules see them."""

from datetime import date

from shared.engine.case import Record


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
    """The pool of a probation delivery unit."""
    return f"{region}/{pdu}"


def own_pool(practitioner_id: str) -> str:
    """The pool in which one practitioner alone is found, to whom a case returns (ALLOC-18)."""
    return f"practitioner/{practitioner_id}"
