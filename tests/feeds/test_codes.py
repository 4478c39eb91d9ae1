"""The code tables are data that can be trusted."""

from pathlib import Path

import pytest

from feeds import codes
from feeds.codes import TableError, table
from feeds.message import Node, Untranslatable

FEEDS = Path(codes.__file__).parent


def names(folder: str) -> list[str]:
    return list(codes._file(FEEDS / folder / "codes.toml"))


@pytest.mark.parametrize("path", sorted(FEEDS.glob("*/codes.toml")), ids=lambda path: path.parent.name)
def test_every_table_is_valid(path: Path) -> None:
    for name in names(path.parent.name):
        assert table(path.parent.name, name).rows


def test_a_word_of_an_order_or_requirement_is_one_of_the_published_language() -> None:
    from typing import get_args

    from schemas.words import BreachSanction, HearingOutcome, RequirementKind, SentenceKind

    rows = [row for found in table("common_platform", "results").rows.values() for row in found]
    kinds = {"order": SentenceKind, "requirement": RequirementKind}
    for row in rows:
        if row.word in kinds:
            assert row.more["kind"] in get_args(kinds[row.word])
        assert row.more.get("outcome") in (None, *get_args(HearingOutcome))
        assert row.more.get("sanction") in (None, *get_args(BreachSanction))


def test_an_unknown_code_is_never_given_a_default() -> None:
    with pytest.raises(Untranslatable, match="add a row to feeds/common_platform"):
        table("common_platform", "sexes").of(Node({"gender": "X"}), "gender")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of feeds with one feed `f`."""
    monkeypatch.setattr(codes, "_FEEDS", tmp_path)
    (tmp_path / "f").mkdir()
    table.cache_clear()
    codes._file.cache_clear()
    return tmp_path / "f" / "codes.toml"


def test_a_code_may_change_its_meaning_on_a_day(folder: Path) -> None:
    row = '[[t]]\ncode = "A"\nmeans = "m"\nsource = "s"\n'
    folder.write_text(f'{row}word = "old"\nto = 2026-01-01\n{row}word = "new"\nfrom = 2026-01-01\n')
    from datetime import date

    words = [table("f", "t").row("A", date(year, 6, 1)) for year in (2025, 2026)]
    assert [row and row.word for row in words] == ["old", "new"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[t]]\ncode = "A"\nmeans = "m"\nword = "w"\n', "source is missing"),
        ('[[t]]\nmeans = "m"\nword = "w"\nsource = "s"\n', "give `code` or `codes`"),
        ('[[t]]\ncodes = ["A", "A"]\nmeans = "m"\nword = "w"\nsource = "s"\n', "twice at one time"),
        ("[[u]]\n", "no table t"),
        ("[[", "not valid TOML"),
    ],
)
def test_a_wrong_table_is_refused_with_its_cure(folder: Path, text: str, says: str) -> None:
    folder.write_text(text)
    with pytest.raises(TableError, match=says):
        table("f", "t")
