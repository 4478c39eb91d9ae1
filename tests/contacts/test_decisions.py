"""On which day an absence was decided of which the reason was awaited: `decided_on` (ENF-11, ENF-12)."""

from __future__ import annotations

from datetime import date, datetime
from itertools import permutations
from typing import Any

import pytest

from services.contacts.app import SERVICE
from shared.calendar import LONDON
from tests import facts as f
from tests.ledger import Ledger

ORDER = f.order("2026-01-15", "2026-09-14")
Said = tuple[str, Any]
"""When it was recorded (on the clocks of London), and what."""


def practitioner(at: str, outcome: str, on: str = "2026-02-10", **more: Any) -> Said:
    return at, f.contact(on, outcome, id="C1", **more)


def provider(at: str, outcome: str) -> Said:
    return at, f.work("2026-02-10", outcome, id="C1")


AWAITED = practitioner("2026-02-10T17:00", "failed_to_attend")
MISSED = practitioner("2026-02-16T10:00", "unacceptable_absence")
EXCUSED = practitioner("2026-02-17T10:00", "acceptable_absence")


def told(*said: Said) -> Ledger:
    """Contacts, told in that order on 1 April."""
    ledger = Ledger(SERVICE)
    ledger.day("2026-04-01")
    ledger.tell(ORDER)
    for at, fact in said:
        recorded = datetime.fromisoformat(at).replace(tzinfo=LONDON)
        ledger.tell(fact, id=f"said-{at}", recorded=recorded)
    return ledger


@pytest.mark.parametrize(
    ("said", "decided_on"),
    [
        pytest.param([AWAITED, MISSED], "2026-02-16", id="awaited, then decided to be a failure"),
        pytest.param([AWAITED, EXCUSED], "2026-02-17", id="awaited, then excused"),
        pytest.param([MISSED], None, id="never awaited"),
        pytest.param([MISSED, EXCUSED], None, id="decided at once and then otherwise"),
        pytest.param([AWAITED, MISSED, EXCUSED], "2026-02-16", id="decided otherwise later"),
        pytest.param(
            [
                AWAITED,
                MISSED,
                practitioner("2026-02-18T10:00", "failed_to_attend"),
                *[practitioner("2026-02-20T10:00", "acceptable_absence")],
            ],
            "2026-02-20",
            id="left open again: the last decision counts",
        ),
        pytest.param(
            [AWAITED, practitioner("2026-02-13T10:00", "complied"), MISSED],
            "2026-02-13",
            id="first taken for attended",
        ),
        pytest.param(
            [AWAITED, practitioner("2026-02-16T00:10", "unacceptable_absence")],
            "2026-02-16",
            id="decided just after midnight",
        ),
        pytest.param(
            [AWAITED, practitioner("2026-03-30T00:10", "unacceptable_absence")],
            "2026-03-30",
            id="just after midnight in summer time",
        ),
        pytest.param(
            [practitioner("2026-02-10T17:00", "failed_to_attend", national_standard=False), MISSED],
            None,
            id="of a contact that could not be enforced nothing was awaited",
        ),
        pytest.param(
            [practitioner("2026-01-30T17:00", "failed_to_attend", "2026-01-30"), MISSED],
            "2026-02-16",
            id="with its date corrected to another month",
        ),
        pytest.param(
            [provider("2026-02-10T17:00", "failed_to_attend"), MISSED],
            "2026-02-16",
            id="awaited by the provider, decided by the practitioner",
        ),
        pytest.param(
            [MISSED, provider("2026-02-18T10:00", "failed_to_attend")],
            None,
            id="the provider's later word counts for nothing",
        ),
        pytest.param(
            [
                AWAITED,
                provider("2026-02-12T10:00", "unacceptable_absence"),
                provider("2026-02-13T10:00", "failed_to_attend"),
                MISSED,
            ],
            "2026-02-16",
            id="nor does it decide",
        ),
        pytest.param(
            [
                provider("2026-02-10T17:00", "failed_to_attend"),
                provider("2026-02-12T10:00", "unacceptable_absence"),
            ],
            "2026-02-12",
            id="awaited and decided by the provider",
        ),
        pytest.param(
            [
                provider("2026-02-10T17:00", "failed_to_attend"),
                provider("2026-02-12T10:00", "unacceptable_absence"),
                AWAITED,
                practitioner("2026-02-19T10:00", "unacceptable_absence", voided=True),
            ],
            "2026-02-12",
            id="what the practitioner took back never counted",
        ),
    ],
)
def test_the_day_of_the_decision_whatever_came_first(said: list[Said], decided_on: str | None) -> None:
    for arrival in permutations(said):
        ledger = told(*arrival)
        (decided,) = ledger.standing("ContactMissed") + ledger.standing("ContactExcused")
        assert decided.decided_on == (date.fromisoformat(decided_on) if decided_on else None)
        assert ledger.standing("AbsenceUndecided") == []


def test_the_finding_rests_on_what_was_awaited_and_on_the_decision() -> None:
    ledger = told(MISSED, AWAITED, EXCUSED)
    (event,) = ledger.standing_events("ContactExcused")
    assert event.data.why.evidence == [
        f"said-{EXCUSED[0]}",
        "event-0001",
        f"said-{AWAITED[0]}",
        f"said-{MISSED[0]}",
    ]


def test_an_absence_of_which_the_reason_is_awaited_again_is_undecided() -> None:
    ledger = told(MISSED, practitioner("2026-02-18T10:00", "failed_to_attend"))
    assert ledger.standing("ContactMissed") == []
    assert [e.contact_id for e in ledger.standing("AbsenceUndecided")] == ["C1"]
