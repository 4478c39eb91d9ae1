"""The numbers of what was done and what was late, by delivery unit and month."""

from __future__ import annotations

from collections import Counter
from typing import Any

from schemas.envelope import CloudEvent
from shared.answers.listed import MEASURES, NOW
from shared.answers.measures import contributions, counts, shown, summed, types_counted
from shared.answers.rulebook import RULE_ID, rulebook
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


def test_requirements_left_when_supervision_ended_were_not_completed() -> None:
    events = [
        fact(f.order("2026-01-05", "2027-01-04", "unpaid_work 80, rar 10")),
        fact(f.varied("2026-02-02", "2027-01-04", "unpaid_work 80, rar 10, curfew")),
        fact(f.varied("2026-08-03", "2027-01-04", "unpaid_work 80")),
        said(
            "RequirementCompleted",
            "2026-03-02",
            requirement_id="UPW",
            kind="unpaid_work",
            completed_on="2026-03-02",
        ),
    ]
    assert numbers("requirements completed", *events) == {("camden", "2026-03"): "1 of 1"}
    ended = said(
        "SupervisionEnded", "2026-05-01", ended_on="2026-05-01", reason="revoked", practitioner_changes=0
    )
    assert numbers("requirements completed", *events, ended) == {
        ("camden", "2026-03"): "1 of 1",
        ("camden", "2026-05"): "0 of 2",
    }


# -- outcomes, waiting and needs -----------------------------------------------------------------------


def test_outcomes_count_with_their_results() -> None:
    results = [
        said("OutcomeRecorded", day, referral_id=id, outcome=what, result=result, reported_on=day)
        for id, day, what, result in (
            ("F1", "2026-03-02", "a home", "achieved"),
            ("F2", "2026-03-02", "work", "partly"),
            ("F3", "2026-04-02", "a bank account", "achieved"),
        )
    ]
    assert numbers("outcomes achieved", *results) == {
        ("camden", "2026-03"): "1 of 2",
        ("camden", "2026-04"): "1 of 1",
    }


def test_a_sentence_whose_practitioner_never_changed_is_one_practitioner_throughout() -> None:
    ended = [
        said(
            "SupervisionEnded",
            "2026-03-02",
            sentence_id=id,
            ended_on="2026-03-02",
            reason="expired",
            practitioner_changes=changes,
        )
        for id, changes in (("S1", 0), ("S2", 1), ("S3", 0))
    ]
    assert numbers("one practitioner throughout", *ended) == {("camden", "2026-03"): "2 of 3"}


def test_reports_count_where_they_were_asked_for_in_the_month_of_delivery() -> None:
    events = [
        fact(f.report_asked("2026-02-20", id="B1")),
        fact(f.report_delivered("2026-03-02", id="B1", format="oral")),
        fact(f.report_asked("2026-02-20", id="B2")),
        fact(f.report_delivered("2026-03-03", id="B2")),
        fact(f.report_asked("2026-02-20", id="B3")),
    ]
    assert numbers("oral reports to courts", *events) == {("", "2026-03"): "1 of 2"}


def test_a_report_counts_as_it_was_recorded_last_and_not_at_all_if_it_never_was() -> None:
    asked = [fact(f.report_asked("2026-02-20", id=id)) for id in ("B1", "B2")]
    corrected = [
        fact(f.report_delivered("2026-03-02", id="B1", recorded="2026-03-04", event="later")),
        fact(f.report_delivered("2026-03-02", id="B1", format="oral", event="first")),
    ]
    never = f.report_delivered("2026-03-02", id="B2", format="oral")
    voided = [fact(never), fact(never.voided().said("2026-03-05"))]
    assert numbers("oral reports to courts", *asked, *corrected, *voided) == {("", "2026-03"): "0 of 1"}


