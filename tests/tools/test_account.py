"""What the demo's table shows about contacts, for a small caseload."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from schemas.language import render
from schemas.parsing import parse
from tests.ledger import Ledger
from tools.demo.account import Account, numbers
from tools.demo.follow import Follower
from tools.services import SERVICES
from tools.simulate import FIRST_DAY, caseload


@pytest.fixture(scope="module")
def found() -> Follower:
    """The events published about forty people in a year."""
    ledger = Ledger(*SERVICES)
    ledger.day(FIRST_DAY)
    for event in map(parse, caseload(people=40)):
        if event.type == "PersonMerged":
            continue  # a ledger keeps people separate
        ledger.day(event.recorded.date())
        ledger.tell(event.data, subject=event.subject or "", id=event.id, recorded=event.recorded)
    follower = Follower()
    for event in ledger.published:
        follower.take(render(event))
    return follower


@pytest.fixture(scope="module")
def table(found: Follower) -> str:
    console = Console(file=io.StringIO(), width=150)
    numbers(Account([], found, 1.0), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("line", "overdue"),
    [
        ("first appointments in time", "InitialAppointmentOverdue"),
        ("sentence plans in time", "SentencePlanOverdue"),
        ("home visits in time", "HomeVisitOverdue"),
    ],
)
def test_counts_in_time_are_shown_out_of_all_that_were_due(
    found: Follower, table: str, line: str, overdue: str
) -> None:
    row = re.search(rf"{line} +(\d+) of (\d+)", table)
    assert row
    in_time, of = map(int, row.groups())
    assert 0 < in_time <= of
    late = {(e.data.sentence_id, getattr(e.data, "registration", "")) for e in found.standing.events(overdue)}
    assert of - in_time == len(late)


def test_suspensions_are_shown_by_ground(found: Follower, table: str) -> None:
    suspended = found.standing.events("ContactSuspended")
    assert suspended
    assert re.search(rf"contact suspended +{len(suspended)} ", table)
    by_reset = sum(e.data.ground == "reset" for e in suspended)
    assert f"{by_reset} by Reset" in table


def test_what_became_of_enforcement_is_shown(found: Follower, table: str) -> None:
    packs = len(found.standing.events("BreachPackOverdue"))
    informations = len(found.standing.events("BreachInformationOverdue"))
    assert re.search(rf"steps of a breach overdue +{packs + informations} ", table)
    asked = len(found.standing.all("ManagerReviewRequired"))
    assert asked
    assert re.search(rf"managers asked about absences +{asked} ", table)


def test_an_empty_result_is_shown_too() -> None:
    console = Console(file=io.StringIO(), width=150)
    numbers(Account([], Follower(), 1.0), console)
    assert isinstance(console.file, io.StringIO)
    assert re.search(r"home visits in time +0 of 0", console.file.getvalue())
