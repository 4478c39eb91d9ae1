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
from shared.answers.describing import describe
from shared.answers.open_items import Waiting, deadlines, next_due, waiting
from shared.answers.responsible import Responsible, responsible, without_practitioner
from shared.answers.standing import Standing
from tools.explain import PersonHistory

SHOWN_BESIDE = frozenset({"region", "pdu", "due_on"})
"""What is said beside an open item anyway: its place and date."""


@dataclass(frozen=True)
class Now:
    """How a case stands at the end of a day. `deadlines` are the dates to come that no open item names.

    These are known only where the rules can be asked: not from a file of published events.
    """

    today: date
    responsible: list[Responsible]
    unallocated: list[str]
    open: list[Waiting]
    deadlines: list[Waiting]

    @property
    def due_next(self) -> list[Waiting]:
        """What has the next date."""
        return next_due([*self.open, *self.deadlines])


def now_of(history: PersonHistory) -> Now | None:
    """How the person's case stands; None before the first day of the services."""
    if history.today is None:
        return None
    found = Standing([*history.facts, *(e for each in history.published.values() for e in each.published)])
    foreseen = [event for each in history.published.values() for event in each.foreseen]
    return Now(
        today=history.today,
        responsible=[one for theirs in responsible(found).values() for one in theirs],
        unallocated=[sentence_id for _, sentence_id in without_practitioner(found)],
        open=waiting(found, history.today),
        deadlines=deadlines(found, foreseen, history.today),
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
    later = [item for item in now.deadlines if item not in now.due_next]
    for item in [*now.due_next, *later]:
        console.print(_due(item, announced=item in now.open), soft_wrap=True)
    if not now.due_next:
        console.print("  nothing has a date still to come")
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
        text.append(f"\n{capital(actor(item))}: {item.task.step}", style="")
        text.append(f"\n{described(item.rules)}", style="dim")
        due = Text(due_words(item), style="red" if item.overdue else "")
        table.add_row("", due, text)
    return table


def _due(item: Waiting, *, announced: bool) -> Text:
    assert item.due_on is not None
    line = f"  {day_words(item.due_on)}: {item.task.title}. {capital(actor(item))}: {item.task.step}"
    return Text(line) if announced else Text(line).append(f" {described(item.rules)}", style="dim")


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


def capital(words: str) -> str:
    """With a capital at the beginning."""
    return words[:1].upper() + words[1:]


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
        "due_next": [_object(item, announced=item in now.open) for item in now.due_next],
        "deadlines": [_object(item, announced=False) for item in now.deadlines],
    }


def _object(item: Waiting, *, announced: bool = True) -> dict[str, Any]:
    """One thing that waits; `announced`: by an open item, which then has an id."""
    return {
        **({"id": item.event.id} if announced else {}),
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
