"""The command that tells a rule: its words, source, policy values by date, and an example."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.cli.errors import UserError

if TYPE_CHECKING:
    from shared.policy_file import Entry
    from tools.example import Example

console = Console()


def rule(
    id: Annotated[
        str, typer.Argument(metavar="RULE", help="Id of the rule, for example ALLOC-5.", show_default=False)
    ],
) -> None:
    """Tell a rule: its words and source, the policy values it uses by date, and an example of it at work.

    The example is from an invented year, played through the rules as they are now.

    Example: probation rule ALLOC-5
    """
    from shared.answers.rule_code import implementations, policy_values
    from shared.answers.rulebook import rulebook
    from tools.example import example_of

    wanted = id.strip().upper()
    known = rulebook()
    if wanted not in known:
        close = get_close_matches(wanted, known, 3)
        families = ", ".join(sorted({one.partition("-")[0] for one in known}))
        hint = f"did you mean {' or '.join(close)}?" if close else f"ids begin with one of {families}"
        raise UserError(f"there is no rule {id!r}: {hint}", 2)
    text = known[wanted]
    console.print(Text(f"{text.id}  {text.title}", style="bold"), soft_wrap=True)
    _say(f"{text.words}\n")
    _say(f"Source: {text.source} ({text.confidence})")
    functions = [f"{each.name} ({each.path.as_posix()})" for each in implementations() if wanted in each.ids]
    _say(f"Implemented in: {'; '.join(functions) or text.elsewhere}")
    _head("Policy values")
    values = policy_values(wanted)
    if values:
        console.print(_values(values))
    else:
        _say("  none: it uses no number or list of its own")
    _head("Example")
    _example(example_of(wanted) if functions else None)


def _values(values: Iterable[tuple[str, Entry]]) -> Table:
    from shared.answers.describing import in_force

    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(overflow="fold")
    for name, entry in values:
        line = Text(name, style="bold")
        line.append(f" = {in_force(entry)} (by the date of: {entry.key_date})", style="")
        line.append(f"\n{entry.source} ({entry.confidence})", style="dim")
        table.add_row("", line)
    return table


def _example(example: Example | None) -> None:
    from shared.answers.describing import describe
    from tools.cli.now import described

    if example is None:
        _say("  none: no finding of the example year rests on it")
        return
    finding, data = example.finding, example.finding.data
    _say(f"  About {finding.subject}, who is invented:")
    for event in example.evidence:
        _say(f"  · {event.recorded:%Y-%m-%d}  {event.type}  {describe(event)}")
    _say(f"  gives {finding.type}  {describe(finding)}")
    _say(f"  by {described(data.why.rules)}")
    _say(f"  under the policy {data.why.policy}")
    if example.withdrawn:
        _say(f"  Later withdrawn: {example.withdrawn}")


def _head(words: str) -> None:
    console.print(Text(f"\n{words}", style="bold"))


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
