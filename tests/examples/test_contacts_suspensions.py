"""Contact suspended in post-sentence supervision: worked examples of CONT-17 to 20 and part 5.

The licence ends on 4 December 2023 and post-sentence supervision begins on the 5th; it goes on to 4 June
2024, three days before Reset. Good Friday 2024 is 29 March, Easter Monday 1 April.
"""

from typing import Any

import pytest

from tests.examples.case_facts import decision, plan, suspension_requested
from tests.examples.facts import Fact, died, order, prison_sentence, released, revoked, risk
from tests.examples.play import Example

LICENCE = [prison_sentence("2022-12-05"), released("2023-06-05", "2023-12-04", "2024-06-04")]
NO_NEED = plan("2023-06-19", sentence="L1")
ASKED, AGREED = suspension_requested("2024-01-15"), decision("2024-01-15")
SUSPENDED = {
    "sentence_id": "L1",
    "from": "2024-01-15",
    "ground": "post_sentence_supervision",
    "approval": "M1",
}


def at(rosh: str, *facts: Fact) -> list[Fact]:
    """A person of that risk without a rehabilitative need."""
    return [risk("2023-06-01", rosh=rosh, needs=[]), *LICENCE, NO_NEED, *facts]


def refused(
    name: str, facts: list[Fact], reason: str, until: str = "2024-02-28", sentence: str = "L1"
) -> Example:
    found = {"request_id": "Q1", "sentence_id": sentence, "reason": reason}
    return Example(name, facts, until, {"SuspensionRefused": [found], "ContactSuspended": []})


def suspended(name: str, facts: list[Fact], until: str, *found: dict[str, Any]) -> Example:
    return Example(name, facts, until, {"ContactSuspended": found, "SuspensionRefused": []})


REQUESTS = [
    Example(
        "E19: low, no need, the manager agreed: suspended",
        at("low", ASKED, AGREED),
        "2024-02-28",
        {
            "ContactSuspended": [SUSPENDED],
            "SuspensionRefused": [],
            "ContactResumed": [],
            "ContactPlanSet": [
                {"regime": "standard", "face_to_face_every_days": 7, "from": "2023-06-05"},
                {"regime": "standard", "face_to_face_every_days": 30, "from": "2023-07-03"},
                {
                    "regime": "post_sentence_supervision",
                    "face_to_face_every_days": None,
                    "from": "2023-12-05",
                },
                {"regime": "suspended", "face_to_face_every_days": None, "from": "2024-01-15"},
            ],
        },
    ),
    refused("E19: medium, though the manager agreed: refused", at("medium", ASKED, AGREED), "risk_not_low"),
    refused(
        "E19: low, but the manager did not agree: refused",
        at("low", ASKED, decision("2024-01-15", approved=False)),
        "not_approved",
    ),
    refused("very high, though the manager agreed", at("very_high", ASKED, AGREED), "risk_not_low"),
    refused(
        "a risk that nobody has assessed is not low",
        [*LICENCE, NO_NEED, ASKED, AGREED],
        "risk_not_low",
    ),
    refused(
        "assessed as low only a week later",
        [risk("2024-01-22", rosh="low", needs=[]), *LICENCE, NO_NEED, ASKED, AGREED],
        "risk_not_low",
    ),
    refused(
        "a rehabilitative need was identified",
        at("low", plan("2023-12-11", "P2", sentence="L1", rehabilitative_need=True), ASKED, AGREED),
        "rehabilitative_need",
    ),
    refused(
        "asked for on the last day of the licence",
        at("low", suspension_requested("2023-12-04"), decision("2023-12-04")),
        "not_post_sentence_supervision",
    ),
    suspended(
        "on the first day of post-sentence supervision",
        at("low", suspension_requested("2023-12-05"), decision("2023-12-05")),
        "2024-02-28",
        SUSPENDED | {"from": "2023-12-05"},
    ),
    refused(
        "on a community order",
        [
            risk("2023-12-01", rosh="low", needs=[]),
            order("2024-01-02"),
            plan("2024-01-10"),
            suspension_requested("2024-01-15", sentence="S1"),
            decision("2024-01-15", sentence="S1"),
        ],
        "not_post_sentence_supervision",
        sentence="S1",
    ),
    suspended("the manager has not answered: neither suspended nor refused", at("low", ASKED), "2024-02-28"),
    suspended(
        "the manager answers a week later: suspended from then",
        at("low", ASKED, decision("2024-01-22")),
        "2024-02-28",
        SUSPENDED | {"from": "2024-01-22"},
    ),
    suspended(
        "nobody asked for it: the manager's word alone suspends nothing",
        at("low", AGREED),
        "2024-02-28",
    ),
    suspended(
        "what the manager agreed to was about an absence",
        at("low", ASKED, decision("2024-01-15", "absence_review")),
        "2024-02-28",
    ),
    suspended(
        "what the manager agreed to was about another sentence",
        at("low", ASKED, decision("2024-01-15", sentence="L2")),
        "2024-02-28",
    ),
    Example(
        "refused as medium; low later, asked again and agreed to",
        at(
            "medium",
            ASKED,
            AGREED,
            risk("2024-02-05", "A2", rosh="low", needs=[]),
            suspension_requested("2024-02-12", "Q2"),
            decision("2024-02-12", name="M2"),
        ),
        "2024-02-28",
        {
            "SuspensionRefused": [{"request_id": "Q1", "reason": "risk_not_low"}],
            "ContactSuspended": [SUSPENDED | {"from": "2024-02-12", "approval": "M2"}],
        },
    ),
    Example(
        "the manager's agreement was a slip of the pen",
        at("low", ASKED, AGREED, decision("2024-01-15", approved=False, recorded="2024-01-17", id="c")),
        "2024-02-28",
        {"ContactSuspended": [], "SuspensionRefused": [{"request_id": "Q1", "reason": "not_approved"}]},
        {"ContactSuspended": ["corrected"]},
    ),
    Example(
        "the request was about another person",
        at(
            "low",
            ASKED,
            AGREED,
            suspension_requested("2024-01-15", recorded="2024-01-17", id="c", voided=True),
        ),
        "2024-02-28",
        {"ContactSuspended": [], "SuspensionRefused": []},
        {"ContactSuspended": ["corrected"]},
    ),
    Example(
        "the person had been of medium risk all the time, as a correction says: refused after all",
        at("low", ASKED, AGREED, risk("2023-06-01", rosh="medium", needs=[], recorded="2024-01-17", id="c")),
        "2024-02-28",
        {"ContactSuspended": [], "SuspensionRefused": [{"request_id": "Q1", "reason": "risk_not_low"}]},
        {"ContactSuspended": ["corrected"]},
    ),
]


