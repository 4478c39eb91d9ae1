"""Outcomes that are missing, given in advance or for no sentence (CONT-11 to 13, 16; part 5)."""

from typing import Any

import pytest

from tests.examples.facts import Fact, contact, died, order, revoked, scheduled, session
from tests.examples.play import Example

ORDER = order("2026-06-01")
DUE = {"contact_id": "C1", "sentence_id": "S1", "scheduled_on": "2026-06-10"}


def planned(day: str = "2026-06-10", **options: Any) -> Fact:
    return scheduled("C1", day, **{"recorded": "2026-06-02"} | options)


def overdue(
    name: str, facts: list[Fact], until: str = "2026-06-30", *found: dict[str, Any], closed: str | None = None
) -> Example:
    """What is overdue, and why it was withdrawn if it was."""
    gone = [closed] if closed else []
    return Example(name, [ORDER, *facts], until, {"OutcomeOverdue": found}, {"OutcomeOverdue": gone})


def done(day: str = "2026-06-10", outcome: str = "complied", **options: Any) -> Fact:
    return contact("C1", day, outcome, **options)


OVERDUE = [
    overdue("on the day of the appointment it is not overdue", [planned()], "2026-06-10"),
    overdue("the day after it is", [planned()], "2026-06-11", DUE),
    overdue("and three weeks later still", [planned()], "2026-06-30", DUE),
    overdue("recorded on the day itself: never overdue", [planned(), done()]),
    overdue(
        "recorded at one minute to midnight in London",
        [planned(), done(recorded="2026-06-10T22:59:00Z")],
    ),
    overdue(
        "recorded at a quarter past, still the 10th in Greenwich: it was overdue",
        [planned(), done(recorded="2026-06-10T23:15:00Z")],
        closed="resolved",
    ),
    *[
        overdue(
            f"recorded two days later as {outcome.replace('_', ' ')}: dealt with",
            [planned(), done(outcome=outcome, recorded="2026-06-12")],
            closed="resolved",
        )
        for outcome in (
            "complied",
            "unacceptable_absence",
            "failed_to_attend",
            "acceptable_absence",
            "rescheduled_by_person",
            "rescheduled_by_service",
            "sent_home_service",
            "suspended",
            "warrant_outstanding",
        )
    ],
    overdue("not of national standard: no outcome is asked for", [planned(national_standard=False)]),
    overdue("the person was not told of it: an outcome is", [planned(notified=False)], "2026-06-11", DUE),
    overdue(
        "moved to the 17th beforehand",
        [planned(), planned("2026-06-17", recorded="2026-06-08", id="c")],
        "2026-06-17",
    ),
    overdue(
        "and overdue then",
        [planned(), planned("2026-06-17", recorded="2026-06-08", id="c")],
        "2026-06-18",
        DUE | {"scheduled_on": "2026-06-17"},
    ),
    overdue(
        "it turns out to have been moved to the 17th",
        [planned(), planned("2026-06-17", recorded="2026-06-12", id="c")],
        "2026-06-12",
        closed="corrected",
    ),
    overdue(
        "the appointment was another person's",
        [planned(), planned(recorded="2026-06-12", id="c", voided=True)],
        closed="corrected",
    ),
    overdue(
        "the outcome was another person's: overdue after all",
        [planned(), done(), done(recorded="2026-06-15", id="c", voided=True)],
        "2026-06-15",
        DUE,
    ),
    overdue(
        "two appointments on one day, one outcome",
        [planned(), scheduled("C2", "2026-06-10", recorded="2026-06-02"), contact("C2", "2026-06-10")],
        "2026-06-11",
        DUE,
    ),
    overdue(
        "an appointment told of ten days late is overdue at once",
        [planned(recorded="2026-06-20")],
        "2026-06-20",
        DUE,
    ),
    overdue(
        "an activity that a provider recorded does not say what came of another appointment",
        [planned(), session("D1", "2026-06-10")],
        "2026-06-11",
        DUE,
    ),
    overdue("the order is revoked when it is overdue", [planned(), revoked("2026-06-12")], closed="ended"),
    overdue("an appointment after the revocation", [planned(), revoked("2026-06-08")]),
    overdue("an appointment after the death", [planned(), died("2026-06-08")]),
    Example(
        "an appointment on the last day of the order: nothing arises after it",
        [order("2026-05-11", ends="2026-06-10"), planned()],
        "2026-06-30",
        {"OutcomeOverdue": []},
    ),
    Example(
        "one on the last day but one is overdue on the last, and ended after it",
        [order("2026-05-11", ends="2026-06-11"), planned()],
        "2026-06-30",
        {"OutcomeOverdue": []},
        {"OutcomeOverdue": ["ended"]},
    ),
    Example(
        "an appointment for a sentence that nobody knows",
        [order("2026-06-01", sentence="S2"), planned()],
        "2026-06-30",
        {"OutcomeOverdue": []},
    ),
]

AHEAD = "2026-06-08"
MISSED = {"period_start": "2026-06-01", "period_end": "2026-06-30"}


