"""Policy values: which one is in force when and where, and which files are refused."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy import Policy, PolicyError, Values
from shared.policy_file import read, written

DATES = st.dates(date(2015, 1, 1), date(2030, 12, 31))


def value(text: str, name: str = "share", key_date: str = "contact") -> str:
    """An entry with all required fields; `text` gives the rest."""
    needed = f'name = "{name}"\nkey_date = "{key_date}"\nsource = "s4:120"\nconfidence = "published"'
    return f"[[value]]\n{needed}\n{text}\n"


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Policy]:
    def load(*entries: str) -> Policy:
        path = tmp_path / "policy.toml"
        path.write_text("\n".join(entries), encoding="utf-8")
        return Policy.load(path, "contacts")

    return load


Load = Callable[..., Policy]

ETE_SHARE = [
    value("value = 0.2\neffective_from = 2019-06-01\neffective_to = 2024-05-01", name="ete_share"),
    value("value = 0.3\neffective_from = 2024-05-01", name="ete_share"),
]


# --- which value is in force ---


@pytest.mark.parametrize(
    ("day", "share", "version"),
    [
        pytest.param("2019-06-01", "0.2", "contacts@2019-06-01", id="a value is in force from its first day"),
        pytest.param("2024-04-30", "0.2", "contacts@2019-06-01", id="until the day before effective_to"),
        pytest.param("2024-05-01", "0.3", "contacts@2024-05-01", id="when the next one starts"),
        pytest.param("2099-01-01", "0.3", "contacts@2024-05-01", id="the last one stays in force"),
    ],
)
def test_by_date(load: Load, day: str, share: str, version: str) -> None:
    values = load(*ETE_SHARE).on(date.fromisoformat(day))
    assert values.number("ete_share") == Decimal(share)
    assert values.version == version


@pytest.mark.parametrize(
    ("day", "region", "holds"),
    [
        pytest.param("2024-06-01", "london", 3, id="a region's own value overrides the national one"),
        pytest.param("2024-06-01", "wales", 1, id="another region has the national value"),
        pytest.param("2024-06-01", None, 1, id="without a region the national value is in force"),
        pytest.param("2026-06-01", "london", 1, id="after its own value ends a region has the national one"),
    ],
)
def test_by_region(load: Load, day: str, region: str | None, holds: int) -> None:
    own = value('value = 3\nregion = "london"\neffective_from = 2024-01-01\neffective_to = 2026-01-01')
    policy = load(value("value = 1"), own)
    assert policy.on(date.fromisoformat(day), region).integer("share") == holds


def test_a_regional_value_is_missing_in_other_regions(load: Load) -> None:
    policy = load(value('value = 3\nregion = "london"'))
    assert policy.on(date(2024, 1, 1), "london").has("share")
    assert not policy.on(date(2024, 1, 1), "wales").has("share")
    assert not policy.on(date(2024, 1, 1)).has("share")


def test_the_error_for_a_value_not_in_force_says_when_it_is(load: Load) -> None:
    with pytest.raises(PolicyError) as error:
        load(ETE_SHARE[0]).on(date(2019, 1, 1), "wales").number("ete_share")
    assert "policy.toml: no value 'ete_share' on 2019-01-01 in wales: the only values are" in str(error.value)
    assert "from 2019-06-01 to 2024-05-01" in str(error.value)


def test_the_error_for_an_unknown_value_says_so(load: Load) -> None:
    with pytest.raises(
        PolicyError, match=r"no value 'limit' on 2019-01-01: add a \[\[value\]\] of that name"
    ):
        load(*ETE_SHARE).on(date(2019, 1, 1)).number("limit")


def test_a_value_without_a_successor_ends_on_its_effective_to_and_the_version_changes(load: Load) -> None:
    policy = load(value("value = 1\neffective_from = 2020-01-01\neffective_to = 2021-01-01"))
    days = [date(2019, 12, 31), date(2020, 12, 31), date(2021, 1, 1)]
    assert [policy.on(day).has("share") for day in days] == [False, True, False]
    assert [policy.on(day).version[9:] for day in days] == ["2020-01-01", "2020-01-01", "2021-01-01"]


def test_values_in_force_before_the_first_change_have_their_own_version(load: Load) -> None:
    policy = load(value("value = 1", name="limit"), *ETE_SHARE)
    assert policy.on(date(2019, 5, 31)).version == "contacts@0001-01-01"
    assert policy.changes == [date(2019, 6, 1), date(2024, 5, 1)]


@given(st.lists(DATES, min_size=2, max_size=8, unique=True).map(sorted), DATES)
def test_adjacent_values_cover_every_day_once(
    tmp_path_factory: pytest.TempPathFactory, starts: list[date], day: date
) -> None:
    path = tmp_path_factory.mktemp("policy") / "policy.toml"
    spans = list(pairwise(starts))
    texts = [f"value = {i}\neffective_from = {a}\neffective_to = {b}" for i, (a, b) in enumerate(spans)]
    path.write_text("\n".join(value(text) for text in reversed(texts)), encoding="utf-8")
    policy = Policy.load(path, "contacts")
    values = policy.on(day)
    holding = [i for i, (a, b) in enumerate(spans) if a <= day < b]
    assert ([values.integer("share")] if values.has("share") else []) == holding
    assert policy.changes == starts
    assert policy.next_change(day) == next((start for start in starts if start > day), None)


@given(DATES, st.integers(1, 800), st.integers(1, 800), st.integers(-1000, 1000))
def test_only_values_that_share_a_day_are_refused(
    tmp_path_factory: pytest.TempPathFactory, start: date, length: int, other_length: int, shift: int
) -> None:
    path = tmp_path_factory.mktemp("policy") / "policy.toml"
    spans = [(start, length), (start + timedelta(days=shift), other_length)]
    path.write_text(
        "\n".join(
            value(f"value = 1\neffective_from = {first}\neffective_to = {first + timedelta(days=days)}")
            for first, days in spans
        ),
        encoding="utf-8",
    )
    if -other_length < shift < length:
        with pytest.raises(PolicyError, match="overlap: end the first on the day that the second starts"):
            Policy.load(path, "contacts")
    else:
        assert Policy.load(path, "contacts").changes[0] == min(first for first, _ in spans)


# --- kinds ---


KINDS = {
    "integer": ("value = 5", 5),
    "number": ("value = 0.1", Decimal("0.1")),
    "text": ('value = "a"', "a"),
    "flag": ("value = true", True),
    "texts": ('value = ["b", "a"]', ("b", "a")),
    "table": (
        'value = { A3 = 206, share = 0.1, name = "x" }',
        {"A3": 206, "share": Decimal("0.1"), "name": "x"},
    ),
}


@pytest.mark.parametrize("getter", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_value_can_be_read_only_as_its_own_kind(load: Load, kind: str, getter: str) -> None:
    text, expected = KINDS[kind]
    values = load(value(text)).on(date(2024, 1, 1))
    read: Callable[[str], object] = getattr(values, getter)
    if kind == getter or (kind, getter) == ("integer", "number"):
        assert read("share") == expected
    else:
        with pytest.raises(PolicyError, match=f"'share' at all times is of kind {kind}, not {getter}"):
            read("share")


def test_a_table_cannot_be_changed(load: Load) -> None:
    table = load(value("value = { A3 = 206 }")).on(date(2024, 1, 1)).table("share")
    with pytest.raises(TypeError):
        table["A3"] = 1  # type: ignore[index]


def test_a_number_of_days_says_how_it_is_counted(load: Load) -> None:
    def values(unit: str) -> Values:
        return load(value(f'value = 5\nunit = "{unit}"')).on(date(2024, 1, 1))

    assert values("business_days").day_unit("share") == "business_days"
    assert values("calendar_days").day_unit("share") == "calendar_days"
    with pytest.raises(PolicyError, match="unit is 'weeks': use one of business_days, calendar_days"):
        values("weeks").day_unit("share")


# --- invalid files ---


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        pytest.param(["x = 1"], "unknown 'x': only", id="a key outside the values"),
        pytest.param(["x = ="], "is not valid TOML: .*line 1", id="broken TOML"),
        pytest.param(["# nothing"], "has no values", id="an empty file"),
        pytest.param(["[value]"], "has no values", id="a single table instead of a list"),
        pytest.param(["value = [1]"], "value 1 is not a table", id="a bare number"),
        pytest.param(
            [value("value = 1", name="Video Share")], "name 'Video Share'", id="a name with other characters"
        ),
        pytest.param(["[[value]]\nvalue = 1"], "value 1 has the name None", id="no name"),
        pytest.param([value("")], "value 1 'share': value is missing: add it", id="no value"),
        pytest.param(
            [value("value = 1").replace("source", "note")], "source is missing: add it", id="no source"
        ),
        pytest.param(
            [value("value = 1").replace("confidence", "note")],
            "confidence is missing",
            id="no confidence",
        ),
        pytest.param(
            [value("value = 1").replace("key_date", "note")], "key_date is missing", id="no key date"
        ),
        pytest.param(
            [value("value = 1").replace("published", "sure")], "'sure': use one of", id="confidence"
        ),
        pytest.param(
            [value("value = 1").replace("s4:120", " ")], "source is ' ': write a string", id="empty source"
        ),
        pytest.param([value("value = 1\nfrom = 2020-01-01")], "unknown field 'from'", id="an unknown field"),
        pytest.param(
            [value('value = 1\neffective_from = "2020-01-01"')], "without quotes", id="a date in quotes"
        ),
        pytest.param(
            [value("value = 1\neffective_from = 2020-01-01T00:00:00")], "write a date", id="an instant"
        ),
        pytest.param(
            [value("value = 1\neffective_from = 2020-01-01\neffective_to = 2020-01-01")],
            "ends on 2020-01-01 but starts on 2020-01-01",
            id="a value that is never in force",
        ),
        pytest.param([value("value = nan")], "its value is", id="no number"),
        pytest.param([value("value = 2020-01-01")], "its value is", id="a date as a value"),
        pytest.param([value("value = [1, 2]")], "its value is", id="a list of numbers"),
        pytest.param([value("value = {}")], "its value is", id="an empty table"),
        pytest.param([value("value = { a = true }")], "its value is", id="a flag in a table"),
        pytest.param(
            [value('value = 1.5\nunit = "business_days"')],
            "whole number of 0 or more, not 1.5",
            id="half a day",
        ),
        pytest.param(
            [value('value = -1\nunit = "calendar_days"')],
            "whole number of 0 or more, not -1",
            id="days below 0",
        ),
        pytest.param(
            [
                value("value = 1\neffective_to = 2020-01-01"),
                value("value = 1.5\neffective_from = 2020-01-01"),
            ],
            "'share' until 2020-01-01 is of kind integer, 'share' from 2020-01-01 of kind number",
            id="two kinds over time",
        ),
        pytest.param(
            [value("value = 1"), value('value = "a"\nregion = "london"')],
            r"'share' at all times is of kind integer, 'share' \(london\) at all times of kind text",
            id="two kinds in two regions",
        ),
        pytest.param(
            [value("value = 1"), value('value = 1\nregion = "london"', key_date="release")],
            r"uses key date contact, 'share' \(london\) at all times uses release",
            id="two key dates",
        ),
        pytest.param([value("value = 1"), value("value = 1")], "overlap", id="the same value twice"),
    ],
)
def test_an_invalid_file_is_refused(load: Load, entries: list[str], error: str) -> None:
    with pytest.raises(PolicyError, match=error) as refused:
        load(*entries)
    assert "policy.toml: " in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"policy\.toml: cannot be read: No such file"):
        Policy.load(tmp_path / "policy.toml", "contacts")


# --- common values ---


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A service's own file and a file of common values."""
    own, common = tmp_path / "own.toml", tmp_path / "common.toml"
    own.write_text(value("value = 1"), encoding="utf-8")
    common.write_text(value("value = 2", name="repeal"), encoding="utf-8")
    return own, common


