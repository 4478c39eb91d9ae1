"""What a sentence requires on a day, and each requirement through its versions."""

from __future__ import annotations

from datetime import date

from shared.probation.requirements import requirement_histories
from tests import facts as f
from tests.facts import Fact
from tests.probation.joined import supervision
from tests.table import table

ORDER = f.order("2026-01-01", "2026-12-31", "rar 20, unpaid_work 100")
LESS = f.varied("2026-03-01", "2026-12-31", "rar 10")
OTHER = f.varied("2026-06-01", "2026-12-31", "rar 10, curfew CURFEW")


def required(day: str, *facts: Fact) -> list[str]:
    """The ids of what the sentence requires that day."""
    found = supervision(ORDER, *facts).required_on(date.fromisoformat(day))
    return [requirement.requirement_id for requirement in found.requirements]


def histories(*facts: Fact) -> dict[str, list[tuple[str, int | None]]]:
    """By requirement, from when on how much of it was ordered."""
    period = supervision(*facts)
    assert period.begins_on is not None
    found = requirement_histories(period.sentence, period.ordered, period.begins_on)
    return {
        history.requirement_id: [(v.since.isoformat(), v.requirement.amount) for v in history.versions]
        for history in found
    }


@table(
    """
    | case                             | facts                                                  | day        | expected          |
    | as imposed                       | LESS; OTHER                                            | 2026-02-28 | ["RAR", "UPW"]    |
    | from the day of a variation on   | LESS; OTHER                                            | 2026-03-01 | ["RAR"]           |
    | the latest, whichever came first | OTHER; LESS                                            | 2026-06-01 | ["RAR", "CURFEW"] |
    | varied beforehand                | 2025-12-20 varied ends=2026-12-31 requires="rar 5"     | 2026-01-01 | ["RAR"]           |
    | other                            | LESS; 2026-06-01 varied S2 ends=2026-12-31 requires="" | 2026-06-01 | ["RAR"]           |
    """,  # noqa: E501
    LESS=LESS,
    OTHER=OTHER,
)
def test_a_variation_replaces_the_whole_list(day: str, facts: list[Fact], expected: list[str]) -> None:
    assert required(day, *facts) == expected


def test_a_requirement_keeps_its_id_from_list_to_list() -> None:
    assert histories(ORDER, LESS, OTHER) == {
        "RAR": [("2026-01-01", 20), ("2026-03-01", 10), ("2026-06-01", 10)],
        "UPW": [("2026-01-01", 100)],
        "CURFEW": [("2026-06-01", None)],
    }


def test_one_dropped_ends_the_day_before_the_variation() -> None:
    period = supervision(ORDER, LESS)
    _, work = requirement_histories(period.sentence, period.ordered, date(2026, 1, 1))
    assert work.on(date(2026, 2, 28)) is not None
    assert work.on(date(2026, 3, 1)) is None


def test_a_variation_from_before_the_order_was_imposed_holds_from_its_first_day() -> None:
    assert histories(ORDER, f.varied("2025-12-20", "2026-12-31", "rar 5")) == {"RAR": [("2026-01-01", 5)]}


def test_a_variation_after_the_end_changes_nothing() -> None:
    assert histories(ORDER, f.revoked("2026-02-01"), LESS)["RAR"] == [("2026-01-01", 20)]


def test_what_a_custodial_sentence_requires_begins_with_the_first_release() -> None:
    sentence = f.custodial("2025-01-01", requirements=f.requirements("rar 10"))
    assert histories(sentence, f.released("2025-06-01", "2025-12-31")) == {"RAR": [("2025-06-01", 10)]}
