"""The follow-up in Reset's last third, and the repeal of post-sentence supervision (CONT-22, 23; C10).

A licence from 1 July 2024 to 30 June 2025: the last third begins on 2 March, from there to the last day it
is 120 days, so that its middle is 60 days later, 1 May.
"""

from typing import Any

import pytest

from tests.examples.case_facts import decision, plan, registered, suspension_requested
from tests.examples.facts import Fact, contact, died, prison_sentence, released, revoked, risk
from tests.examples.play import Example
from tests.examples.test_contacts_reset import licence
from tests.examples.test_contacts_suspensions import SUSPENDED, suspended


def middle(name: str, first: str, last: str, until: str, since: str, on: str) -> Example:
    """The day of the follow-up, as the suspension of a licence names it."""
    found = {"sentence_id": "L1", "from": since, "ground": "reset", "follow_up_on": on}
    return Example(name, licence(first, last), until, {"ContactSuspended": [found]})


def due(name: str, *facts: Fact, until: str = "2025-05-31", on: bool = True) -> Example:
    """Whether a follow-up on 1 May 2025 is due."""
    stands = {"ResetFollowUpDue": [{"sentence_id": "L1", "due_on": "2025-05-01"}] if on else []}
    return Example(name, licence("2024-07-01", "2025-06-30", *facts), until, stands)


def closed(name: str, reason: str, *facts: Fact, until: str = "2025-05-31") -> Example:
    """A follow-up of 1 May 2025 that is due no longer."""
    found = licence("2024-07-01", "2025-06-30", *facts)
    return Example(name, found, until, {"ResetFollowUpDue": []}, {"ResetFollowUpDue": [reason]})


def seen(day: str, outcome: str = "complied", **options: Any) -> Fact:
    return contact("C1", day, outcome, **{"sentence_id": "L1"} | options)


FOLLOW_UP = [
    middle("a licence of 365 days", "2024-07-01", "2025-06-30", "2025-03-02", "2025-03-02", "2025-05-01"),
    middle(
        "59 days from the first to the last of the last third: the 29th after the first",
        "2024-07-01",
        "2024-12-27",
        "2024-10-29",
        "2024-10-29",
        "2024-11-27",
    ),
    middle(
        "in the last third six days before Reset: its middle is that of the whole third",
        "2023-10-01",
        "2024-09-30",
        "2024-06-07",
        "2024-06-07",
        "2024-07-31",
    ),
    due("on its day it is due", until="2025-05-01"),
    due("four weeks later it still is"),
    due("missed without an acceptable reason: it still is", seen("2025-05-01", "unacceptable_absence")),
    closed("it took place on its day", "resolved", seen("2025-05-01")),
    closed("it took place five days late", "resolved", seen("2025-05-06")),
    closed(
        "it took place five days late, and that was told of later still",
        "resolved",
        seen("2025-05-06", recorded="2025-05-19"),
    ),
    due(
        "what took place was another person's contact",
        seen("2025-05-01"),
        contact("C1", "2025-05-01", sentence_id="L1", recorded="2025-05-08", id="c", voided=True),
    ),
    closed("the licence ended without it", "ended", until="2025-07-01"),
    closed("the person died without it", "ended", died("2025-05-12")),
    closed("the sentence was quashed without it", "ended", revoked("2025-05-12", "quashed", sentence="L1")),
    due(
        "child protection was registered before: contact goes on, and no follow-up is due",
        registered("2025-04-14", "child_protection"),
        on=False,
    ),
    due("the person died before", died("2025-04-14"), on=False),
    Example(
        "under MAPPA there is no Reset and no follow-up",
        licence("2024-07-01", "2025-06-30", mappa={"level": 1, "category": 1}),
        "2025-05-31",
        {"ResetFollowUpDue": [], "ContactSuspended": []},
    ),
]


def later(released_on: str, ends_on: str, *facts: Fact) -> list[Fact]:
    """A person of low risk under MAPPA, whom Reset does not reach."""
    low = risk(released_on, rosh="low", needs=[], mappa={"level": 1, "category": 2})
    more = [plan(released_on, sentence="L1"), *facts]
    return [low, prison_sentence("2024-03-04"), released(released_on, ends_on, "2026-10-31"), *more]


REPEAL = [
    suspended(
        "whom Reset does not reach may still be suspended by the manager",
        later("2024-08-05", "2025-02-04", suspension_requested("2025-03-03"), decision("2025-03-03")),
        "2025-04-30",
        SUSPENDED | {"from": "2025-03-03"},
    ),
    suspended(
        "asked for on the last day before the repeal of post-sentence supervision",
        later("2025-09-01", "2026-02-28", suspension_requested("2026-05-10"), decision("2026-05-10")),
        "2026-06-30",
        SUSPENDED | {"from": "2026-05-10"},
    ),
    Example(
        "from the day of the repeal there is nothing left to suspend",
        later("2025-09-01", "2026-02-28", suspension_requested("2026-05-11"), decision("2026-05-11")),
        "2026-06-30",
        {"ContactSuspended": []},
    ),
    Example(
        "risk rises after the repeal: nothing is resumed",
        later(
            "2025-09-01",
            "2026-02-28",
            suspension_requested("2026-04-01"),
            decision("2026-04-01"),
            risk("2026-05-11", "A2"),
        ),
        "2026-06-30",
        {"ContactSuspended": [SUSPENDED | {"from": "2026-04-01"}], "ContactResumed": []},
    ),
]


@pytest.mark.parametrize("example", [*FOLLOW_UP, *REPEAL], ids=lambda e: e.name)
def test_a_follow_up_and_the_repeal(example: Example) -> None:
    example.check()
