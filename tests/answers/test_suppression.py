"""No small number by group can be worked out from all that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from services.dashboard.model.publishing import HIDDEN, shown
from shared.answers.suppression import Area, Bounds, Name, Result, bounds, rounded, withheld


def area(name: str, everybody: tuple[int, int], group: tuple[int, int], *parts: Area) -> Area:
    return Area((name, "*"), Result(*everybody), Result(*group), parts)


def whole(*parts: Area) -> Area:
    """The nation of these regions."""
    return _over("", parts)


def _over(name: str, parts: tuple[Area, ...]) -> Area:
    def total(results: list[Result]) -> tuple[int, int]:
        return sum(r.achieved for r in results), sum(r.missed for r in results)

    return area(name, total([p.everybody for p in parts]), total([p.group for p in parts]), *parts)


def names(found: set[Name]) -> set[str]:
    return {name for name, _ in found}


def test_everything_is_shown_where_no_number_is_small() -> None:
    nation = whole(area("london", (90, 30), (40, 10)), area("wales", (80, 20), (20, 8)))
    assert withheld(nation, 5) == set()


def test_a_small_number_is_not_shown_nor_a_second_one_from_which_it_follows() -> None:
    nation = whole(
        area("london", (90, 30), (40, 10)),
        area("wales", (80, 20), (20, 2)),
        area("north_east", (60, 20), (15, 9)),
    )
    assert names(withheld(nation, 5)) == {"wales", "north_east"}


def test_the_nation_is_not_shown_if_its_regions_could_be_told_too_closely_from_it() -> None:
    nation = whole(area("london", (30, 30), (8, 8)), area("wales", (3, 9), (1, 1)))
    assert names(withheld(nation, 5)) == {"", "london", "wales"}


def test_that_everybody_or_nobody_of_a_group_achieved_it_is_not_shown() -> None:
    nation = whole(area("london", (90, 30), (40, 0)), area("wales", (80, 40), (20, 9)))
    assert "london" in names(withheld(nation, 5))


def test_that_nobody_of_a_group_is_there_is_shown() -> None:
    nation = whole(area("london", (90, 30), (0, 0)), area("wales", (80, 40), (20, 9)))
    assert withheld(nation, 5) == set()


def test_the_units_of_a_region_that_is_not_shown_are_not_shown() -> None:
    unit = area("camden", (40, 40), (20, 20))
    london = _over("london", (unit, area("hackney", (4, 4), (1, 1))))
    nation = whole(london, area("wales", (80, 40), (20, 9)), area("north_east", (80, 40), (20, 9)))
    hidden = names(withheld(nation, 30))
    assert {"london", "camden", "hackney"} <= hidden


def test_numbers_are_rounded_to_the_nearest_multiple() -> None:
    assert [rounded(number, 5) for number in (0, 2, 3, 7, 8, 12, 13)] == [0, 0, 5, 5, 10, 10, 15]


# -- for any numbers -----------------------------------------------------------------------------------


@st.composite
def leaves(draw: st.DrawFn, name: str, most: int) -> Area:
    everybody = draw(st.tuples(st.integers(0, most), st.integers(0, most)))
    group = draw(st.tuples(st.integers(0, everybody[0]), st.integers(0, everybody[1])))
    return area(name, everybody, group)


@st.composite
def nations(draw: st.DrawFn) -> Area:
    """A nation of two regions, one of them with units, or of three; small enough to try all numbers."""
    if draw(st.booleans()):
        return whole(*(draw(leaves(name, 12)) for name in ("a", "b", "c")))
    units = tuple(draw(leaves(name, 8)) for name in ("a1", "a2"))
    return whole(_over("a", units), *(draw(leaves(name, 8)) for name in ("b", "c")))


def possible(nation: Area, hidden: set[Name], result: int) -> Iterator[dict[str, int]]:
    """Each way in which the group's counts can be, given the true totals and all that is shown.

    Numbers are rounded when they are shown, so less is known than is assumed here.
    """
    ends = [one for one in nation.all() if not one.parts]
    for counts in product(*(range(one.everybody[result] + 1) for one in ends)):
        found = {one.name[0]: count for one, count in zip(ends, counts, strict=True)}
        for one in reversed([*nation.all()]):
            if one.parts:
                found[one.name[0]] = sum(found[part.name[0]] for part in one.parts)
        if all(one.name in hidden or found[one.name[0]] == one.group[result] for one in nation.all()):
            yield found


@given(nations(), st.integers(2, 5), st.integers(0, 1))
def test_what_is_not_shown_can_be_as_much_as_the_threshold_or_the_true_total_allows(
    nation: Area, least: int, result: int
) -> None:
    hidden = withheld(nation, least)
    ways = list(possible(nation, hidden, result))
    for one in nation.all():
        if one.name in hidden:
            values = [way[one.name[0]] for way in ways]
            assert max(values) - min(values) >= min(least, one.everybody[result])


@given(nations(), st.integers(2, 5), st.integers(0, 1))
def test_the_bounds_that_are_worked_out_are_those_of_all_ways(nation: Area, least: int, result: int) -> None:
    hidden = withheld(nation, least)
    ways = list(possible(nation, hidden, result))
    for name, known in bounds(nation, hidden, result).items():
        values = [way[name[0]] for way in ways]
        assert known == Bounds(min(values), max(values))


@given(nations(), st.integers(2, 5))
def test_what_is_shown_is_of_nobody_or_of_enough_with_each_result(nation: Area, least: int) -> None:
    hidden = withheld(nation, least)
    for one in nation.all():
        if one.name not in hidden:
            for side in (one.group, one.others):
                assert side.total == 0 or min(side) >= least


@given(nations(), st.integers(2, 5))
def test_withheld_numbers_do_not_leave_the_read_model(nation: Area, least: int) -> None:
    hidden = withheld(nation, least)
    cells = shown(nation, least, 5)
    assert {name for name, found in cells.items() if found == HIDDEN} == hidden
