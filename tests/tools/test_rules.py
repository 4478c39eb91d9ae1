"""Rule ids are the same in docstrings, in what functions publish and in the catalogue."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.answers.rule_code import implementations
from shared.answers.rulebook import RULE_ID, rulebook
from tools import rules
from tools.services import SERVICES

RULES = [pytest.param(rule, id=rule.__name__) for service in SERVICES for rule in rules.rules_of(service)]


@pytest.mark.parametrize("rule", RULES)
def test_the_docstring_of_a_rule_has_its_rule_id(rule: Callable[..., Any]) -> None:
    assert RULE_ID.search(inspect.getdoc(rule) or ""), inspect.getsourcefile(rule)


@pytest.mark.parametrize("rule", RULES)
def test_every_id_that_a_rule_publishes_is_in_its_docstring(rule: Callable[..., Any]) -> None:
    assert rules.cited(rule) <= set(RULE_ID.findall(inspect.getdoc(rule) or ""))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_publishes_one_type_of_finding(rule: Callable[..., Any]) -> None:
    assert len(rules.publishes(rule)) <= 1


def test_every_id_in_a_docstring_is_in_the_catalogue() -> None:
    known = rulebook().keys()
    unknown = {
        f"{implementation.path} {implementation.name}: {id}"
        for implementation in implementations()
        for id in implementation.ids
        if id not in known
    }
    assert unknown == set()


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        pytest.param("the codes of the feed", "the codes of the feed", id="written by hand"),
        pytest.param("[gone](../services/gone.py)", "not built yet", id="a function that is no more"),
        pytest.param("", "not built yet", id="nothing"),
    ],
)
def test_where_no_function_names_a_rule_only_what_was_written_by_hand_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str, kept: str
) -> None:
    page = tmp_path / "rules.md"
    page.write_text(f"| PERF-4 | words | s2:77 | stated | {column} |\n", encoding="utf-8")
    monkeypatch.setattr(rules, "CATALOGUE", page)
    assert rules.catalogue() == f"| PERF-4 | words | s2:77 | stated | {kept} |\n"


def test_the_generated_pages_are_up_to_date() -> None:
    stale = [str(path) for path, text in rules.generated().items() if path.read_text("utf-8") != text]
    assert stale == [], "run `make docs`"
