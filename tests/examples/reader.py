"""Reads worked examples from text files that practitioners can read.

A file begins with its title and what it rests on. Lines that stand at the margin and begin with `Given` or
`Example` open a block of indented lines; all others at the margin are prose::

    Given a case of medium risk
        2024-06-20 risk
        2024-07-01 order ends=2025-06-30

    Example: in the last third contact is suspended
        given a case of medium risk
        on 2025-03-02
        ContactSuspended S1 from=2025-03-02 ground=reset
        no ContactResumed

    Example: {words} and contact goes on
        given a case of medium risk
        {what}
        on 2025-03-31
        no ContactSuspended
        | words                      | what                                        |
        | under child protection     | 2024-08-05 registered child protection      |
        | revoked on the day before  | 2025-03-01 revoked; 2025-03-02 contact C1   |

- A fact is its day (or time), a word of `tests.facts`, the id of the thing (it begins with a capital
  letter), what it says above all, and the rest as `name=value`; `recorded=2025-04-01` says when it was told
  of. In the order written.
- `on` is the last day: every day up to it begins.
- A line that begins with an event type says what stands then, by the id that comes first in its data and by
  any of its fields; nothing else of that type stands. `ContactMissed C1, C2` are two events, and
  `12 ContactStandardMissed` are twelve; `no ContactMissed, ContactExcused`.
- `withdrawn ContactMissed corrected, ended` gives the reasons of all withdrawals of the type; `never
  withdrawn ContactMissed`. `only check=health` leaves all other events out of account.
- A table makes an example of each row, with its cells in place of `{column}`: a line with an empty cell is
  left out, and `;` separates what else would stand on lines. A row whose first cell is empty goes on with
  the row before.
- A value that is no plain word is written as JSON: `"rar 20, unpaid_work 100"`, `null`, `{"level": 1,
  "category": 3}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.catalogue import CATALOGUE
from tests.examples.play import Example
from tests.facts import Fact, told
from tests.facts.written import TOKEN, named, whole, written

CELL = re.compile(r"\{([a-z ]+)\}")

Line = tuple[int, str]


class MisreadError(Exception):
    """A file that cannot be read, and where."""


@dataclass
class _Block:
    title: str
    line: int
    lines: list[Line] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class _Draft:
    facts: list[Fact] = field(default_factory=list)
    until: str = ""
    stands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    withdrawn: dict[str, list[str]] = field(default_factory=dict)
    only: dict[str, Any] = field(default_factory=dict)


def read(path: Path) -> list[Example]:
    """The examples of a file. Raises `MisreadError` with file and line."""
    return _File(path).examples


class _File:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 0
        self.given: dict[str, list[Line]] = {}
        self.examples: list[Example] = []
        for block in list(self._blocks()):
            try:
                self.examples += self._examples(block)
            except (TypeError, ValueError, KeyError) as fault:
                raise MisreadError(f"{path}:{self.line}: {fault}") from fault
        titles = [example.name for example in self.examples]
        if twice := {title for title in titles if titles.count(title) > 1}:
            raise MisreadError(f"{path}: titles given twice: {', '.join(sorted(twice))}")

    def _blocks(self) -> Iterator[_Block]:
        """The examples; what is given is kept by its name."""
        block: _Block | None = None
        for number, text in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            if text[:1] not in (" ", ""):
                opens, _, title = text.partition(" ")
                block = None
                if opens == "Given":
                    block = _Block(title, number)
                    self.given[title] = block.lines
                elif opens == "Example:":
                    block = _Block(title, number)
                    yield block
            elif text.strip() and block is not None:
                line = text.strip()
                if line.startswith("|"):
                    block.rows.append([cell.strip() for cell in line.strip("|").split("|")])
                else:
                    block.lines.append((number, line))
            elif text.strip():
                raise MisreadError(f"{self.path}:{number}: stands under no 'Given' and no 'Example:'")

    def _examples(self, block: _Block) -> Iterator[Example]:
        self.line = block.line
        names, *rows = whole(block.rows, "; ") or [[]]
        for row in rows or [[]]:
            if len(row) != len(names):
                raise ValueError(f"the table of '{block.title}' has a row of {len(row)} cells")
            cells = dict(zip(names, row, strict=True))
            example = _Draft()
            for self.line, text in block.lines:
                if all(cells[name] for name in CELL.findall(text)):
                    for statement in _filled(text, cells).split("; "):
                        self._state(example, statement)
            self.line = block.line
            title = _filled(block.title, cells)
            if not example.until:
                raise ValueError(f"'{title}' does not say on which day")
            said = (example.until, example.stands, example.withdrawn, example.only)
            yield Example(title, told(example.facts), *said, where=f"{self.path}:{block.line}")

    def _state(self, example: _Draft, statement: str) -> None:
        first, _, rest = statement.partition(" ")
        words = [word.strip(",") for word in TOKEN.findall(rest)]
        if first[0].isdecimal() and "-" in first:
            example.facts += written(statement)
        elif first == "given":
            if rest not in self.given:
                raise ValueError(f"nothing is given as '{rest}'")
            for number, line in self.given[rest]:
                self.line = number
                self._state(example, line)
        elif first == "on":
            example.until = rest
        elif first == "no":
            for type in words[words[0] == "other" :]:
                example.stands.setdefault(_published(type), [])
        elif first == "never":
            example.withdrawn[_published(words[1])] = []
        elif first == "withdrawn":
            example.withdrawn[_published(words[0])] = words[1:]
        elif first == "only":
            example.only.update(map(named, words))
        elif first.isdecimal():
            example.stands[_published(rest)] = [{}] * int(first)
        else:
            stands = example.stands.setdefault(_published(first), [])
            stands += [_data(first, each) for each in _each(TOKEN.findall(rest))]


def _filled(text: str, cells: dict[str, str]) -> str:
    """The text with the cells of a row in place of the columns' names."""
    return CELL.sub(lambda column: cells[column[1]], text)


def _each(words: list[str]) -> Iterator[list[str]]:
    """The words once for each value of a list: `C1 on=2026-06-01, 2026-06-02` are two."""
    first = next((at for at, word in enumerate(words) if word.endswith(",")), None)
    if first is None:
        yield words
        return
    last = next((at for at, word in enumerate(words) if at > first and word[-1] != ","), len(words) - 1)
    name, equals, value = words[first].rpartition("=")
    for one in (value, *words[first + 1 : last + 1]):
        yield [*words[:first], f"{name}{equals}{one.strip(',')}", *words[last + 1 :]]


def _published(type: str) -> str:
    if type not in CATALOGUE:
        raise ValueError(f"no event is called '{type}'")
    return type


def _data(type: str, words: list[str]) -> dict[str, Any]:
    """What is said of an event: a bare id is that which comes first in its data."""
    ids = [name for name in CATALOGUE[type].model.model_fields if name.endswith("_id")]
    return dict((ids.pop(0), word) if "=" not in word else named(word) for word in words)
