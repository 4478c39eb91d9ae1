"""Names that people type are compared by what they mean, not by how they are written."""

from __future__ import annotations

import unicodedata

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from shared.probation.names import name_key
from tests import facts as f
from tests.casebook import decide

WRITTEN = {
    "as it is": "Ynys Môn",
    "in another Unicode form": unicodedata.normalize("NFD", "Ynys Môn"),
    "with blanks": "  Ynys   Môn ",
    "in capitals": "YNYS MÔN",
}


@pytest.mark.parametrize("name", WRITTEN.values(), ids=WRITTEN)
def test_a_delivery_unit_is_found_however_it_is_written(name: str) -> None:
    sentence = f.order("2026-01-05", region="wales", pdu=name)
    practitioner = f.practitioner(region="wales", pdu="Ynys Môn")
    decision = decide("2026-01-05", ALLOCATION, sentence, f.risk("2026-01-05"), practitioner)
    assert decision.event.pdu == "Ynys Môn"  # type: ignore[union-attr]


def test_two_units_are_two() -> None:
    assert name_key("Ynys Môn") != name_key("Ynys Mon")
