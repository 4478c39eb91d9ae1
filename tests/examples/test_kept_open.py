"""Each example gives the same events, byte for byte, if services keep no case from one fact to the next."""

from __future__ import annotations

import pytest

from schemas import language
from shared.engine import engine
from tests.examples.play import Example, play
from tests.examples.test_examples import EXAMPLES, each
from tests.facts import Fact


def published(facts: list[Fact], until: str) -> list[bytes]:
    return [language.render(event) for event in play(facts, until).published]


@pytest.mark.parametrize("example", each(EXAMPLES))
@pytest.mark.parametrize("last_first", [False, True], ids=["in order", "the last told first"])
def test_what_is_kept_says_what_is_worked_out_anew(
    example: Example, last_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = [*reversed(example.facts)] if last_first else [*example.facts]
    kept = published(facts, example.until)
    monkeypatch.setattr(engine, "CASES_OPEN", 0)
    assert published(facts, example.until) == kept
