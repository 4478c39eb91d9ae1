"""The command that says what another policy would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.cli.errors import UserError
from tools.cli.replaying import (
    DAY,
    Jobs,
    check_files,
    check_policy,
    not_assessed,
    play,
    writing,
)

if TYPE_CHECKING:
    from shared.answers.comparison import Difference, Kind
    from shared.policy_file import Value

console = Console()
EXAMPLES = 2
"""How many examples of each kind of difference are shown of each type of finding."""
_PHRASES: dict[Kind, tuple[str, str]] = {
    "appears": ("appears", "appear"),
    "vanishes": ("vanishes", "vanish"),
    "changes": ("changes", "change"),
}


def what_if(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN.jsonl",
            help="File with one CloudEvent per line, as for `probation replay`.",
            exists=True,
            dir_okay=False,
            readable=True,
            show_default=False,
        ),
    ],
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FILE.NAME=VALUE",
            help="A policy value to try, for example enforcement.evidence_days=7. It holds on all days and "
            "in all regions. Can be given several times.",
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="Folder with policy files to try instead of <service>.toml and probation.toml.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(help="Last day to play. Default: the day of the last line.", **DAY),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="File for what the services would publish under that policy, for `explain --from`.",
            dir_okay=False,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List every difference, not only some examples.")
    ] = False,
    jobs: Jobs = None,
) -> None:
    """Say what another policy would change: play a file under the policy in force and under yours.

    Says which findings appear, vanish or change, by rule, region and month, with examples. Changes nothing.
    What is published under your policy names it as a trial, such as enforcement@what-if-3f2a90c1-2021-06-26.

    Example: probation what-if year.jsonl --set enforcement.evidence_days=7
    """
    from schemas import language
    from shared.answers.comparison import compare
    from shared.answers.standing import Standing
    from tools.players import Trial

    if bool(changes) == (policy is not None):
        raise UserError("say what to try: either --set FILE.NAME=VALUE or --policy FOLDER", 2)
    check_files(source, **{"--out": out})
    check_policy(policy)
    tried, words = _changes(changes or ())
    merges = [language.read(line, ())[0] for line in _merges(source)]
    under_ours, under_theirs = Standing(merges), Standing(merges)

    def take(standing: Standing, value: bytes) -> None:
        standing.take(language.read(value, ())[0])

    before = play(
        source, until, partial(take, under_ours), "replaying under the policy in force", Trial(), jobs
    )
    if before.failed:
        raise not_assessed(before.failed, "fix the rule")
    with writing(out) if out is not None else nullcontext() as write:

        def keep(value: bytes) -> None:
            take(under_theirs, value)
            if write is not None:
                write(value)

        trial = Trial(policy, tried)
        after = play(source, until, keep, "replaying under the policy to try", trial, jobs)
    found = compare(under_ours, under_theirs)
    for line in words or [f"Policy files of {policy}"]:
        _say(line)
    _say(f"{before.first} to {before.last}, {before.lines} lines")
    _show(found, every)
    if out is not None:
        _say(f"\nOne case under that policy: probation explain CRN --from {out} --from {source}")
    if after.failed:
        raise not_assessed(after.failed, "correct the values to try")
    if before.dead_letters:
        refused = before.dead_letters[0]
        raise UserError(
            f"{len(before.dead_letters)} lines were refused and left out of both; the first is line "
            f"{refused.line} ({refused.reason}): correct them"
        )


def _changes(given: Iterable[str]) -> tuple[dict[tuple[Path, str], Value], list[str]]:
    """The values to try by policy file and name, and what changes in words. Raises `UserError` for others."""
    from shared.policy_file import PolicyError, read, shown, written
    from tools.cli.describing import in_force
    from tools.services import POLICIES

    tried: dict[tuple[Path, str], Value] = {}
    words: list[str] = []
    for text in given:
        where, equals, value = text.partition("=")
        file, dot, name = where.strip().partition(".")
        if not (equals and dot and value.strip()):
            raise UserError(f"--set {text}: write FILE.NAME=VALUE, such as enforcement.evidence_days=7", 2)
        path = POLICIES.get(f"{file}.toml")
        if path is None:
            known = ", ".join(each.removesuffix(".toml") for each in POLICIES)
            raise UserError(f"--set {text}: there is no policy file {file}: use one of {known}", 2)
        entries = [entry for entry in read(path) if entry.name == name]
        if not entries:
            raise UserError(f"--set {text}: {_unknown(name, [entry.name for entry in read(path)])}", 2)
        if (path, name) in tried:
            raise UserError(f"--set {text}: {where} is given twice: leave one out", 2)
        try:
            values = [written(entry, value.strip()) for entry in entries]
        except PolicyError as mistake:
            raise UserError(f"--set {text}: {mistake}", 2) from None
        tried[path, name] = values[0]
        now = "; ".join(map(in_force, entries))
        words.append(f"{where.strip()} = {shown(values[0])} instead of {now}")
        if all(entry.value == values[0] for entry in entries):
            raise UserError(f"--set {text}: that is the value in force: give another", 2)
    return tried, words


def _unknown(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, 3)
    return f"there is no value '{name}'" + (
        f": did you mean {' or '.join(close)}?" if close else ": see policy.toml"
    )


def _merges(source: Path) -> Iterable[bytes]:
    """The lines that say which records of a person belong together."""
    from shared.answers.standing import MERGED
    from tools.event_file import events_in

    return (line for line in events_in(source) if f'"{MERGED}"'.encode() in line and _readable(line))


def _readable(line: bytes) -> bool:
    from schemas import language
    from schemas.envelope import Refused, UnknownType

    try:
        language.read(line, ())
    except (Refused, UnknownType):
        return False
    return True


# -- in words ----------------------------------------------------------------------------------------


def _show(found: Sequence[Difference], every: bool) -> None:
    from shared.answers import rulebook
    from shared.answers.comparison import KINDS, tally

    if not found:
        _say("Nothing changes: the same findings, with the same dates.")
        return
    kinds = Counter(one.kind for one in found)
    people = len({one.person for one in found if one.finding.event.dataclassification})
    said = ", ".join(_phrase(kinds[kind], kind) for kind in KINDS if kinds[kind])
    _say(f"{said}; {people} {'person is' if people == 1 else 'people are'} concerned.")
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
    from shared.answers.comparison import KINDS, tally

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
            _say(f"  {_sentence(one)}")
    if not every and any(number > EXAMPLES for number in shown.values()):
        _say("  All of them: add --all")


def _sentence(one: Difference) -> str:
    from tools.cli.describing import WITHHELD, describe

    event = one.finding.event
    about = f"{one.person or event.subject}: {event.type}"
    rules = ", ".join(one.rules)
    if one.kind != "changes":
        over = f", {one.finding.closed} on {one.finding.closed_on}" if one.finding.closed else ""
        if event.data.limited:
            return f"{about} {one.kind} (access to the case is limited) [{rules}]"
        return f"{about} {one.kind}: {describe(event)}{over} [{rules}]"
    if event.data.limited:
        return f"{about} changes (access to the case is limited) [{rules}]"
    changed = "; ".join(_changed(*item) for item in one.changed.items() if item[0] not in WITHHELD)
    others = frozenset(name for name in type(event.data).model_fields if not name.endswith("_id"))
    thing = describe(event, others)
    return f"{about} changes: {thing}: {changed or 'what is not shown here'} [{rules}]"


def _changed(name: str, values: tuple[object, object]) -> str:
    before, after = ("none" if value in (None, [], "") else str(value) for value in values)
    return f"{name.rstrip('_').replace('_', ' ')} {before} becomes {after}".replace(
        "closed none", "still open"
    )


def _head(words: str) -> None:
    console.print(Text(f"\n{words}", style="bold"))


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