def ends(name: str, *facts: Fact, until: str, on: str | None) -> Example:
    """Suspended on 15 January 2024; resumed on that day, or not."""
    resumed = {"sentence_id": "L1", "from": on, "ground": "post_sentence_supervision"}
    return Example(
        name,
        at("low", ASKED, AGREED, *facts),
        until,
        {"ContactSuspended": [SUSPENDED], "ContactResumed": [resumed] if on else []},
    )


RISEN = risk("2024-02-05", "A2", needs=[])
NEED = plan("2024-02-05", "P2", sentence="L1", rehabilitative_need=True)


def no_longer(day: str) -> Fact:
    """The manager agrees no longer."""
    return decision(day, name="M2", approved=False)


ENDS = [
    ends("risk rises to medium: resumed the same day", RISEN, until="2024-02-05", on="2024-02-05"),
    ends("a need is identified: resumed the same day", NEED, until="2024-02-28", on="2024-02-05"),
    ends(
        "assessed as low again: it stays suspended",
        risk("2024-02-05", "A2", rosh="low", needs=[]),
        until="2024-02-28",
        on=None,
    ),
    ends(
        "a rise told of two weeks late: resumed from the day of the assessment",
        risk("2024-02-05", "A2", needs=[], recorded="2024-02-19"),
        until="2024-02-28",
        on="2024-02-05",
    ),
    ends(
        "refused later, on a Wednesday: resumed on Thursday",
        no_longer("2024-02-14"),
        until="2024-02-15",
        on="2024-02-15",
    ),
    ends("on that Wednesday it is suspended", no_longer("2024-02-14"), until="2024-02-14", on=None),
    ends(
        "refused on a Friday: resumed on Monday", no_longer("2024-03-01"), until="2024-03-10", on="2024-03-04"
    ),
    ends(
        "refused on Maundy Thursday: on Easter Monday not yet",
        no_longer("2024-03-28"),
        until="2024-04-01",
        on=None,
    ),
    ends("but on the Tuesday after", no_longer("2024-03-28"), until="2024-04-02", on="2024-04-02"),
    ends(
        "risk rises on the day of the manager's refusal: that day, not the next",
        no_longer("2024-02-05"),
        RISEN,
        until="2024-02-28",
        on="2024-02-05",
    ),
    ends("supervision runs out: nothing is resumed", until="2024-06-30", on=None),
    ends("nor after a death", died("2024-02-01"), RISEN, until="2024-02-28", on=None),
    ends(
        "nor after the sentence was quashed",
        revoked("2024-02-01", "quashed", sentence="L1"),
        RISEN,
        until="2024-02-28",
        on=None,
    ),
    Example(
        "a rise that was another person's: it never was resumed",
        at("low", ASKED, AGREED, RISEN, risk("2024-02-05", "A2", recorded="2024-02-19", id="c", voided=True)),
        "2024-02-28",
        {"ContactSuspended": [SUSPENDED], "ContactResumed": []},
        {"ContactResumed": ["corrected"]},
    ),
    Example(
        "after it is resumed, no contact is expected at a fixed rate",
        at("low", ASKED, AGREED, RISEN),
        "2024-02-28",
        {
            "ContactPlanSet": [
                {"face_to_face_every_days": 7},
                {"face_to_face_every_days": 30},
                {"regime": "post_sentence_supervision", "from": "2023-12-05"},
                {"regime": "suspended", "from": "2024-01-15"},
                {
                    "regime": "post_sentence_supervision",
                    "face_to_face_every_days": None,
                    "from": "2024-02-05",
                },
            ],
            "ContactStandardMissed": [{}] * 6,
        },
    ),
]


@pytest.mark.parametrize("example", [*REQUESTS, *ENDS], ids=lambda e: e.name)
def test_a_suspension(example: Example) -> None:
    example.check()
