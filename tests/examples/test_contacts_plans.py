"""How often a person is to be seen: worked examples of CONT-1, 17 and 24.

June has thirty days: the first four weeks of supervision that starts on 1 June end on 28 June.
"""

from typing import Any

import pytest

from tests.examples.contacts_facts import left, taken
from tests.examples.facts import (
    Fact,
    died,
    order,
    prison_sentence,
    rar,
    released,
    revoked,
    risk,
    varied,
    work,
)
from tests.examples.play import Example

MAPPA = {"level": 1, "category": 1}


def every(days: int | None, since: str, regime: str = "standard", sentence: str = "S1") -> dict[str, Any]:
    """A plan of that regime from a day on."""
    return {"sentence_id": sentence, "regime": regime, "face_to_face_every_days": days, "from": since}


def planned(name: str, facts: list[Fact], until: str, *expected: dict[str, Any]) -> Example:
    return Example(name, facts, until, {"ContactPlanSet": expected})


def at(rosh: str, *facts: Fact) -> list[Fact]:
    """An order of 1 June 2026 on a person whose risk was known before."""
    return [risk("2026-05-20", rosh=rosh), order("2026-06-01"), *facts]


MEDIUM = [every(7, "2026-06-01"), every(14, "2026-06-29")]
RISK = [
    planned("medium: in the fourth week still weekly", at("medium"), "2026-06-28", MEDIUM[0]),
    planned("medium: from the 29th day on every fortnight", at("medium"), "2026-06-29", *MEDIUM),
    planned(
        "low: after four weeks every thirty days",
        at("low"),
        "2026-07-31",
        every(7, "2026-06-01"),
        every(30, "2026-06-29"),
    ),
    planned("high: weekly, and nothing new after four weeks", at("high"), "2026-07-31", MEDIUM[0]),
    planned("very high: weekly as well", at("very_high"), "2026-07-31", MEDIUM[0]),
    planned(
        "a risk that nobody has assessed is not low: weekly on",
        [order("2026-06-01")],
        "2026-07-31",
        MEDIUM[0],
    ),
    planned(
        "assessed as low in the second week: weekly to the end of the fourth",
        [order("2026-06-01"), risk("2026-06-10", rosh="low")],
        "2026-07-31",
        every(7, "2026-06-01"),
        every(30, "2026-06-29"),
    ),
    planned(
        "assessed as low after six weeks: every thirty days from that day",
        [order("2026-06-01"), risk("2026-07-15", rosh="low")],
        "2026-07-31",
        every(7, "2026-06-01"),
        every(30, "2026-07-15"),
    ),
    planned(
        "risk rises: weekly from that day, without waiting",
        at("medium", risk("2026-08-10", "A2", rosh="high")),
        "2026-08-10",
        *MEDIUM,
        every(7, "2026-08-10"),
    ),
    planned(
        "risk falls from high to low",
        at("high", risk("2026-08-10", "A2", rosh="low")),
        "2026-08-31",
        every(7, "2026-06-01"),
        every(30, "2026-08-10"),
    ),
    planned(
        "assessed again as before: nothing new is planned",
        at("medium", risk("2026-08-10", "A2")),
        "2026-08-31",
        *MEDIUM,
    ),
    planned(
        "a rise told of two weeks late holds from the day of the assessment",
        at("medium", risk("2026-08-10", "A2", rosh="high", recorded="2026-08-25")),
        "2026-08-25",
        *MEDIUM,
        every(7, "2026-08-10"),
    ),
    planned(
        "an older assessment told of late does not undo the newer one",
        at(
            "medium",
            risk("2026-08-10", "A3", rosh="high"),
            risk("2026-07-20", "A2", rosh="low", recorded="2026-08-15"),
        ),
        "2026-08-31",
        *MEDIUM,
        every(30, "2026-07-20"),
        every(7, "2026-08-10"),
    ),
    Example(
        "a rise that was a slip of the pen leaves the plan as it was",
        at(
            "medium",
            risk("2026-08-10", "A2", rosh="high"),
            risk("2026-08-10", "A2", rosh="medium", recorded="2026-08-12", id="corrected"),
        ),
        "2026-08-12",
        {"ContactPlanSet": MEDIUM},
        {"ContactPlanSet": ["corrected"]},
    ),
    Example(
        "a rise that was another person's leaves the plan as it was",
        at(
            "medium",
            risk("2026-08-10", "A2", rosh="high"),
            risk("2026-08-10", "A2", rosh="high", recorded="2026-08-12", id="void", voided=True),
        ),
        "2026-08-12",
        {"ContactPlanSet": MEDIUM},
        {"ContactPlanSet": ["corrected"]},
    ),
    Example(
        "the date of sentence corrected: the plan starts with the sentence",
        [order("2026-06-01"), order("2026-06-08", recorded="2026-06-11", id="corrected")],
        "2026-06-15",
        {"ContactPlanSet": [every(7, "2026-06-08")]},
        {"ContactPlanSet": ["corrected"]},
    ),
    planned(
        "a sentence told of late is planned from its first day",
        [risk("2026-05-20"), order("2026-06-01", recorded="2026-07-10")],
        "2026-07-10",
        *MEDIUM,
    ),
    planned(
        "nothing is planned anew after a death",
        at("medium", died("2026-06-15")),
        "2026-07-31",
        MEDIUM[0],
    ),
    planned(
        "revoked on the last day of the fourth week: no fortnight begins",
        at("medium", revoked("2026-06-28")),
        "2026-07-31",
        MEDIUM[0],
    ),
]

