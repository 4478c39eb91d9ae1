"""The numbers of what was done and what was late, by delivery unit and month."""

from __future__ import annotations

from typing import Any

from schemas.envelope import CloudEvent
from shared.answers.listed import MEASURES
from shared.answers.measures import counts, shown, summed
from shared.answers.standing import Standing
from tests import facts as f
from tests.answers.published import fact, said, withdrawn

BY_NAME = {measure.name: measure for measure in MEASURES}


def numbers(name: str, *events: CloudEvent[Any]) -> dict[tuple[str, str], str]:
    """The measure as shown, by delivery unit and month."""
    counted = counts(Standing(events))
    return {
        (place.pdu, month): shown(BY_NAME[name], count)
        for (measure, place, month), count in counted.items()
        if measure == name
    }


def test_only_the_first_allocation_of_a_sentence_counts() -> None:
    first = fact(f.allocated("2026-03-31", late=True))
    later = fact(f.allocated("2026-04-20", "change", to="P2", event="later"))
    assert numbers("sentences allocated on time", later, first) == {("camden", "2026-03"): "0 of 1"}


def test_a_sentence_that_nobody_took_in_time_counts_in_the_month_it_was_due() -> None:
    overdue = said("AllocationOverdue", "2026-04-01", due_on="2026-03-31", reason="no_capacity")
    assert numbers("sentences allocated on time", overdue) == {("camden", "2026-03"): "0 of 1"}


def test_home_visits_count_when_made_or_overdue_by_their_date() -> None:
    made, open_, late = (
        said("HomeVisitRequired", "2026-03-02", registration=id, due_on="2026-04-02")
        for id in ("R1", "R2", "R3")
    )
    overdue = said("HomeVisitOverdue", "2026-04-03", registration="R3", due_on="2026-04-02")
    resolved = [withdrawn(made, "resolved", "2026-03-20"), withdrawn(late, "resolved", "2026-05-01")]
    assert numbers("home visits in time", made, open_, late, overdue, *resolved) == {
        ("camden", "2026-04"): "1 of 2"
    }


def test_a_failure_whose_letter_is_overdue_was_not_answered_in_time() -> None:
    events: list[CloudEvent[Any]] = []
    for id in ("C1", "C2", "C3"):
        events.append(
            said(
                "ContactMissed",
                "2026-03-02",
                contact_id=id,
                missed_on="2026-03-02",
                outcome="unacceptable_absence",
            )
        )
    for id in ("C1", "C2"):
        asked = said("EnforcementActionRequired", "2026-03-02", contact_id=id, options=["warn"], failures=1)
        events += [asked, withdrawn(asked, "resolved", "2026-03-09")]
    events.append(said("WarningLetterOverdue", "2026-03-05", contact_id="C2", due_on="2026-03-04"))
    assert numbers("answered by letter in time", *events) == {("camden", "2026-03"): "1 of 2"}


def test_two_spellings_of_a_delivery_unit_are_one() -> None:
    started = [
        said("BreachStarted", "2026-03-02", started_on="2026-03-02", sentence_id=id, pdu=pdu)
        for id, pdu in (("S1", "Ynys Môn"), ("S2", " ynys  MÔN"))
    ]
    assert [*numbers("breaches brought", *started).values()] == ["2"]


def test_hours_are_added_up_before_they_are_rounded() -> None:
    events = [
        said(
            "UnpaidWorkCredited",
            "2026-03-02",
            requirement_id="U1",
            session_id=id,
            minutes=90,
            **{"as": "work"},
            worked_minutes=90,
            ordered_minutes=6000,
            held_on=day,
        )
        for id, day in (("1", "2026-03-02"), ("2", "2026-04-02"))
    ]
    counted = counts(Standing(events))
    places = {place for _, place, _ in counted}
    hours = BY_NAME["hours of unpaid work"]
    assert shown(hours, summed(counted, hours, places, ["2026-03", "2026-04"])) == "3"
    assert shown(hours, summed(counted, hours, places, ["2026-03"])) == "1"
    assert shown(hours, summed(counted, hours, places, ["2026-05"])) == "-"
