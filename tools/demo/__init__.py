"""The demo: plays a simulated year through the real services, then shows the results.

* `play.py`      publishes each day and waits until every service has processed it
* `follow.py`    subscribes to what the services publish, as anybody could, and counts
* `account.py`   the numbers and three people's histories
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
from tools.demo.account import Account, next_steps, numbers, print_histories
from tools.demo.play import play
from tools.simulate import FIRST_DAY, caseload

PLAIN_LINES = 12
"""The number of progress lines printed if there is no terminal."""


def run(system: Local, console: Console, *, people: int, days: int, seed: int) -> Account:
    """Play the caseload through the services and print the results."""
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
    asyncio.run(print_histories(account, system.databases, console))
    next_steps(console)
    return account


@contextmanager
def _progress(console: Console, days: int) -> Iterator[Callable[[date, int, int], None]]:
    """A function to call with the day, the facts sent and the events published so far."""
    if not console.is_terminal:
        every = max(1, days // PLAIN_LINES)
        day_number = 0

        def plain(day: date, sent: int, published: int) -> None:
            nonlocal day_number
            day_number += 1
            if day_number % every == 0 or day_number == days:
                console.print(f"  {day}  {sent:>6} facts in  {published:>6} events out", highlight=False)

        yield plain
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeRemainingColumn(),
        console=console,
    )
    with bar:
        task = bar.add_task("playing", total=days, counts="")

        def advance(day: date, sent: int, published: int) -> None:
            counts = f"{sent} facts in, {published} events out"
            bar.update(task, advance=1, description=f"{day:%d %b %Y}", counts=counts)

        yield advance
