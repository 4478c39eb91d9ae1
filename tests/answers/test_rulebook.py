"""The rules in words, for those who ask what a rule says."""

from __future__ import annotations

import re

import pytest

from shared.answers.rulebook import RULE_ID, TITLE_LENGTH, parsed, rulebook, title
from tools.rules import CATALOGUE


def test_every_rule_of_the_page_is_there_once_and_in_the_book_with_a_title() -> None:
    page = CATALOGUE.read_text(encoding="utf-8")
    assert [*rulebook()] == re.findall(rf"^\| ({RULE_ID.pattern}) \|", page, re.MULTILINE)
    for rule in rulebook().values():
        assert rule.words
        assert rule.source
        assert rule.confidence
        assert 0 < len(rule.title) <= TITLE_LENGTH, rule.id


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("UPW starts within 20 BD of sentence", "UPW starts within 20 BD of sentence"),
        (
            "A sentenced person (of any kind) has an officer within 5 days; later not",
            "A sentenced person has an officer within 5 days",
        ),
        (
            "SSO: the same rule as that for community orders. More",
            "SSO: the same rule as that for community orders",
        ),
        ("word " * 40, "word " * 16 + "word…"),
    ],
)
def test_a_title_is_the_first_clause_without_what_is_in_brackets(words: str, expected: str) -> None:
    (rule,) = parsed(f"| ENF-2 | {words} | s1:1 | stated | not built yet |").values()
    assert rule.title == expected


def test_a_bar_in_a_rule_ends_no_column() -> None:
    (rule,) = parsed("| ENF-2 | one \\| two | `s1` | ours | [f](../services/x.py) |").values()
    assert (rule.words, rule.source, rule.functions) == ("one | two", "s1", (("f", "services/x.py"),))


def test_where_no_function_is_linked_the_words_say_what_stands_for_it() -> None:
    (rule,) = parsed("| CONT-15 | one meaning | CP | published | the `codes` of the feed |").values()
    assert (rule.functions, rule.elsewhere) == ((), "the codes of the feed")


def test_a_rule_that_no_longer_is_has_no_title() -> None:
    assert title("ENF-999") == ""