def ahead(
    name: str, outcome: str, *facts: Fact, late: bool, recorded: str = AHEAD, **stands: list[dict[str, Any]]
) -> Example:
    """An outcome of 10 June recorded on 8 June or whenever it says; is it overdue after the day?"""
    found = {"OutcomeOverdue": [DUE] if late else [], "ContactMissed": []} | stands
    told = [ORDER, planned(), done(outcome=outcome, recorded=recorded), *facts]
    return Example(name, told, "2026-07-01", found)


IN_ADVANCE = [
    ahead(
        "excused in advance: it is, and so is the month",
        "acceptable_absence",
        late=False,
        ContactExcused=[{"contact_id": "C1", "missed_on": "2026-06-10", "acceptable_reason": "medical"}],
        ContactStandardMissed=[MISSED | {"excused": True}],
    ),
    ahead("rescheduled by the person in advance", "rescheduled_by_person", late=False),
    ahead("rescheduled by the service in advance", "rescheduled_by_service", late=False),
    ahead(
        "nobody complies in advance: overdue, and the month is missed",
        "complied",
        late=True,
        ContactStandardMissed=[MISSED | {"attended": 0, "excused": False}],
    ),
    ahead("nobody fails in advance", "unacceptable_absence", late=True, EnforcementActionRequired=[]),
    ahead("nor fails to attend", "failed_to_attend", late=True, AbsenceUndecided=[]),
    ahead("nor fails to comply", "failed_to_comply", late=True),
    ahead(
        "complied, recorded half an hour after midnight in London, the eve in Greenwich: it counts",
        "complied",
        late=False,
        recorded="2026-06-09T23:30:00Z",
        ContactStandardMissed=[],
    ),
    ahead(
        "half an hour before midnight in London: it does not",
        "complied",
        late=True,
        recorded="2026-06-09T22:30:00Z",
        ContactStandardMissed=[MISSED],
    ),
    ahead(
        "complied in advance, and again when it was so",
        "complied",
        done(recorded="2026-06-11", id="again"),
        late=False,
        ContactStandardMissed=[],
    ),
    ahead(
        "excused in advance, but the person came",
        "acceptable_absence",
        done(recorded="2026-06-10", id="c"),
        late=False,
        ContactExcused=[],
        ContactStandardMissed=[],
    ),
    Example(
        "rescheduled in advance and seen a week later: the month is met",
        [
            ORDER,
            planned(),
            done(outcome="rescheduled_by_person", recorded=AHEAD),
            contact("C2", "2026-06-17"),
        ],
        "2026-07-01",
        {"OutcomeOverdue": [], "ContactStandardMissed": [], "ContactMissed": []},
    ),
]


def both(
    name: str, *facts: Fact, missed: list[dict[str, Any]], until: str = "2026-07-01", **more: Any
) -> Example:
    """Two orders of 1 June."""
    told = [ORDER, order("2026-06-01", sentence="S2"), *facts]
    return Example(name, told, until, {"ContactStandardMissed": missed} | more)


ANY: dict[str, Any] = {"sentence_id": None}

FOR_ALL = [
    both("a contact that names no sentence counts for both", contact("C1", "2026-06-10", **ANY), missed=[]),
    both(
        "one that names the first counts for it alone",
        contact("C1", "2026-06-10"),
        missed=[MISSED | {"sentence_id": "S2"}],
    ),
    both(
        "by telephone it counts for neither",
        contact("C1", "2026-06-10", mode="telephone", **ANY),
        missed=[MISSED | {"sentence_id": "S1"}, MISSED | {"sentence_id": "S2"}],
    ),
    both(
        "by video it is all there is, of both",
        contact("C1", "2026-06-10", mode="video", **ANY),
        missed=[],
        VideoShareExceeded=[
            {"sentence_id": "S1", "video": 1, "total": 1},
            {"sentence_id": "S2", "video": 1, "total": 1},
        ],
    ),
    both(
        "the person did not come, for a good reason: both months are excused",
        contact("C1", "2026-06-10", "acceptable_absence", **ANY),
        missed=[MISSED | {"sentence_id": s, "excused": True} for s in ("S1", "S2")],
    ),
    both(
        "corrected to name the first: the second month is missed",
        contact("C1", "2026-06-10", **ANY),
        contact("C1", "2026-06-10", recorded="2026-07-03", id="c"),
        missed=[MISSED | {"sentence_id": "S2"}],
        until="2026-07-03",
    ),
    both(
        "told of late, it restores both months",
        contact("C1", "2026-06-10", recorded="2026-07-03", **ANY),
        missed=[],
        until="2026-07-03",
    ),
    Example(
        "it does not count for a sentence that came after it",
        [
            ORDER,
            order("2026-06-15", sentence="S2"),
            contact("C1", "2026-06-10", **ANY),
            contact("C2", "2026-07-10"),
        ],
        "2026-07-15",
        {"ContactStandardMissed": [{"sentence_id": "S2", "period_start": "2026-06-15"}]},
    ),
    Example(
        "it is told of before the sentence is, and counts",
        [contact("C1", "2026-06-10", **ANY), order("2026-06-01", recorded="2026-06-20")],
        "2026-07-01",
        {"ContactStandardMissed": []},
    ),
]


@pytest.mark.parametrize("example", [*OVERDUE, *IN_ADVANCE, *FOR_ALL], ids=lambda e: e.name)
def test_an_outcome(example: Example) -> None:
    example.check()
