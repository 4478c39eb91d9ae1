'''Tables of cases: the parameters of a test, one case a row::

    @table(
        """
        | case                           | facts                                         | expected |
        | one on the first day: met      | 2026-03-01 contact                            | MET      |
        | two telephone calls: missed    | 2026-03-03, 2026-03-04 contact mode=telephone | MISSED   |
        """,
        MET=MET,
        MISSED=MISSED,
    )
    def test_one_contact_every_month(facts: Any, expected: Any) -> None: ...

`case` is the name of the case; without it pytest names the cases. The cells under `facts` are facts as worked
examples write them (`tests.examples.reader`) or names that are given, several separated by `;`; under `fact`
there is one. All other cells are Python literals, names that are given, or else text. A row whose first cell
is empty goes on with the row before.
'''

from __future__ import annotations

import ast
from typing import Any

import pytest

from tests.facts import Fact
from tests.facts.written import whole, written

FACTS = ("fact", "facts")


def table(text: str, **names: Any) -> pytest.MarkDecorator:
    """Parametrizes a test by the rows of a table."""
    rows = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in text.strip().splitlines()]
    columns = rows.pop(0)
    named = columns[0] == "case"
    marks = ["; " if column in FACTS else " " for column in columns]
    params = []
    for row in whole(rows, *marks):
        values = [_value(column, cell, names) for column, cell in zip(columns, row, strict=True)]
        params.append(pytest.param(*values[1:], id=row[0]) if named else pytest.param(*values))
    return pytest.mark.parametrize(columns[1:] if named else columns, params)


def _value(column: str, cell: str, names: dict[str, Any]) -> Any:
    if column in FACTS:
        made = [fact for part in cell.split("; ") if part for fact in _facts(part, names)]
        return made if column == "facts" else made[0]
    if cell in names:
        return names[cell]
    try:
        return ast.literal_eval(cell)
    except (ValueError, SyntaxError):
        return cell


def _facts(part: str, names: dict[str, Any]) -> list[Fact]:
    if part not in names:
        return written(part)
    given = names[part]
    return [given] if isinstance(given, Fact) else list(given)
