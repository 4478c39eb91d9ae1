"""Tells on the terminal what another policy would change: numbers, and examples in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.answers import rulebook
from shared.answers.comparison import KINDS, Difference, Kind, in_words, tally

console = Console()
EXAMPLES = 2
"""How many examples of each kind of difference are shown of each type of finding."""
_PHRASES: dict[Kind, tuple[str, str]] = {
    "appears": ("appears", "appear"),
    "vanishes": ("vanishes", "vanish"),
    "changes": ("changes", "change"),
}


def show(found: Sequence[Difference], every: bool) -> None:
    """Tell the differences; of each kind only some examples unless `every` is set."""
    if not found:
        say("Nothing changes: the same findings, with the same dates.")
        return
    kinds = Counter(one.kind for one in found)
    people = len({one.person for one in found if one.finding.event.dataclassification})
    said = ", ".join(_phrase(kinds[kind], kind) for kind in KINDS if kinds[kind])
    say(f"{said}; {people} {'person is' if people == 1 else 'people are'} concerned.")
    _table("By finding", found, lambda one: [one.type])
    rules = tally(found, lambda one: one.rules)
    titles = {id: f"{id} {rulebook.title(id)}" for id in rules}
    _table(
        "By rule (a finding that rests on several rules is counted under each)",
        found,
        lambda one: [titles[id] for id in one.rules],
    )
    _table("By region", found, lambda one: [one.region.replace("_", " ") or "no region"])
    _table("By month", found, lambda one: [one.month])
    _examples(found, every)


def _phrase(number: int, kind: Kind) -> str:
    one, many = _PHRASES[kind]
    return f"{number} {'finding' if number == 1 else 'findings'} {one if number == 1 else many}"


def _table(title: str, found: Sequence[Difference], by: Callable[[Difference], Iterable[str]]) -> None:
    _head(title)
    table = Table.grid(padding=(0, 2))
    table.add_column(width=0)
    table.add_column(overflow="fold")
    for _ in KINDS:
        table.add_column(justify="right", no_wrap=True)
    table.add_row("", "", *(Text(_PHRASES[kind][1], style="dim") for kind in KINDS))
    for name, counted in tally(found, by).items():
        table.add_row("", Text(name), *(str(counted[kind] or "-") for kind in KINDS))
    console.print(table)


def _examples(found: Sequence[Difference], every: bool) -> None:
    shown: Counter[tuple[str, Kind]] = Counter()
    _head("Every difference" if every else "Examples")
    for one in sorted(found, key=lambda one: (one.type, one.kind)):
        shown[one.type, one.kind] += 1
        if every or shown[one.type, one.kind] <= EXAMPLES:
            say(f"  {_sentence(one)}")
    if not every and any(number > EXAMPLES for number in shown.values()):
        say("  All of them: add --all")


def _sentence(one: Difference) -> str:
    event = one.finding.event
    limited = event.data.limited
    words = " (access to the case is limited)" if limited else f": {in_words(one)}"
    return f"{one.person or event.subject}: {event.type} {one.kind}{words} [{', '.join(one.rules)}]"


def _head(words: str) -> None:
    console.print(Text(f"\n{words}", style="bold"))


def say(line: str) -> None:
    """Print a line as it is."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)
