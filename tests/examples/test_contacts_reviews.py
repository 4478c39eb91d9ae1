"""Plans set anew: at a review, under several sentences, after the requirements (CONT-25, 28; part 5)."""

from typing import Any

import pytest

from tests.examples.case_facts import plan
from tests.examples.facts import (
    Fact,
    contact,
    order,
    prison_sentence,
    rar,
    released,
    requirement,
    revoked,
    risk,
    session,
    work,
)
from tests.examples.play import Example
from tests.examples.test_contacts_plans import MEDIUM, at, every, planned

REVIEWS = [
    planned(
        "the practitioner's review sets every ten days instead of the fortnight",
        at("medium", plan("2026-07-15", every=10)),
        "2026-08-31",
        *MEDIUM,
        every(10, "2026-07-15"),
    ),
    planned(
        "and it may set less: every four weeks",
        at("medium", plan("2026-07-15", every=28)),
        "2026-08-31",
        *MEDIUM,
        every(28, "2026-07-15"),
    ),
    planned(
        "a plan that sets no frequency changes none",
        at("medium", plan("2026-07-15")),
        "2026-08-31",
        *MEDIUM,
    ),
    planned(
        "the next plan sets none: as policy again",
        at("medium", plan("2026-07-15", every=10), plan("2026-08-17", "P2")),
        "2026-08-31",
        *MEDIUM,
        every(10, "2026-07-15"),
        every(14, "2026-08-17"),
    ),
    planned(
        "risk rises to high after a review that set three weeks: weekly",
        at(
            "medium",
            plan("2026-07-15", every=21),
            risk("2026-08-10", "A2", rosh="high"),
        ),
        "2026-08-31",
        *MEDIUM,
        every(21, "2026-07-15"),
        every(7, "2026-08-10"),
    ),
    planned(
        "a review told of late holds from its day",
        at("medium", plan("2026-07-15", every=10, recorded="2026-08-03")),
        "2026-08-31",
        *MEDIUM,
        every(10, "2026-07-15"),
    ),
    Example(
        "a review that never was",
        at(
            "medium",
            plan("2026-07-15", every=10),
            plan("2026-07-15", every=10, recorded="2026-08-03", id="void", voided=True),
        ),
        "2026-08-31",
        {"ContactPlanSet": MEDIUM},
        {"ContactPlanSet": ["corrected"]},
    ),
]

SECOND = order("2026-09-01", sentence="S2", ends="2027-08-31")
BOTH = [
    *MEDIUM,
    every(7, "2026-09-01"),
    every(7, "2026-09-01", sentence="S2"),
]

SEVERAL = [
    planned(
        "a second sentence: its first four weeks are weekly for the first one too",
        at("medium", SECOND),
        "2026-10-31",
        *BOTH,
        every(14, "2026-09-29"),
        every(14, "2026-09-29", sentence="S2"),
    ),
    planned(
        "the second one is revoked in its second week: the first goes back to the fortnight that day",
        at("medium", SECOND, revoked("2026-09-10", sentence="S2")),
        "2026-10-31",
        *BOTH,
        every(14, "2026-09-10"),
    ),
    planned(
        "a review of one sentence that sets more holds for both",
        at("medium", SECOND, plan("2026-10-12", sentence="S2", every=10)),
        "2026-10-31",
        *BOTH,
        every(14, "2026-09-29"),
        every(14, "2026-09-29", sentence="S2"),
        every(10, "2026-10-12"),
        every(10, "2026-10-12", sentence="S2"),
    ),
    planned(
        "one that sets less changes nothing while the other asks for more",
        at("medium", SECOND, plan("2026-10-12", sentence="S2", every=28)),
        "2026-10-31",
        *BOTH,
        every(14, "2026-09-29"),
        every(14, "2026-09-29", sentence="S2"),
    ),
    planned(
        "unpaid work alone beside it asks for nothing",
        at("medium", order("2026-09-01", work(), sentence="S2")),
        "2026-10-31",
        *MEDIUM,
        every(None, "2026-09-01", "unpaid_work_only", "S2"),
    ),
]


