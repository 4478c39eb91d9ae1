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

`case` is the name of the case. The cells under `facts` are facts as worked examples write them
(`tests.examples.reader`), several separated by `;`; under `fact` there is one. All other cells are Python
literals, names that are given, or else text.
'''

from __future__ import annotations

import ast
from typing import Any

import pytest

from tests.facts.written import written


def table(text: str, **names: Any) -> pytest.MarkDecorator:
    """Parametrizes a test by the rows of a table."""
    rows = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in text.strip().splitlines()]
    columns = rows.pop(0)[1:]
    params = []
    for case, *cells in rows:
        values = [_value(column, cell, names) for column, cell in zip(columns, cells, strict=True)]
        params.append(pytest.param(*values, id=case))
    return pytest.mark.parametrize(columns, params)


def _value(column: str, cell: str, names: dict[str, Any]) -> Any:
    if column in ("fact", "facts"):
        made = [fact for line in cell.split("; ") if line for fact in written(line)]
        return made if column == "facts" else made[0]
    if cell in names:
        return names[cell]
    try:
        return ast.literal_eval(cell)
    except (ValueError, SyntaxError):
        return cell