REGIMES = [
    planned(
        "unpaid work alone: no frequency, whatever the risk",
        [risk("2026-05-20", rosh="high"), order("2026-06-01", work())],
        "2026-07-31",
        every(None, "2026-06-01", "unpaid_work_only"),
    ),
    planned(
        "unpaid work and a RAR: as any order",
        [risk("2026-05-20"), order("2026-06-01", work(), rar())],
        "2026-07-31",
        *MEDIUM,
    ),
    planned(
        "the court adds a RAR to unpaid work in the seventh week",
        [
            risk("2026-05-20"),
            order("2026-06-01", work()),
            varied("2026-07-15", "2027-05-31", work(), rar()),
        ],
        "2026-07-31",
        every(None, "2026-06-01", "unpaid_work_only"),
        every(14, "2026-07-15"),
    ),
    planned(
        "a licence: four weeks from the release",
        [risk("2026-05-20"), prison_sentence("2025-01-06"), released("2026-06-10", "2027-12-09")],
        "2026-07-31",
        every(7, "2026-06-10", sentence="L1"),
        every(14, "2026-07-08", sentence="L1"),
    ),
    planned(
        "post-sentence supervision after a licence: no frequency",
        [
            risk("2024-12-20", mappa=MAPPA),
            prison_sentence("2024-01-08"),
            released("2025-01-06", "2025-07-05", "2026-01-05"),
        ],
        "2025-07-31",
        every(7, "2025-01-06", sentence="L1"),
        every(14, "2025-02-03", sentence="L1"),
        every(None, "2025-07-06", "post_sentence_supervision", "L1"),
    ),
    planned(
        "a licence that ends two days before the repeal: one day of post-sentence supervision",
        [
            risk("2025-12-20", mappa=MAPPA),
            prison_sentence("2025-01-06"),
            released("2026-01-12", "2026-05-09", "2027-01-11"),
        ],
        "2026-06-30",
        every(7, "2026-01-12", sentence="L1"),
        every(14, "2026-02-09", sentence="L1"),
        every(None, "2026-05-10", "post_sentence_supervision", "L1"),
    ),
    planned(
        "one that ends on the eve of the repeal: none begins on 11 May 2026",
        [
            risk("2025-12-20", mappa=MAPPA),
            prison_sentence("2025-01-06"),
            released("2026-01-12", "2026-05-10", "2027-01-11"),
        ],
        "2026-06-30",
        every(7, "2026-01-12", sentence="L1"),
        every(14, "2026-02-09", sentence="L1"),
    ),
    planned(
        "in custody no contact is planned; out of it the fortnight holds again",
        at("medium", taken("2026-08-03"), left("2026-09-07")),
        "2026-09-30",
        *MEDIUM,
        every(None, "2026-08-03", "custody"),
        every(14, "2026-09-07"),
    ),
    planned(
        "a week of custody does not put off the end of the first four weeks",
        at("medium", taken("2026-06-10"), left("2026-06-17")),
        "2026-06-30",
        every(7, "2026-06-01"),
        every(None, "2026-06-10", "custody"),
        every(7, "2026-06-17"),
        every(14, "2026-06-29"),
    ),
    planned(
        "recalled and released again: four weeks from the new release",
        [
            risk("2026-05-20"),
            prison_sentence("2025-01-06"),
            released("2026-06-10", "2027-12-09"),
            taken("2026-07-20", "recall", sentence="L1"),
            left("2026-09-07"),
            released("2026-09-07", "2027-12-09"),
        ],
        "2026-10-31",
        every(7, "2026-06-10", sentence="L1"),
        every(14, "2026-07-08", sentence="L1"),
        every(None, "2026-07-20", "custody", "L1"),
        every(7, "2026-09-07", sentence="L1"),
        every(14, "2026-10-05", sentence="L1"),
    ),
    Example(
        "a stay in custody that was another person's",
        at("medium", taken("2026-08-03"), taken("2026-08-03", recorded="2026-08-06", id="void", voided=True)),
        "2026-08-06",
        {"ContactPlanSet": MEDIUM, "ContactSuspended": []},
        {"ContactPlanSet": ["corrected"], "ContactSuspended": ["corrected"]},
    ),
]


@pytest.mark.parametrize("example", [*RISK, *REGIMES], ids=lambda e: e.name)
def test_a_plan(example: Example) -> None:
    example.check()