def test_a_service_reads_its_own_values_with_the_common_ones(files: tuple[Path, Path]) -> None:
    own, common = files
    values = Policy.load(own, "contacts", common).on(date(2026, 1, 1))
    assert (values.integer("share"), values.integer("repeal")) == (1, 2)


def test_a_name_in_both_files_is_refused(files: tuple[Path, Path]) -> None:
    own, common = files
    common.write_text(value("value = 2"), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"own\.toml: 'share' is also in .*common\.toml: remove one"):
        Policy.load(own, "contacts", common)


def test_the_digest_changes_with_the_common_values(files: tuple[Path, Path]) -> None:
    own, common = files
    before = Policy.load(own, "contacts", common).digest
    common.write_text(value("value = 3", name="repeal"), encoding="utf-8")
    assert Policy.load(own, "contacts", common).digest != before


# --- digest ---


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(["# one\n# two", *ETE_SHARE], id="comments before"),
        pytest.param([ETE_SHARE[0], "# two\n# one", ETE_SHARE[1]], id="comments between, in another order"),
        pytest.param(ETE_SHARE[::-1], id="values in another order"),
        pytest.param([ETE_SHARE[0] + 'note = "as printed"', ETE_SHARE[1]], id="a note"),
        pytest.param(
            [ETE_SHARE[0].replace("0.2", "0.20"), ETE_SHARE[1]], id="the same number written differently"
        ),
    ],
)
def test_the_digest_does_not_depend_on(load: Load, entries: list[str]) -> None:
    assert load(*entries).digest == load(*ETE_SHARE).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("0.3", "0.31", id="a value"),
        pytest.param("effective_from = 2024-05-01", "effective_from = 2024-05-02", id="a date"),
        pytest.param("s4:120", "s4:121", id="a source"),
        pytest.param("published", "statute", id="a confidence"),
        pytest.param('"contact"', '"credit"', id="a key date"),
        pytest.param("value = ", 'region = "london"\nvalue = ', id="a region"),
        pytest.param("value = ", 'unit = "of hours"\nvalue = ', id="a unit"),
    ],
)
def test_the_digest_changes_with(load: Load, old: str, new: str) -> None:
    text = "\n".join(ETE_SHARE)
    assert old in text
    assert load(text.replace(old, new)).digest != load(text).digest


