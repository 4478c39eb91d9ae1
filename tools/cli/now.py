"""How a case stands: who is responsible, what is open, and what is due next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.answers import rulebook
from shared.answers.open_items import Waiting, next_due, waiting
from shared.answers.responsible import Responsible, responsible, without_practitioner
from shared.answers.standing import Standing
from tools.cli.describing import describe
from tools.explain import Expected, PersonHistory

SHOWN_BESIDE = frozenset({"region", "pdu", "due_on"})
"""What is said beside an open item anyway: its place and date."""


@dataclass(frozen=True)
class Now:
    """How a case stands at the end of a day. `expected` is what follows if nothing more is recorded."""

    today: date
    responsible: list[Responsible]
    unallocated: list[str]
    open: list[Waiting]
    expected: list[Expected]

    @property
    def due_next(self) -> list[Waiting]:
        """The open items with the next date."""
        return next_due(self.open)


def now_of(history: PersonHistory) -> Now | None:
    """How the person's case stands; None before the first day of the services."""
    if history.today is None:
        return None
    found = Standing([*history.facts, *(e for each in history.published.values() for e in each.published)])
    return Now(
        today=history.today,
        responsible=[*responsible(found).values()],
        unallocated=[sentence_id for _, sentence_id in without_practitioner(found)],
        open=waiting(found, history.today),
        expected=history.expected,
    )


def show(now: Now, console: Console) -> None:
    """Print how the case stands."""
    console.print(Text(f"On {day_words(now.today)}", style="bold"))
    _head(console, "Who is responsible")
    for one in now.responsible:
        console.print(_responsible(one, now.today), soft_wrap=True)
    for sentence_id in now.unallocated:
        console.print(f"  {sentence_id}: nobody yet", highlight=False, markup=False)
    if not now.responsible and not now.unallocated:
        console.print("  nobody: no sentence has been allocated, and none waits for it")
    late = sum(item.overdue for item in now.open)
    _head(
        console,
        f"What is open now: {len(now.open)}, {late} of them overdue" if now.open else "What is open now",
    )
    if now.open:
        console.print(_items(now.open))
    else:
        console.print("  nothing")
    _head(console, "What is due next")
    for item in now.due_next:
        console.print(_due(item), soft_wrap=True)
    if not now.due_next:
        console.print("  nothing that is open has a date still to come")
    for expected in now.expected:
        console.print(
            f"  {day_words(expected.day)}  {expected.type} follows if nothing more is recorded"
            f"  ({described(expected.rules)})",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    console.print()


def _head(console: Console, words: str) -> None:
    console.print(Text(words, style="bold"))


def _responsible(one: Responsible, today: date) -> Text:
    manager = f" (manager {one.manager_id})" if one.manager_id else ""
    where = f"{one.team} team, {one.pdu}, {one.region}".replace("_", " ")
    text = Text(f"  {one.sentence_id}: {one.practitioner_id}{manager}, {where}, since {day_words(one.since)}")
    if one.provisional:
        text.append(", provisionally")
    if one.ended_on is not None:
        ends = "ends" if one.acts(today) else "ended"
        text.append(f"; supervision {ends} on {day_words(one.ended_on)} ({one.end_reason})", style="dim")
    return text


def _items(items: Iterable[Waiting]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in items:
        text = Text(item.task.title, style="bold")
        text.append(f"  {describe(item.event, SHOWN_BESIDE)}", style="")
        text.append(f"\n{actor(item)}: {item.task.step}", style="")
        text.append(f"\n{described(item.rules)}", style="dim")
        due = Text(due_words(item), style="red" if item.overdue else "")
        table.add_row("", due, text)
    return table


def _due(item: Waiting) -> str:
    assert item.due_on is not None
    return f"  {day_words(item.due_on)}  {item.task.title}  {actor(item)}: {item.task.step}"


def due_words(item: Waiting) -> str:
    """When an open item is or was due."""
    if item.due_on is None:
        return "no date"
    return f"{'was due' if item.overdue else 'due'} {day_words(item.due_on)}"


def actor(item: Waiting) -> str:
    """Who must act, in words."""
    if item.who is None:
        return f"the {item.task.role}"
    return f"{item.who}, the {item.task.role}"


def day_words(day: date) -> str:
    """A date as people write it, such as 5 January 2026."""
    return f"{day.day} {day:%B %Y}"


def described(rules: Iterable[str]) -> str:
    """Rule ids with their titles."""
    return "; ".join(f"{id} {rulebook.title(id)}".strip() for id in dict.fromkeys(rules))


def as_object(now: Now) -> dict[str, Any]:
    """The same for JSON."""
    return {
        "today": now.today.isoformat(),
        "responsible": [
            {name: value for name, value in asdict(one).items() if value is not None}
            | {"since": one.since.isoformat()}
            | ({"ended_on": one.ended_on.isoformat()} if one.ended_on else {})
            for one in now.responsible
        ],
        "unallocated": now.unallocated,
        "open": [_object(item) for item in now.open],
        "due_next": [item.event.id for item in now.due_next],
        "expected": [
            {"day": one.day.isoformat(), "type": one.type, "rules": list(one.rules)} for one in now.expected
        ],
    }


def _object(item: Waiting) -> dict[str, Any]:
    return {
        "id": item.event.id,
        "type": item.event.type,
        "title": item.task.title,
        "due_on": item.due_on.isoformat() if item.due_on else None,
        "overdue": item.overdue,
        "role": item.task.role,
        "who": item.who,
        "step": item.task.step,
        "region": item.place.region or None,
        "pdu": item.place.pdu or None,
        "rules": list(item.rules),
    }
