"""What a sentence requires on a day, and the history of each requirement."""

from __future__ import annotations

from datetime import date

import pytest

from shared.probation.requirements import requirement_histories
from tests import facts as f
from tests.facts import Fact
from tests.probation.joined import supervision

ORDER = f.order("2026-01-01", "2026-12-31", "rar 20, unpaid_work 100")
LESS = f.varied("2026-03-01", "2026-12-31", "rar 10")
OTHER = f.varied("2026-06-01", "2026-12-31", "rar 10, curfew CURFEW")


def required(day: str, *facts: Fact) -> list[str]:
    """The ids of the requirements in force that day."""
    found = supervision(ORDER, *facts).required_on(date.fromisoformat(day))
    return [requirement.requirement_id for requirement in found.requirements]


def histories(*facts: Fact) -> dict[str, list[tuple[str, int | None]]]:
    """For each requirement, the amounts ordered and from when."""
    period = supervision(*facts)
    assert period.begins_on is not None
    found = requirement_histories(period.sentence, period.ordered, period.begins_on)
    return {
        history.requirement_id: [(v.since.isoformat(), v.requirement.amount) for v in history.versions]
        for history in found
    }


@pytest.mark.parametrize(
    ("day", "facts", "expected"),
    [
        pytest.param("2026-02-28", [LESS, OTHER], ["RAR", "UPW"], id="as imposed"),
        pytest.param("2026-03-01", [LESS, OTHER], ["RAR"], id="from the day of a variation"),
        pytest.param(
            "2026-06-01", [OTHER, LESS], ["RAR", "CURFEW"], id="the latest variation, in any order of arrival"
        ),
        pytest.param(
            "2026-01-01", [f.varied("2025-12-20", "2026-12-31", "rar 5")], ["RAR"], id="varied beforehand"
        ),
        pytest.param(
            "2026-06-01", [LESS, f.varied("2026-06-01", "2026-12-31", "", id="S2")], ["RAR"], id="other"
        ),
    ],
)
def test_a_variation_replaces_the_whole_list(day: str, facts: list[Fact], expected: list[str]) -> None:
    assert required(day, *facts) == expected


def test_a_requirement_keeps_its_id_from_list_to_list() -> None:
    assert histories(ORDER, LESS, OTHER) == {
        "RAR": [("2026-01-01", 20), ("2026-03-01", 10), ("2026-06-01", 10)],
        "UPW": [("2026-01-01", 100)],
        "CURFEW": [("2026-06-01", None)],
    }


def test_a_removed_requirement_ends_the_day_before_the_variation() -> None:
    period = supervision(ORDER, LESS)
    _, work = requirement_histories(period.sentence, period.ordered, date(2026, 1, 1))
    assert work.on(date(2026, 2, 28)) is not None
    assert work.on(date(2026, 3, 1)) is None


def test_a_variation_dated_before_the_order_applies_from_the_orders_first_day() -> None:
    assert histories(ORDER, f.varied("2025-12-20", "2026-12-31", "rar 5")) == {"RAR": [("2026-01-01", 5)]}


def test_a_variation_after_the_end_changes_nothing() -> None:
    assert histories(ORDER, f.revoked("2026-02-01"), LESS)["RAR"] == [("2026-01-01", 20)]


def test_the_requirements_of_a_custodial_sentence_begin_with_the_first_release() -> None:
    sentence = f.custodial("2025-01-01", requirements=f.requirements("rar 10"))
    assert histories(sentence, f.released("2025-06-01", "2025-12-31")) == {"RAR": [("2025-06-01", 10)]}
