"""On which day an absence was decided of which the reason was awaited: `decided_on` (ENF-11, ENF-12)."""

from __future__ import annotations

from datetime import date
from itertools import permutations

from services.contacts.app import SERVICE
from tests import facts as f
from tests.ledger import Ledger
from tests.table import table

ORDER = f.order("2026-01-15", "2026-09-14")
AWAITED = f.contact("2026-02-10", "failed_to_attend", id="C1", recorded="2026-02-10T17:00")
MISSED = f.contact("2026-02-10", "unacceptable_absence", id="C1", recorded="2026-02-16T10:00")
EXCUSED = f.contact("2026-02-10", "acceptable_absence", id="C1", recorded="2026-02-17T10:00")


def told(*facts: f.Fact) -> Ledger:
    """Contacts, told in that order on 1 April."""
    ledger = Ledger(SERVICE)
    ledger.day("2026-04-01")
    ledger.tell(ORDER)
    for fact in facts:
        ledger.tell(fact, id=f"said-{fact.recorded}")
    return ledger


@table(
    """
    | case                                                        | decided_on | facts |
    | awaited, then decided to be a failure                       | 2026-02-16 | AWAITED; MISSED |
    | awaited, then excused                                       | 2026-02-17 | AWAITED; EXCUSED |
    | never awaited                                               | None       | MISSED |
    | decided at once and then otherwise                          | None       | MISSED; EXCUSED |
    | decided otherwise later                                     | 2026-02-16 | AWAITED; MISSED; EXCUSED |
    | left open again: the last decision counts                   | 2026-02-20 | AWAITED; MISSED |
    |                                                             |            | 2026-02-10 contact C1 failed to attend recorded=2026-02-18T10:00 |
    |                                                             |            | 2026-02-10 contact C1 acceptable absence recorded=2026-02-20T10:00 |
    | first taken for attended                                    | 2026-02-13 | AWAITED; 2026-02-10 contact C1 complied recorded=2026-02-13T10:00 |
    |                                                             |            | MISSED |
    | decided just after midnight                                 | 2026-02-16 | AWAITED |
    |                                                             |            | 2026-02-10 contact C1 unacceptable absence recorded=2026-02-16T00:10 |
    | just after midnight in summer time                          | 2026-03-30 | AWAITED |
    |                                                             |            | 2026-02-10 contact C1 unacceptable absence recorded=2026-03-30T00:10 |
    | of a contact that could not be enforced nothing was awaited | None       | 2026-02-10 contact C1 failed to attend national_standard=false recorded=2026-02-10T17:00 |
    |                                                             |            | MISSED |
    | with its date corrected to another month                    | 2026-02-16 | 2026-01-30 contact C1 failed to attend recorded=2026-01-30T17:00 |
    |                                                             |            | MISSED |
    | awaited by the provider, decided by the practitioner        | 2026-02-16 | 2026-02-10 work C1 failed to attend recorded=2026-02-10T17:00; MISSED |
    | the provider's later word counts for nothing                | None       | MISSED; 2026-02-10 work C1 failed to attend recorded=2026-02-18T10:00 |
    | nor does it decide                                          | 2026-02-16 | AWAITED |
    |                                                             |            | 2026-02-10 work C1 unacceptable absence recorded=2026-02-12T10:00 |
    |                                                             |            | 2026-02-10 work C1 failed to attend recorded=2026-02-13T10:00; MISSED |
    | awaited and decided by the provider                         | 2026-02-12 | 2026-02-10 work C1 failed to attend recorded=2026-02-10T17:00 |
    |                                                             |            | 2026-02-10 work C1 unacceptable absence recorded=2026-02-12T10:00 |
    | what the practitioner took back never counted               | 2026-02-12 | 2026-02-10 work C1 failed to attend recorded=2026-02-10T17:00 |
    |                                                             |            | 2026-02-10 work C1 unacceptable absence recorded=2026-02-12T10:00 |
    |                                                             |            | AWAITED |
    |                                                             |            | 2026-02-10 contact C1 unacceptable absence voided=true recorded=2026-02-19T10:00 |
    """,  # noqa: E501
    AWAITED=AWAITED,
    MISSED=MISSED,
    EXCUSED=EXCUSED,
)
def test_the_day_of_the_decision_whatever_came_first(facts: list[f.Fact], decided_on: str | None) -> None:
    for arrival in permutations(facts):
        ledger = told(*arrival)
        (decided,) = ledger.standing("ContactMissed") + ledger.standing("ContactExcused")
        assert decided.decided_on == (date.fromisoformat(decided_on) if decided_on else None)
        assert ledger.standing("AbsenceUndecided") == []


def test_the_finding_rests_on_what_was_awaited_and_on_the_decision() -> None:
    ledger = told(MISSED, AWAITED, EXCUSED)
    (event,) = ledger.standing_events("ContactExcused")
    assert event.data.why.evidence == [
        f"said-{EXCUSED.recorded}",
        "event-0001",
        f"said-{AWAITED.recorded}",
        f"said-{MISSED.recorded}",
    ]


def test_an_absence_of_which_the_reason_is_awaited_again_is_undecided() -> None:
    ledger = told(MISSED, f.contact("2026-02-10", "failed_to_attend", id="C1", recorded="2026-02-18T10:00"))
    assert ledger.standing("ContactMissed") == []
    assert [e.contact_id for e in ledger.standing("AbsenceUndecided")] == ["C1"]
