"""Commands that run everything on this machine: `demo` and `up`."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.text import Text

from tools.cli.addresses import KAFKA, RUNNING, announced, check_nothing_runs
from tools.cli.asking import Seed
from tools.cli.errors import UserError
from tools.cli.feed import FEEDS

if TYPE_CHECKING:
    from tools.cli.local import Child, Local

PANEL = "Start here"
USUAL_PORT = 9092
"""Kafka's usual port, so that the examples in the documentation work unchanged."""
DATA = Path(".probation") / "data"
"""Where `up --keep-data` keeps the databases."""
console = Console()
_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "red")
_SHOWN_ELSEWHERE = {"event", "level", "timestamp", "service"}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel=PANEL)(demo)
    app.command(rich_help_panel=PANEL)(up)


def demo(
    people: Annotated[int, typer.Option(min=1, max=5_000, help="Number of people.")] = 300,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Number of days.")] = 365,
    seed: Seed = 1,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Keep it running at the end, with the dashboard, so that you can look around. "
            "Ctrl-C ends it.",
        ),
    ] = False,
) -> None:
    """Watch a simulated year of 300 people at high speed. Needs no setup, and leaves nothing behind.

    Starts a broker, databases and the four services on this machine, and plays the caseload through them.
    Then shows the results: first in numbers, then three people's histories with the rule behind each finding.

    Example: probation demo --people 100 --days 90
    """
    from tools.cli.local import local
    from tools.demo import run

    if keep:
        check_nothing_runs()
    with local(_step, fsync=False, given={}) as system:
        try:
            run(system, console, people=people, days=days, seed=seed)
            if keep:
                with announced(system.databases, system.kafka, system.dashboard_database):
                    site = system.show()
                    console.print(
                        f"\nStill running. Open {site} in a browser, or try `probation explain CRN`. "
                        "Ctrl-C ends it.",
                        soft_wrap=True,
                    )
                    _wait()
        except KeyboardInterrupt:
            raise UserError("stopped; nothing is left running", 130) from None


def up(
    keep_data: Annotated[
        bool,
        typer.Option(
            "--keep-data",
            help=f"Keep the databases in {DATA}, and use them again next time. The topics of the embedded "
            "broker, which keeps nothing, are then filled again from them.",
        ),
    ] = False,
) -> None:
    """Run everything on this machine: broker, databases, services, ticker, feeds, dashboard. Ctrl-C stops it.

    Starts an embedded broker and an embedded PostgreSQL, which are empty each time. To use others, set
    PROBATION_KAFKA_BOOTSTRAP_SERVERS or PROBATION_DATABASE_URL (of a superuser). A service that ends, for
    example because it was killed, is started again. Another instance joins with `probation serve contacts`,
    in the same folder.

    Example: probation up --keep-data
    """
    from tools.cli.local import local

    check_nothing_runs()
    try:
        data = DATA if keep_data else None
        with (
            local(_step, port=USUAL_PORT, data=data) as system,
            announced(
                {**system.databases, FEEDS: system.feeds_database}, system.kafka, system.dashboard_database
            ),
        ):
            if keep_data:
                _step("filling the topics from the databases")
                system.fill_topics()
            _step("waiting for the services")
            system.serve()
            system.start("ticker", ["ticker"], {})
            system.translate()
            site = system.show()
            system.wait_until_ready()
            _welcome(system, site)
            _follow(system)
            _step("stopping: each program finishes its current work")
    except KeyboardInterrupt:
        raise UserError("stopped before it was ready; nothing is left running", 130) from None
    console.print("stopped")


def _step(what: str) -> None:
    console.print(f"· {what}", style="dim", highlight=False)


def _welcome(system: Local, site: str) -> None:
    settings = "\n".join(f"  export {name}={value}" for name, value in system.kafka.items())
    health = "\n".join(f"  {c.name:<20} http://127.0.0.1:{c.port}/readyz  /metrics" for c in system.children)
    console.print(
        f"\n[bold]Everything is running.[/bold] What needs doing: {site}\n"
        f"  {system.broker_name}{_other_port(system)}\n"
        f"  {system.database_name}\n{health}\n\n"
        f"Databases (passwords are in {RUNNING}):\n{_addresses(system)}\n\n"
        f"To use it from another terminal:\n{settings}\n\n"
        "Then try\n"
        "  probation explain X123456         a person's case, once you have published facts about them\n"
        "  probation report                  what was done and what was late, by delivery unit and month\n"
        "  probation rule ALLOC-5            a rule in words, with its values and an example\n"
        "  probation dead-letters list contacts\n"
        "  PROBATION_HTTP_PORT=0 probation serve contacts    a second instance, which shares the work\n"
        "  probation replay --help           replay a file without a broker\n\n"
        "To send what another system sends, put it on the topic of its feed, feeds.FEED; then see what it "
        "waits for:\n"
        "  python docs/examples/send_hearing.py    a court's hearing\n"
        "  probation feeds list\n\n"
        "Ctrl-C stops it.\n",
        highlight=False,
        soft_wrap=True,
    )


def _addresses(system: Local) -> str:
    named = {**system.databases, "dashboard": system.dashboard_database, FEEDS: system.feeds_database}
    parts = {name: urlsplit(dsn) for name, dsn in named.items()}
    return "\n".join(
        f"  {name:<12} postgresql://{at.username}@{at.hostname}:{at.port}{at.path}"
        for name, at in parts.items()
    )


def _other_port(system: Local) -> str:
    bootstrap = system.kafka.get(KAFKA)
    if bootstrap is None or bootstrap.endswith(f":{USUAL_PORT}"):
        return ""
    return f" (port {USUAL_PORT} is in use: use {bootstrap} in the examples)"


def _follow(system: Local) -> None:
    """Print the programs' logs until Ctrl-C. A program that ends is started again."""
    from tools.cli.local import Tail

    tails = {child.name: Tail(child.log) for child in system.children}
    colours = dict(zip(tails, cycle(_COLOURS), strict=False))
    with _stopping() as stop:
        while not stop.wait(0.2):
            for child in system.children:
                for line in tails[child.name].lines():
                    console.print(_prefixed(child, colours[child.name], line), soft_wrap=True)
                if what := child.look_after():
                    _step(what)


def _prefixed(child: Child, colour: str, line: str) -> Text:
    text = Text(f"{child.name:<20} ", style=colour)
    try:
        said = json.loads(line)
        more = " ".join(f"{name}={value}" for name, value in said.items() if name not in _SHOWN_ELSEWHERE)
        clock = str(said.get("timestamp", ""))[11:19]
        return text.append(
            f"{clock} {said.get('level', '')} {said.get('event', '')} {more}".strip(), style=""
        )
    except (ValueError, AttributeError):
        return text.append(line, style="")


def _wait() -> None:
    with _stopping() as stop:
        stop.wait()


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