def test_days_from_referral_to_start_are_averaged() -> None:
    events: list[CloudEvent[Any]] = []
    for id, start in (("F1", "2026-03-11"), ("F2", "2026-03-22")):
        events.append(
            said(
                "ReferralMade",
                "2026-03-01",
                referral_id=id,
                kind="commissioned_service",
                cohorts=[],
                desired_outcomes=[],
                made_on="2026-03-01",
            )
        )
        events.append(said("InterventionStarted", start, referral_id=id, started_on=start))
    assert numbers("days from referral to start", *events) == {("camden", "2026-03"): "15.5"}


def test_unpaid_work_that_started_after_it_was_late_is_not_in_time() -> None:
    events = []
    for id, late in (("U1", False), ("U2", True)):
        events.append(
            said(
                "ReferralMade",
                "2026-03-01",
                referral_id=f"F-{id}",
                requirement_id=id,
                kind="unpaid_work",
                cohorts=[],
                desired_outcomes=[],
                made_on="2026-03-01",
            )
        )
        events.append(said("InterventionStarted", "2026-03-30", requirement_id=id, started_on="2026-03-30"))
        if late:
            events.append(
                said("UnpaidWorkStartOverdue", "2026-03-27", requirement_id=id, due_on="2026-03-27")
            )
    assert numbers("unpaid work started in time", *events) == {("camden", "2026-03"): "1 of 2"}


def test_a_stand_down_is_a_session_of_unpaid_work_that_did_not_take_place() -> None:
    worked = said(
        "UnpaidWorkCredited",
        "2026-03-02",
        requirement_id="U1",
        session_id="1",
        minutes=60,
        **{"as": "work"},
        worked_minutes=60,
        ordered_minutes=6000,
        held_on="2026-03-02",
    )
    excused = [
        said("ContactExcused", "2026-03-09", contact_id=id, missed_on="2026-03-09", acceptable_reason=reason)
        for id, reason in (("C1", "stood_down"), ("C2", "medical"))
    ]
    assert numbers("unpaid work stood down", worked, *excused) == {("camden", "2026-03"): "1 of 2"}


# -- groups of people ----------------------------------------------------------------------------------


def groups_counted(name: str, *events: CloudEvent[Any]) -> Counter[tuple[str, ...]]:
    """How many contributions a measure has from each set of groups."""
    return Counter(one.groups for one in contributions(Standing(events), [BY_NAME[name]]))


def test_a_person_counts_in_the_groups_that_the_court_recorded_last() -> None:
    events = [
        fact(f.order("2025-01-06", id="S0", sex="female", cohorts="young_adult")),
        fact(f.order("2026-03-02", id="S1", sex="female", cohorts="minority_ethnic")),
        fact(f.allocated("2026-03-31")),
    ]
    found = groups_counted("sentences allocated on time", *events)
    assert found == {("minority_ethnic", "women"): 1}


def test_a_report_counts_in_the_groups_of_its_case_too() -> None:
    events = [
        fact(f.report_asked("2026-02-20", sex="female", complex=True)),
        fact(f.report_delivered("2026-03-02")),
    ]
    assert groups_counted("oral reports to courts", *events) == {("women", "complex"): 1}


def test_a_measure_that_is_not_by_group_tells_no_group() -> None:
    events = [
        fact(f.order("2026-03-02", sex="female")),
        said("BreachStarted", "2026-03-02", started_on="2026-03-02"),
    ]
    assert groups_counted("breaches brought", *events) == {(): 1}


def test_every_rule_that_a_measure_names_is_in_the_rulebook() -> None:
    named = {id for measure in (*MEASURES, *NOW) for id in RULE_ID.findall(measure.source)}
    assert named - rulebook().keys() == set()


def test_the_types_that_count_closed_are_open_items() -> None:
    types = types_counted((*MEASURES, *NOW))
    assert types.closed - types.standing == set()
    assert {"EnforcementActionRequired", "BreachRequired", "HomeVisitRequired"} <= types.closed
    assert {"OutcomeRecorded", "NeedUnmet", "AvailabilityChanged"} <= types.standing
