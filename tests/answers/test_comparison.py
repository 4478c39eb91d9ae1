"""What another policy would change: which findings appear, vanish or change."""

from __future__ import annotations

from typing import Any

from schemas.envelope import CloudEvent
from shared.answers.comparison import Difference, compare, counted, in_words, tally
from shared.answers.standing import Standing
from tests import facts as f
from tests.answers.published import fact, said, withdrawn

LATE = said("WarningLetterOverdue", "2026-03-02", contact_id="C1", due_on="2026-03-04")
Events = list[CloudEvent[Any]]


def differences(before: Events, after: Events) -> list[tuple[str, str, dict[str, Any]]]:
    return [(one.kind, one.type, one.changed) for one in compare(Standing(before), Standing(after))]


def again(event: CloudEvent[Any], **data: Any) -> CloudEvent[Any]:
    """The same finding of another replay: its id is another, and so may be some of its data."""
    changed = event.data.model_copy(update=data)
    return event.model_copy(update={"id": f"{event.id}-again", "data": changed})


def test_the_same_findings_with_other_ids_and_another_policy_are_no_difference() -> None:
    why = LATE.data.why.model_copy(update={"policy": "enforcement@what-if-1-2021-06-26"})
    assert differences([LATE], [again(LATE, why=why)]) == []


def test_a_finding_of_one_replay_alone_appears_or_vanishes() -> None:
    assert differences([], [LATE]) == [("appears", "WarningLetterOverdue", {})]
    assert differences([LATE], []) == [("vanishes", "WarningLetterOverdue", {})]


def test_another_date_for_the_same_thing_is_a_change() -> None:
    moved = again(LATE, due_on=f.moment("2026-03-06").date())
    assert differences([LATE], [moved]) == [
        ("changes", "WarningLetterOverdue", {"due_on": ("2026-03-04", "2026-03-06")})
    ]


def test_the_same_finding_about_another_contact_is_another_finding() -> None:
    kinds = [kind for kind, *_ in differences([LATE], [again(LATE, contact_id="C2")])]
    assert sorted(kinds) == ["appears", "vanishes"]


def test_an_item_that_was_resolved_counts_and_one_that_was_corrected_does_not() -> None:
    item = said("HomeVisitRequired", "2026-03-02", registration="R1", due_on="2026-03-30")
    resolved = withdrawn(item, "resolved", "2026-03-10")
    assert differences([item, withdrawn(item, "corrected")], []) == []
    assert [kind for kind, *_ in differences([item, resolved], [])] == ["vanishes"]
    assert differences([item], [item, resolved]) == [
        ("changes", "HomeVisitRequired", {"closed": (None, "resolved"), "closed_on": (None, "2026-03-10")})
    ]


def test_differences_are_counted_by_rule_region_and_month() -> None:
    second = again(LATE, contact_id="C2", region="wales")
    found = compare(
        Standing([LATE]),
        Standing([LATE, second, said("BreachStarted", "2026-04-01", started_on="2026-04-01")]),
    )
    by = {
        "region": lambda one: [one.region],
        "month": lambda one: [one.month],
        "rule": lambda one: one.rules,
    }
    assert {name: {key: dict(n) for key, n in tally(found, how).items()} for name, how in by.items()} == {
        "region": {"london": {"appears": 1}, "wales": {"appears": 1}},
        "month": {"2026-03": {"appears": 1}, "2026-04": {"appears": 1}},
        "rule": {"CONT-1": {"appears": 2}},
    }


def test_a_finding_without_a_place_has_that_of_the_practitioner() -> None:
    points = {"protect_points": 20, "change_points": 10}
    tier = said("TierCalculated", "2026-03-02", tier="B2", provisional=False, **points)
    allocated = fact(f.allocated("2026-03-02"))
    (one,) = compare(Standing([allocated]), Standing([allocated, tier]))
    assert isinstance(one, Difference)
    assert one.region == "london"


def test_what_differs_is_said_for_each_policy_in_words() -> None:
    moved = again(LATE, due_on=f.moment("2026-03-06").date())
    (changes,) = compare(Standing([LATE]), Standing([moved]))
    assert changes.sides == ("due on 2026-03-04", "due on 2026-03-06")
    assert in_words(changes) == "contact C1: due on 2026-03-04 becomes 2026-03-06"
    (appears,) = compare(Standing(), Standing([LATE]))
    assert appears.sides == ("", "london, camden, contact C1, due on 2026-03-04")


def test_findings_are_counted_under_each_policy() -> None:
    second = again(LATE, contact_id="C2", region="wales")
    numbers = counted(Standing([LATE, second]))
    assert {(group.type, group.region, group.month): n for group, n in numbers.items()} == {
        ("WarningLetterOverdue", "london", "2026-03"): 1,
        ("WarningLetterOverdue", "wales", "2026-03"): 1,
    }
