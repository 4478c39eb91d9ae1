"""The demo: an invented year through the real services, then what came of it.

* `play.py`      publishes day after day and waits until every service has it
* `follow.py`    subscribes to what the services publish, as anybody could, and counts
* `account.py`   the numbers and the three stories
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tools.cli.local import Local, kafka_settings
from tools.demo.account import Account, next_steps, numbers, tell_stories
from tools.demo.play import play
from tools.simulate import FIRST_DAY, caseload

PLAIN_LINES = 12
"""How many lines of progress are printed where there is no terminal."""


def run(system: Local, console: Console, *, people: int, days: int, seed: int) -> Account:
    """Play the caseload through the services, and tell what came of it."""
    lines = caseload(seed=seed, people=people, days=days)
    console.print("· starting the four services", style="dim", highlight=False)
    system.serve()
    began = time.monotonic()
    with _progress(console, days) as advance:
        follower = asyncio.run(
            play(kafka_settings(system.kafka), system.databases, lines, FIRST_DAY, days, advance)
        )
    account = Account(lines, follower, time.monotonic() - began)
    numbers(account, console)
    asyncio.run(tell_stories(account, system.databases, console))
    next_steps(console)
    return account


@contextmanager
def _progress(console: Console, days: int) -> Iterator[Callable[[date, int, int], None]]:
    """A function to be told the day, the facts sent and the events published so far."""
    if not console.is_terminal:
        every = max(1, days // PLAIN_LINES)
        told = 0

        def plain(day: date, sent: int, published: int) -> None:
            nonlocal told
            told += 1
            if told % every == 0 or told == days:
                console.print(f"  {day}  {sent:>6} facts in  {published:>6} events out", highlight=False)

        yield plain
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
        console=console,
    )
    with bar:
        task = bar.add_task("playing", total=days, said="")

        def advance(day: date, sent: int, published: int) -> None:
            said = f"{sent} facts in, {published} events out"
            bar.update(task, advance=1, description=f"{day:%d %b %Y}", said=said)

        yield advance