def treated(*more: dict[str, Any], sessions: int = 2) -> list[Fact]:
    """An order of 6 January 2025 on a person of high risk, treated on 3 and 10 March."""
    days = ("2025-03-03", "2025-03-10")[:sessions]
    return [
        risk("2024-12-20", rosh="high"),
        order("2025-01-06", requirement("drug_rehabilitation", 2, id="DR"), *more, ends="2026-12-31"),
        *[session(f"D{n}", day, "DR") for n, day in enumerate(days, 1)],
    ]


WEEKLY = every(7, "2025-01-06")
KEPT_IN_TOUCH = {"sentence_id": "S1", "regime": "standard", "face_to_face_every_days": 30}
FAILED = contact("C1", "2025-04-07", "unacceptable_absence")

AFTER = [
    planned(
        "all requirements done and no RAR: every thirty days", treated(), "2025-04-30", WEEKLY, KEPT_IN_TOUCH
    ),
    planned("one session is left to do: weekly on", treated(sessions=1), "2025-04-30", WEEKLY),
    planned(
        "a curfew that still runs: weekly on",
        treated(requirement("curfew", id="CU")),
        "2025-04-30",
        WEEKLY,
    ),
    planned("with a RAR beside it: weekly on", treated(rar(2)), "2025-04-30", WEEKLY),
    planned(
        "even when the days of the RAR are used",
        [*treated(rar(1)), session("R1", "2025-03-17")],
        "2025-04-30",
        WEEKLY,
    ),
    planned(
        "a licence has no requirements that could be done: its frequency is that of the risk",
        [
            risk("2024-12-20", rosh="high", mappa={"level": 1, "category": 1}),
            prison_sentence("2024-01-08"),
            released("2025-01-06", "2025-12-31"),
        ],
        "2025-04-30",
        every(7, "2025-01-06", sentence="L1"),
    ),
    Example(
        "a session corrected to a failure: the requirement is not done after all",
        [
            *treated(),
            session("D2", "2025-03-10", "DR", "failed_to_comply", recorded="2025-04-01", id="corrected"),
        ],
        "2025-04-30",
        {"ContactPlanSet": [WEEKLY]},
        {"ContactPlanSet": ["corrected"]},
    ),
    Example(
        "a supervision contact missed after all requirements is not enforceable",
        [*treated(), FAILED],
        "2025-04-30",
        {"ContactMissed": [], "EnforcementActionRequired": []},
    ),
    Example(
        "with a session still to do it is",
        [*treated(sessions=1), FAILED],
        "2025-04-30",
        {"ContactMissed": [{"contact_id": "C1", "missed_on": "2025-04-07"}]},
    ),
    Example(
        "and under a RAR it is, though all its days are used",
        [*treated(rar(1)), session("R1", "2025-03-17"), FAILED],
        "2025-04-30",
        {"ContactMissed": [{"contact_id": "C1", "missed_on": "2025-04-07"}]},
    ),
    Example(
        "a contact missed before the requirements were done stays a failure",
        [*treated(), contact("C1", "2025-02-03", "unacceptable_absence")],
        "2025-04-30",
        {"ContactMissed": [{"contact_id": "C1", "missed_on": "2025-02-03"}]},
    ),
    Example(
        "the last session told of after the failure: it was none",
        [*treated(sessions=1), FAILED, session("D2", "2025-03-10", "DR", recorded="2025-04-14")],
        "2025-04-30",
        {"ContactMissed": []},
        {"ContactMissed": ["corrected"]},
    ),
    Example(
        "on a licence without requirements a missed contact is enforceable",
        [
            prison_sentence("2024-01-08"),
            released("2025-01-06", "2025-12-31"),
            contact("C1", "2025-02-03", "unacceptable_absence", sentence_id="L1"),
        ],
        "2025-04-30",
        {"ContactMissed": [{"contact_id": "C1", "sentence_id": "L1"}]},
    ),
]


@pytest.mark.parametrize("example", [*REVIEWS, *SEVERAL, *AFTER], ids=lambda e: e.name)
def test_a_plan_set_anew(example: Example) -> None:
    example.check()
