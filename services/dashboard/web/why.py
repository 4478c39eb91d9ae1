"""Why a service concluded something: the rules in words, their policy values, and the events behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.envelope import CloudEvent, Withdrawn
from services.dashboard.web.translation import gettext
from services.dashboard.web.words import REASONS, describe, words_of
from shared.answers import rulebook
from shared.answers.describing import in_force
from shared.answers.rule_code import policy_values
from shared.answers.rulebook import RuleText

Event = CloudEvent[Any]
_DATE = re.compile(r"\d{4}-\d\d-\d\d$")


def is_fact(event: Event) -> bool:
    """Did a feed tell it, rather than a service?"""
    return not event.source.startswith("/services/")


def by_of(event: Event) -> str:
    """The feed or the service that tells it, in words."""
    return gettext(event.source.removeprefix("/feeds/").removeprefix("/services/"))


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """A value of the policy that a rule uses.

    `words` say the value with its unit and when and where it is in force, `key_date` by which date the rule
    looks it up. `applies`: it was in force when the policy version of the finding began.
    """

    name: str
    words: str
    key_date: str
    source: str
    confidence: str
    applies: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """A rule on which a finding rests. `text` is None if this release has no rule of that id."""

    id: str
    text: RuleText | None
    values: tuple[PolicyValue, ...]


@dataclass(frozen=True, slots=True)
class Because:
    """An event on which a finding rests. `event` is None if it is not about this person."""

    words: str
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """The rules, the policy version and the events behind a finding.

    `since` is the day from which that version holds, until the next day on which a value changes; None: from
    the beginning.
    """

    grounds: tuple[Ground, ...]
    policy: str
    since: date | None
    because: tuple[Because, ...]


class Known:
    """The events about a person, to look up: an id is unique only within its source."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._by_id: dict[str, dict[str, Event]] = {}
        for event in events:
            self._by_id.setdefault(event.id, {})[event.source] = event

    def event(self, id: str, source: str | None) -> Event | None:
        """The event with this id from this source; without a source, the only one that has the id."""
        found = self._by_id.get(id, {})
        if source is not None:
            return found.get(source)
        return next(iter(found.values())) if len(found) == 1 else None


def conclusion(event: Event, known: Known) -> tuple[str, str]:
    """What a service published: its title, and its content in words."""
    data = event.data
    if not isinstance(data, Withdrawn):
        return words_of(event.type), describe(event)
    before, reason = known.event(data.withdraws, event.source), gettext(REASONS[data.reason])
    words = f"{describe(before)} – {reason}" if before else reason
    return gettext("Withdrawn: %s") % words_of(data.withdrawn_type).lower(), words


def why_of(event: Event, known: Known) -> Why:
    """Why a service published the event."""
    why = event.data.why
    region = getattr(event.data, "region", None)
    since = _day(why.policy)
    grounds = tuple(
        Ground(id, rulebook.rulebook().get(id), _values(id, since, region)) for id in dict.fromkeys(why.rules)
    )
    named = why.sources if len(why.sources or ()) == len(why.evidence) else [None] * len(why.evidence)
    because = tuple(_because(id, source, known) for id, source in zip(why.evidence, named, strict=True))
    return Why(grounds, why.policy, None if since == date.min else since, because)


def _day(policy: str) -> date | None:
    """The day in the name of a policy version, such as that of contacts@2021-06-26."""
    found = _DATE.search(policy)
    return date.fromisoformat(found.group()) if found else None


def _values(rule: str, day: date | None, region: str | None) -> tuple[PolicyValue, ...]:
    """The values that a rule uses, without other regions'; those first that were in force on that day."""
    values = [
        PolicyValue(
            name,
            in_force(entry),
            entry.key_date,
            entry.source,
            entry.confidence,
            applies=day is not None and entry.start <= day < entry.end,
        )
        for name, entry in policy_values(rule)
        if entry.region in (None, region)
    ]
    return tuple(sorted(values, key=lambda value: not value.applies))


def _because(id: str, source: str | None, known: Known) -> Because:
    event = known.event(id, source)
    if event is None:
        day = id.removeprefix("day-")
        if day != id:
            return Because(gettext("the day %s began") % day)
        return Because(gettext("an event that is not about this person"))
    title, words = words_of(event.type), describe(event)
    if not is_fact(event):
        title, words = conclusion(event, known)
    elif event.data.voided:
        words = gettext("recorded as an error")
    return Because(f"{title}: {words}", event)
