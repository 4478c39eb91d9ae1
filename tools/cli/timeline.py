"""A person's history as a timeline to read, and as JSON.

Apart from the case reference number it shows no personal data: no date of birth, sex, group, offence or free
text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, Literal

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from schemas.catalogue import correction_key
from schemas.envelope import CloudEvent, Published, Withdrawn
from schemas.topics import SERVICES
from shared.answers import rulebook
from shared.answers.describing import describe
from shared.calendar import LONDON, london_date
from tools.cli import now
from tools.explain import PersonHistory

DECISIONS = frozenset({"CaseAllocated"})
"""Published events that are decisions: made once, and never withdrawn automatically."""

SOME = 3
"""If there are more findings of one kind, the short form shows only the first and the last."""

Kind = Literal["fact", "finding", "decision", "withdrawal"]
_ORDER = {service: n for n, service in enumerate(SERVICES, 1)}
_STYLE: dict[Kind, tuple[str, str]] = {
    "fact": ("·", "dim"),
    "finding": ("▲", "yellow"),
    "decision": ("■", "cyan"),
    "withdrawal": ("▽", "green"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline. `by` is the feed or service it came from, `of` the event withdrawn."""

    at: datetime
    kind: Kind
    by: str
    type: str
    text: str
    id: str
    rules: tuple[str, ...] = ()
    policy: str | None = None
    because: tuple[str, ...] = ()
    reason: str | None = None
    of: str | None = None
    note: str | None = None

    @property
    def day(self) -> date:
        """The day in London."""
        return london_date(self.at)


def moments(history: PersonHistory) -> list[Moment]:
    """Everything recorded, concluded, decided and withdrawn, by the day when it became known."""
    raised = {event.id: event for each in history.published.values() for event in each.published}
    found = [(moment.at, moment) for moment in _facts(history.facts)]
    for each in history.published.values():
        # What a service publishes has the time of its cause, which may have arrived late.
        published = datetime.min.replace(tzinfo=UTC)
        for event in each.published:
            published = max(published, event.time)
            found.append((published, _published(event, raised)))
    # On each day facts come first, then what followed from them; at the same instant the cause comes first.
    found.sort(key=lambda f: (f[1].day, f[1].kind != "fact", f[0], _ORDER.get(f[1].by, 0)))
    return [moment for _, moment in found]


def _facts(facts: Iterable[CloudEvent[Any]]) -> Iterator[Moment]:
    known: set[tuple[str, str]] = set()
    for event in facts:
        key = (event.type, correction_key(event.type, event.data))
        note = None
        if event.data.voided:
            note = "voided: it never happened"
        elif key in known:
            note = "corrects what was recorded before"
        known.add(key)
        by = event.source.removeprefix("/feeds/")
        yield Moment(event.recorded, "fact", by, event.type, describe(event), event.id, note=note)


def _published(event: CloudEvent[Any], raised: dict[str, CloudEvent[Any]]) -> Moment:
    data: Published = event.data
    by = event.source.removeprefix("/services/")
    assert data.why is not None
    rules, policy, because = tuple(data.why.rules), data.why.policy, tuple(data.why.evidence)
    if isinstance(data, Withdrawn):
        of = raised.get(data.withdraws)
        text = f"{data.withdrawn_type} {describe(of) if of else data.key}"
        return Moment(
            *(event.time, "withdrawal", by, event.type, text, event.id, rules, policy, because),
            reason=data.reason,
            of=data.withdraws,
        )
    kind: Kind = "decision" if event.type in DECISIONS else "finding"
    return Moment(event.time, kind, by, event.type, describe(event), event.id, rules, policy, because)


def brief(everything: list[Moment]) -> list[Moment]:
    """The findings (of many of one kind the first and the last), the facts behind them, and rare events."""
    kinds: dict[tuple[Kind, str], list[Moment]] = {}
    for moment in everything:
        kinds.setdefault((moment.kind, moment.type), []).append(moment)
    kept: dict[str, Moment] = {}
    for (kind, _), alike in kinds.items():
        if len(alike) <= SOME or kind in ("decision", "withdrawal"):
            kept |= {moment.id: moment for moment in alike}
        elif kind == "finding":
            last = replace(alike[-1], note=f"and {len(alike) - 2} more before it")
            kept |= {alike[0].id: alike[0], last.id: last}
    kept_ids = {*kept, *(id for moment in kept.values() for id in moment.because)}
    return [kept.get(m.id, m) for m in everything if m.id in kept_ids]


def show(history: PersonHistory, console: Console, *, short: bool = False) -> None:
    """Print the timeline, day by day. `short` leaves out events similar to earlier ones."""
    chosen = brief(moments(history)) if short else moments(history)
    console.print(Text(f"Case {history.crn}", style="bold"), _legend())
    for note in history.notes:
        console.print(Text(f"! {note}", style="red"))
    standing = now.now_of(history)
    if standing is not None and not short:
        now.show(standing, console)
    for day, group in groupby(chosen, key=lambda m: m.day):
        console.print(Text(f"{day:%a %d %b %Y}", style="bold"))
        table = Table.grid(padding=(0, 1))
        table.add_column(width=3, justify="right")
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for moment in group:
            table.add_row(*_row(moment))
        console.print(table)
    _show_rules(chosen, console)


def _show_rules(chosen: Iterable[Moment], console: Console) -> None:
    """The titles of the rules named in the timeline."""
    ids = sorted({id for moment in chosen for id in moment.rules}, key=_by_number)
    if not ids:
        return
    console.print(Text("Rules (more: probation rule ID)", style="bold"))
    table = Table.grid(padding=(0, 1))
    table.add_column(width=3)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for id in ids:
        table.add_row("", id, Text(rulebook.title(id), style="dim"))
    console.print(table)


def _by_number(id: str) -> tuple[str, int]:
    family, _, number = id.partition("-")
    return family, int(number) if number.isdigit() else 0


def _legend() -> Text:
    words = Text("  ")
    for kind, (sign, style) in _STYLE.items():
        words.append(f"{sign} {kind}  ", style=style)
    return words


def _row(moment: Moment) -> tuple[RenderableType, RenderableType, RenderableType]:
    sign, style = _STYLE[moment.kind]
    text = Text(
        moment.type if moment.kind != "withdrawal" else "Withdrawn", style="bold" if moment.rules else ""
    )
    text.append(f"  {moment.text}", style="")
    if moment.reason:
        text.append(f"  ({moment.reason})", style="green")
    if moment.note:
        text.append(f"  ({moment.note})", style="magenta")
    why = Text(f"{', '.join(moment.rules)} · {moment.policy}", style="dim") if moment.rules else None
    return Text(sign, style=style), Text(moment.by, style=style), Group(text, why) if why else text


def as_json(history: PersonHistory) -> str:
    """The timeline as one JSON object."""
    found = [
        {name: value for name, value in asdict(moment).items() if value not in (None, ())}
        | {"at": moment.at.astimezone(LONDON).isoformat()}
        for moment in moments(history)
    ]
    standing = now.now_of(history)
    cited = {id for one in moments(history) for id in one.rules}
    said = {
        "crn": history.crn,
        "notes": history.notes,
        "now": now.as_object(standing) if standing else None,
        "rules": {id: rulebook.title(id) for id in sorted(cited, key=_by_number)},
        "moments": found,
    }
    return json.dumps(said, indent=2, ensure_ascii=False)
