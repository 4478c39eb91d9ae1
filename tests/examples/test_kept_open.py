"""Each example gives the same events, byte for byte, if services keep no case from one fact to the next."""

from __future__ import annotations

import pytest

from schemas import language
from shared.engine import engine
from tests.examples.play import Example, play
from tests.examples.test_examples import EXAMPLES, each
from tests.facts import Fact

ALL = each(EXAMPLES)


def published(facts: list[Fact], until: str) -> list[bytes]:
    return [language.render(event) for event in play(facts, until).published]


@pytest.mark.parametrize(
    ("number", "example"), [(n, e.values[0]) for n, e in enumerate(ALL)], ids=[e.id for e in ALL]
)
def test_what_is_kept_says_what_is_worked_out_anew(
    number: int, example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every second example is told in reverse order: all in both would take as long again.
    facts = [*reversed(example.facts)] if number % 2 else [*example.facts]
    kept = published(facts, example.until)
    monkeypatch.setattr(engine, "CASES_OPEN", 0)
    assert published(facts, example.until) == kept
