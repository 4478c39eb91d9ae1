"""The lines of a hearing: one result each, with the prompts that were filled in for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from feeds.codes import Row, table
from feeds.message import Node, Untranslatable
from feeds.times import NotATime, day_of
from shared.calendar import add_months

_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
_PERIOD = re.compile(r"(\d{1,4})\s*(Year|Month|Week|Day|Hour)s?", re.IGNORECASE)
_LEADING_NUMBER = re.compile(r"£?\s*(\d{1,7})(?:\.\d+)?(?:\s*[A-Za-z]+)?")
_TYPE_DIGITS = 8


@dataclass(frozen=True)
class Line:
    """One judicial result. `row` says what it means; None if the code is in no table."""

    node: Node
    id: str
    type_id: str | None
    cjs: str | None
    row: Row | None
    ordered_hearing: str | None
    ordered_on: date | None
    root: str | None
    prompts: Mapping[str, str]
    offence: str | None

    @property
    def word(self) -> str | None:
        """What it does: `order`, `requirement`, `varied`, ..."""
        return self.row.word if self.row else None

    @property
    def terms(self) -> tuple[tuple[str, str], ...]:
        """By what lines are told that repeat on each offence."""
        return tuple(sorted(self.prompts.items()))

    def unknown(self) -> Untranslatable:
        """The error that nobody knows what it means."""
        return table("common_platform", "results").unknown(
            self.node["judicialResultTypeId"], self.type_id or f"cjs-{self.cjs}"
        )

    def prompt(self, *names: str) -> str | None:
        """The value of the first of these prompts that is filled in."""
        return next((self.prompts[name] for name in names if name in self.prompts), None)

    def day(self, *names: str) -> date | None:
        """A date that was filled in."""
        written = self.prompt(*names)
        try:
            return None if written is None else day_of(written)
        except NotATime:
            raise self.wrong(names[0], "is not a date") from None

    def number(self, *names: str) -> int | None:
        """A number that was filled in, `80 Hours` for example."""
        written = self.prompt(*names)
        if written is None:
            return None
        match = _LEADING_NUMBER.fullmatch(written)
        if match is None:
            raise self.wrong(names[0], "does not begin with a whole number")
        return int(match[1])

    def after(self, start: date, *names: str) -> date | None:
        """The first day after a period that begins on a day: `1 Years`, `6 Months`, `26 Weeks`."""
        written = self.prompt(*names)
        if written is None:
            return None
        parts = _PERIOD.findall(written)
        if not parts or _PERIOD.sub("", written).strip(" ,and\n"):
            raise self.wrong(names[0], "is not a period like 6 Months")
        try:
            for number, unit in parts:
                start = _later(start, int(number), unit.lower())
        except (ValueError, OverflowError):
            raise self.wrong(names[0], "is longer than any sentence") from None
        return start

    def wrong(self, prompt: str, problem: str) -> Untranslatable:
        """The error that a prompt has a problem."""
        place = self.node["judicialResultPrompts"]
        return Untranslatable(f"{place.name} {prompt}", problem, "ask the court to correct the result")


def _later(start: date, number: int, unit: str) -> date:
    if unit == "hour":
        return start
    if unit in ("day", "week"):
        return start + timedelta(days=number * (7 if unit == "week" else 1))
    return add_months(start, number * (12 if unit == "year" else 1))


def lines_of(holder: Node, offence: str | None = None) -> Iterator[Line]:
    """The results in a place that count: those deleted or made in error do not."""
    for node in holder.each("judicialResults"):
        line = _line(node, offence)
        if not node.flag("isDeleted") and line.word != "error":
            yield line


def _line(node: Node, offence: str | None) -> Line:
    type_id, cjs = node.optional("judicialResultTypeId"), node.optional("cjsCode")
    return Line(
        node,
        node.text("judicialResultId"),
        type_id,
        cjs,
        _meaning(node, type_id, cjs),
        node.optional("orderedHearingId"),
        node.optional_day("orderedDate"),
        node.optional("rootJudicialResultId"),
        dict(_prompts(node)),
        offence,
    )


def _meaning(node: Node, type_id: str | None, cjs: str | None) -> Row | None:
    """By type id first, then by cjs code, which several results may share."""
    results, on = table("common_platform", "results"), node.optional_day("orderedDate")
    if type_id is not None and (row := results.row(type_id[:_TYPE_DIGITS].lower(), on)):
        return row
    if cjs is not None and (row := results.row(f"cjs-{cjs}", on)):
        return row if type_id is None or not row.more.get("typed") else None
    label = node.optional("shortCode") or node.optional("label")
    return table("common_platform", "next_hearings").row(label) if label else None


def _prompts(node: Node) -> Iterator[tuple[str, str]]:
    """The prompts by plain names: their reference, or their label if that is a UUID or absent."""
    for prompt in node.each("judicialResultPrompts"):
        value = prompt.optional("value")
        for name in (prompt.optional("label"), prompt.optional("promptReference")):
            if name is not None and value is not None:
                yield plain(name), value


def plain(name: str) -> str:
    """A name in small letters and digits only."""
    return _NOT_ALPHANUMERIC.sub("", name.lower())
