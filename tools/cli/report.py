"""The command that counts what was done and what was late, by delivery unit and month."""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from tools.cli import errors
from tools.cli.addresses import running_settings
from tools.cli.errors import UserError

if TYPE_CHECKING:
    from shared.answers.measures import Counts
    from shared.answers.placing import Place
    from shared.answers.standing import Standing

console = Console()
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def _month(given: str | None) -> str | None:
    if given is not None and not _MONTH.fullmatch(given):
        raise typer.BadParameter(f"{given!r} is not a month like 2025-03")
    return given


def report(
    source: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Count what is in this file, such as a replay's output, instead of what is on the topics.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option(metavar="REGION", help="Only this region, for example wales.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this delivery unit, for example Gwent.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM", help="Last month. Default: the latest with a number.", callback=_month
        ),
    ] = None,
    months: Annotated[int, typer.Option(min=1, max=24, help="How many months to show.")] = 4,
    out: Annotated[
        Path | None,
        typer.Option("--csv", help="Write the numbers shown to this file too, with their definitions."),
    ] = None,
) -> None:
    """Count what was done and what was late, by delivery unit and month: the demo's table for live data.

    Reads the topics of the services and of the feeds whose facts are counted: those that `probation up` runs
    here, or those at PROBATION_KAFKA_BOOTSTRAP_SERVERS. The numbers are true counts, for those who manage the
    work: before you publish any, suppress the small ones.

    Example: probation report --unit Gwent --months 12
    """
    from shared.answers.measures import counts
    from shared.answers.placing import months_to
    from shared.calendar import LONDON
    from tools.cli.replaying import check_writable

    if out is not None:
        if not out.parent.is_dir():
            raise UserError(f"{out}: there is no folder {out.parent}: create it, or give another path", 2)
        check_writable(out)
    found = _found(source)
    if not found.published:
        raise UserError("nothing has been published yet: there is nothing to count")
    counted = _chosen(counts(found), region, unit)
    known = sorted({month for _, _, month in counted if until is None or month <= until})
    if not known:
        raise UserError(f"no number is known for the months up to {until}: give a later month")
    last = until or known[-1]
    shown = [month for month in months_to(last, months) if month >= known[0]]
    latest = max(event.recorded for event in found.published)
    _say(f"Facts up to {latest.astimezone(LONDON):%-d %B %Y, %H:%M}")
    places = sorted({place for _, place, month in counted if month in shown})
    if len(places) > 1:
        _table("All of these delivery units", counted, places, shown)
    for place in places:
        _table(_name(place), counted, [place], shown)
    _definitions()
    if out is not None:
        _write(out, counted, places, shown)


def _found(source: Sequence[Path] | None) -> Standing:
    from shared.answers.standing import Standing
    from shared.settings import KafkaSettings, load
    from tools.cli.reading import events_of
    from tools.published import everything_published

    if source:
        return Standing(events_of(source))
    settings = load(KafkaSettings, **running_settings())
    with errors.kafka(settings):
        return asyncio.run(everything_published(settings))


def _chosen(counted: Counts, region: str | None, unit: str | None) -> Counts:
    """The numbers of one region or delivery unit. Raises `UserError` if there is none of that name."""
    from shared.probation.names import name_key

    for what, wanted, known in (
        ("region", region, {place.region for _, place, _ in counted}),
        ("delivery unit", unit, {place.pdu for _, place, _ in counted}),
    ):
        keys = {name_key(name.replace("_", " ")) for name in known}
        if wanted is not None and name_key(wanted.replace("_", " ")) not in keys:
            names = ", ".join(sorted(filter(None, known)))
            raise UserError(f"nothing is counted for the {what} {wanted!r}: use one of {names}", 2)

    def fits(name: str, wanted: str | None) -> bool:
        return wanted is None or name_key(name.replace("_", " ")) == name_key(wanted.replace("_", " "))

    return {
        key: count for key, count in counted.items() if fits(key[1].region, region) and fits(key[1].pdu, unit)
    }


def _name(place: Place) -> str:
    if not place.pdu:
        return place.region.replace("_", " ") or "Not in any delivery unit"
    return f"{place.pdu} ({place.region.replace('_', ' ')})"


def _table(title: str, counted: Counts, places: Iterable[Place], months: Sequence[str]) -> None:
    from shared.answers.listed import MEASURES
    from shared.answers.measures import shown, summed

    table = Table(title=f"\n{title}", title_justify="left", box=None, padding=(0, 1))
    table.add_column("")
    for month in months:
        table.add_column(month, justify="right")
    table.add_column("total", justify="right")
    places = list(places)
    for measure in MEASURES:
        cells = [summed(counted, measure, places, [month]) for month in months]
        if any(cells):
            total = summed(counted, measure, places, months)
            table.add_row(measure.name, *(shown(measure, cell) for cell in (*cells, total)))
    console.print(table)


def _definitions() -> None:
    from shared.answers.listed import MEASURES

    _say("\nWhat is counted, in the month of its date:")
    for measure in MEASURES:
        _say(f"  {measure.name}: {measure.definition}")


def _write(out: Path, counted: Counts, places: Iterable[Place], months: Sequence[str]) -> None:
    """The numbers shown, one a line."""
    from shared.answers.listed import MEASURES

    with out.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["region", "delivery_unit", "month", "measure", "achieved", "total", "definition"])
        for place in places:
            for month in months:
                for measure in MEASURES:
                    count = counted.get((measure.name, place, month))
                    if count is not None:
                        achieved = count.achieved // measure.per if measure.shown_as != "count" else ""
                        row = (place.region, place.pdu, month, measure.name, achieved)
                        total = count.total // measure.per
                        lines.writerow(map(_cell, (*row, total, measure.definition)))


def _cell(value: object) -> str:
    """No cell begins as a formula of a spreadsheet does."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
