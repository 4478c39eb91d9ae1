"""What several services conclude together does not depend on the day when facts arrive."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from schemas import language
from schemas.envelope import Data
from tests.ledger import PERSON, Ledger
from tests.schemas import encode, golden
from tools.services import SERVICES

Told = tuple[str, Data]
"""A day, and what was recorded on it."""


def outcome(kind: str, **fields: object) -> Data:
    """The outcome of the appointment on 9 June."""
    event = golden("ContactOutcomeRecorded")
    event["data"] |= {"outcome": kind, "acceptable_reason": None, **fields}
    data: Data = language.read(encode(event), ())[0].data
    return data


def sentence() -> Data:
    """An order from 1 June."""
    data: Data = language.read(encode(golden("SentenceImposed")), ())[0].data
    return data


def standing(story: Sequence[Told], arrive_on: str | None = None) -> Counter[tuple[str, str]]:
    """What stands on 1 August if each fact arrives on its day, or all on one day."""
    ledger = Ledger(*SERVICES)
    ledger.day("2026-06-01")
    for number, (day, data) in enumerate(story):
        ledger.day(arrive_on or day)
        recorded = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)
        ledger.tell(data, subject=PERSON, id=f"event-{number}", recorded=recorded)
    ledger.day("2026-08-01")
    # Why nobody was allocated rests on what was tried at the time.
    left_out = {"AllocationOverdue": {"why", "reason"}}
    return Counter(
        (e.type, e.data.model_dump_json(exclude=left_out.get(e.type, {"why"})))
        for e in ledger.standing_events()
    )


IN_TIME = [
    ("2026-06-01", sentence()),
    ("2026-06-09", outcome("failed_to_attend")),
    ("2026-06-10", outcome("acceptable_absence", acceptable_reason="medical")),
]
LATE = [*IN_TIME[:2], ("2026-07-01", IN_TIME[2][1])]


def test_an_absence_decided_in_time_counts_as_in_time_even_if_it_arrives_late() -> None:
    assert standing(IN_TIME, "2026-07-20") == standing(IN_TIME)


def test_an_absence_decided_late_counts_as_late_in_any_order_of_arrival() -> None:
    assert standing([LATE[0], LATE[2], LATE[1]], "2026-07-20") == standing(LATE)
