"""What is worked out again when something changes: as far as the change goes, and no further."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.contacts.app import SERVICE as CONTACTS
from shared.engine.answers import says_the_same
from shared.engine.assessment import Day, View, once, once_a_day
from shared.engine.case import Case
from shared.engine.inputs import fields
from tools.services import SERVICES

POLICY = CONTACTS.load_policy()
TODAY = date(2026, 6, 1)


class Library(Case, kw_only=True):
    books: dict[str, str] = {}
    loans: dict[str, date] = {}


class LibraryView(View[Library, Any]):
    """A view that notes what it was asked."""

    def __init__(self, case: Library) -> None:
        super().__init__(case, POLICY)
        self.asked: list[str] = []

    @once
    def authors(self) -> list[str]:
        self.asked.append("authors")
        return sorted(set(self.case.books.values()))

    @once_a_day
    def overdue(self) -> dict[str, date]:
        self.asked.append("overdue")
        return {title: due_on for title, due_on in self.case.loans.items() if self.today.after(due_on)}

    @once_a_day
    def letter(self) -> str:
        self.asked.append("letter")
        return f"{', '.join(self.overdue())} of our books by {', '.join(self.authors())}"

    @once_a_day
    def post(self) -> int:
        self.asked.append("post")
        return len(self.letter())


class Desk:
    """Asks a view of a library on one day after the other."""

    def __init__(self, **loans: date) -> None:
        self.case = Library(books={"Emma": "Austen", "Middlemarch": "Eliot"}, loans=loans)
        self.view = LibraryView(self.case)

    def asked(self, day: int = 1) -> list[str]:
        """What is worked out when everything is asked on a day of June."""
        self.view.asked.clear()
        self.view.on(Day(date(2026, 6, day))).post()
        return self.view.asked.copy()

    def wakes_on(self, day: int) -> date | None:
        today = Day(date(2026, 6, day))
        self.view.on(today).post()
        return today.wake_on


@pytest.fixture
def desk() -> Desk:
    desk = Desk(Emma=date(2026, 6, 3), Middlemarch=date(2026, 6, 9))
    assert desk.asked() == ["post", "letter", "overdue", "authors"]
    return desk


def test_nothing_is_worked_out_again_while_nothing_changes(desk: Desk) -> None:
    assert desk.asked() == []


def test_what_says_the_same_as_before_is_followed_no_further(desk: Desk) -> None:
    desk.case.books["Persuasion"] = "Austen"
    desk.view.doubt(fields("books"))
    assert desk.asked() == ["authors"]


def test_what_says_something_else_is_followed_up_to_what_says_the_same(desk: Desk) -> None:
    desk.case.books["Emma"] = "Gissing"  # a letter of one more character: the post is another
    desk.view.doubt(fields("books"))
    assert desk.asked() == ["authors", "letter", "post"]
    desk.case.books["Emma"] = "Burneys"  # of as many characters
    desk.view.doubt(fields("books"))
    assert desk.asked() == ["authors", "letter", "post"]
    assert desk.asked() == []


def test_what_follows_from_a_day_is_followed_in_the_same_way(desk: Desk) -> None:
    assert desk.asked(day=3) == []
    assert desk.asked(day=4) == ["overdue", "letter", "post"]


def test_what_says_the_same_waits_for_the_days_for_which_its_answers_wait_now(desk: Desk) -> None:
    assert desk.wakes_on(1) == date(2026, 6, 4)
    desk.case.loans["Emma"] = date(2026, 6, 7)
    desk.view.doubt(fields("loans"))
    assert desk.asked() == ["overdue"]
    assert desk.wakes_on(1) == date(2026, 6, 8)


def test_another_order_is_another_answer(desk: Desk) -> None:
    assert desk.asked(day=20) == ["overdue", "letter", "post"]
    desk.case.loans = dict(reversed(desk.case.loans.items()))
    desk.view.doubt(fields("loans"))
    assert desk.asked(day=20) == ["overdue", "letter", "post"]


def test_what_is_asked_no_more_is_forgotten_and_worked_out_when_it_is_asked_again(desk: Desk) -> None:
    """However often something changes, the answers kept are only those to questions that are asked."""
    for author in ("Gissing", "Burney"):
        desk.case.books["Emma"] = author
        desk.view.doubt(fields("books"))
    assert desk.view._answers == {}
    assert desk.asked() == ["post", "letter", "authors"]
    assert desk.view.on(Day(TODAY)).letter().endswith("by Burney, Eliot")


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        ([1], [1], True),
        ([1], (1,), False),
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        ("a", "b", False),
    ],
)
def test_answers_say_the_same_if_they_are_equal_and_in_the_same_order(was: Any, now: Any, same: bool) -> None:
    assert says_the_same(was, now) is same


HOMES = {service.policy.parent for service in SERVICES}


@pytest.mark.parametrize("path", sorted(p for home in HOMES for p in home.rglob("*.py")), ids=str)
def test_rules_compare_what_they_are_told_by_its_value(path: Path) -> None:
    """Of two equal answers one may be of before and the other of now, so `is` would tell them apart."""
    compared = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Compare)
        for operator, other in zip(node.ops, node.comparators, strict=True)
        if isinstance(operator, ast.Is | ast.IsNot) and not isinstance(other, ast.Constant)
    ]
    assert compared == []