def test_the_digest_distinguishes_whole_numbers_from_decimals(load: Load) -> None:
    assert load(value("value = 1")).digest != load(value("value = 1.0")).digest


# --- a policy to try ---


def test_a_value_to_try_holds_on_all_days_and_names_the_policy_as_one_that_is_tried(load: Load) -> None:
    policy = load(*ETE_SHARE, value("value = 1", name="contacts"))
    tried = policy.changed({(policy.path, "ete_share"): Decimal("0.5")}).trying("half")
    for day in (date(2019, 6, 1), date(2024, 5, 1)):
        assert tried.on(day).number("ete_share") == Decimal("0.5")
        assert tried.on(day).integer("contacts") == 1
    assert tried.on(date(2024, 5, 1)).version == "contacts@what-if-half-2024-05-01"
    assert policy.on(date(2024, 5, 1)).version == "contacts@2024-05-01"
    assert tried.digest != policy.digest


def test_a_value_of_the_same_name_in_another_file_stays(load: Load) -> None:
    policy = load(*ETE_SHARE)
    other = policy.changed({(Path("other.toml"), "ete_share"): Decimal("0.5")})
    assert other.digest == policy.digest


@pytest.mark.parametrize(
    ("entry", "text", "expected"),
    [
        ("value = 5", "7", 7),
        ("value = 0.5", "1", Decimal(1)),
        ("value = 0.5", "0.25", Decimal("0.25")),
        ('value = "at_least"', "more_than", "more_than"),
        ('value = "A1"', "7", "7"),
        ("value = true", "false", False),
        ('value = ["a"]', '["a", "b"]', ("a", "b")),
        ("value = { A = 1 }", "{ A = 2, B = 3 }", {"A": 2, "B": 3}),
    ],
)
def test_a_value_is_written_as_in_a_file_but_a_word_needs_no_quotes(
    tmp_path: Path, entry: str, text: str, expected: object
) -> None:
    (tmp_path / "policy.toml").write_text(value(entry), encoding="utf-8")
    (own,) = read(tmp_path / "policy.toml")
    assert written(own, text) == expected


@pytest.mark.parametrize(
    ("entry", "text", "message"),
    [
        ("value = 5", "0.5", "of kind integer, and 0.5 is of kind number: now it is 5"),
        ("value = 5", "soon", "of kind integer, and soon is of kind text"),
        ('value = 5\nunit = "business_days"', "-1", "business_days must be a whole number of 0 or more"),
        ("value = true", "1", "of kind flag, and 1 is of kind integer: now it is true"),
        ('value = ["a", "b"]', "c", "of kind texts, and c is of kind text: now it is [a, b]"),
        ("value = 5", "[[1]]", "write a number"),
    ],
)
def test_a_value_of_another_kind_is_refused(tmp_path: Path, entry: str, text: str, message: str) -> None:
    (tmp_path / "policy.toml").write_text(value(entry), encoding="utf-8")
    (own,) = read(tmp_path / "policy.toml")
    with pytest.raises(PolicyError, match=re.escape(message)):
        written(own, text)
