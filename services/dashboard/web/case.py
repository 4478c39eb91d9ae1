"""One case: who is responsible, what is open, sentences with progress, and what happened, with why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any, Literal

from schemas import language
from schemas.catalogue import correction_key
from schemas.court import Requirement
from schemas.envelope import CloudEvent, Withdrawn
from schemas.published import Decision, OpenItem
from services.dashboard.web.access import Viewer
from services.dashboard.web.questions import Snapshot
from services.dashboard.web.translation import N_, gettext
from services.dashboard.web.words import REASONS, describe, words_of
from shared.answers import rulebook
from shared.answers.open_items import Waiting, waiting
from shared.answers.placing import day_of, place_of
from shared.answers.responsible import Responsible, responsible
from shared.answers.rulebook import RuleText
from shared.answers.standing import Standing
from shared.calendar import LONDON, london_date

Event = CloudEvent[Any]
Kind = Literal["fact", "finding", "open item", "decision", "withdrawal"]
View = Literal["then", "now"]
"""A past day as it was known then, or as it is known now."""

_MINUTES = 60


@dataclass(frozen=True)
class Person:
    """A person as the read model knows them. `numbers` are all under which they are recorded."""

    crn: str
    token: str
    limited: bool
    numbers: tuple[str, ...]
    events: Sequence[tuple[date, Event]]
    """Each event with the day on which it became known, in the order in which they became known."""

    def visible_to(self, viewer: Viewer) -> bool:
        """Is the case within the place where the viewer works, or is it theirs?"""
        found = Standing(event for _, event in self.events)
        allocated = responsible(found)
        if any(one.practitioner_id == viewer.name for theirs in allocated.values() for one in theirs):
            return True
        places = {place_of(event, allocated.get(found.person(event.subject), ())) for event in found.events()}
        return any(viewer.works_at(*place) for place in places)

    def closed_to(self, viewer: Viewer) -> bool:
        """Is access limited, and not granted to the viewer?"""
        return self.limited and not set(self.numbers) & set(viewer.grants)


_FIND = """
with recursive kept (subject, n) as (
    select subject, 0 from subjects where token = $1
    union
    select s.merged_into, k.n + 1 from kept k join subjects s on s.subject = k.subject
    where s.merged_into is not null and k.n < 20
)
select s.subject, s.token, s.limited from kept k join subjects s using (subject) order by k.n desc limit 1
"""
_NUMBERS = """
with recursive numbers (subject) as (
    select $1::text
    union
    select s.subject from numbers n join subjects s on s.merged_into = n.subject
)
select n.subject, coalesce(s.limited, false) as limited from numbers n left join subjects s using (subject)
"""
_EVENTS = """
select known_on, body from events where subject = any($1::text[])
order by known_on, at, source, sequence nulls first, id
"""


async def person_of(asked: Snapshot, token: str) -> Person | None:
    """The person for whom a token stands, under the number that they have now."""
    row = await asked.one(_FIND, token)
    if row is None:
        return None
    numbers = await asked.fetch(_NUMBERS, row["subject"])
    names = tuple(sorted(number["subject"] for number in numbers))
    events = [
        (event["known_on"], language.read(event["body"], ())[0])
        for event in await asked.fetch(_EVENTS, list(names))
    ]
    limited = any(number["limited"] for number in numbers)
    return Person(row["subject"], row["token"], limited, names, events)


@dataclass(frozen=True, slots=True)
class Because:
    """An event on which a finding rests. `anchor` is its place on the page; None if it isn't there."""

    words: str
    anchor: str | None


@dataclass(frozen=True)
class Moment:
    """Something that happened in a case: a fact, a finding, a decision or a withdrawal."""

    id: str
    kind: Kind
    at: datetime
    by: str
    title: str
    words: str
    rules: tuple[tuple[str, RuleText | None], ...] = ()
    policy: str = ""
    because: tuple[Because, ...] = ()
    withdrawn: str | None = None
    """Why it no longer holds; None if it does."""

    @property
    def day(self) -> date:
        """The day in London."""
        return london_date(self.at)

    @property
    def time(self) -> str:
        """The time in London."""
        return f"{self.at.astimezone(LONDON):%H:%M}"


@dataclass(frozen=True)
class Progress:
    """A requirement and how far it is. `done` and `ordered` are in `unit`; None if it isn't counted."""

    requirement_id: str
    kind: str
    unit: str
    ordered: float | None
    done: float | None
    completed_on: date | None


@dataclass(frozen=True)
class Sentence:
    """A sentence with its requirements."""

    sentence_id: str
    kind: str
    imposed_on: date
    ends_on: date | None
    requirements: tuple[Progress, ...]


@dataclass(frozen=True)
class Case:
    """What the page shows about a person on a day."""

    day: date
    view: View
    responsible: list[Responsible]
    items: list[Waiting]
    sentences: list[Sentence]
    days: list[tuple[date, list[Moment]]] = field(default_factory=list)


def case_of(person: Person, today: date, day: date | None = None, view: View = "now") -> Case:
    """The case as it stands, or as it was on a past day: as it was known then, or as it is known now."""
    known = [event for on, event in person.events if day is None or view == "now" or on <= day]
    found = Standing(known)
    if day is not None and view == "now":
        found = _about(found, known, day)
        known = [
            event for event in known if _is_fact(event) and london_date(event.time) <= day
        ] + found.published
    at = day or today
    moments = _moments(known, found)
    days = [(on, list(group)) for on, group in groupby(moments, key=lambda moment: moment.day)]
    return Case(
        day=at,
        view=view,
        responsible=[one for theirs in responsible(found).values() for one in theirs],
        items=waiting(found, at),
        sentences=_sentences(known, found, at),
        days=days,
    )


def _about(found: Standing, known: Iterable[Event], day: date) -> Standing:
    """What is right, as is known now, about a past day."""
    rest = Standing(event for event in known if _is_fact(event))
    for held in found.held():
        over = held.closed_on is not None and held.closed_on <= day
        if day_of(held.event) <= day and not over:
            rest.take(held.event)
    return rest


def _is_fact(event: Event) -> bool:
    return not event.source.startswith("/services/")


def _moments(events: Sequence[Event], found: Standing) -> list[Moment]:
    """What happened, the latest first."""
    by_id = {event.id: event for event in events}
    withdrawn = {event.id: gettext(REASONS[by.reason]) for event, by in found.withdrawn}
    moments = [_moment(event, by_id, withdrawn) for event in events]
    moments.sort(key=lambda moment: moment.at, reverse=True)
    return moments


def _moment(event: Event, by_id: Mapping[str, Event], withdrawn: Mapping[str, str]) -> Moment:
    by = gettext(event.source.removeprefix("/feeds/").removeprefix("/services/"))
    if _is_fact(event):
        title, words = words_of(event.type), describe(event)
        if event.data.voided:
            title, words = gettext("%s (recorded as an error)") % title, ""
        return Moment(event.id, "fact", event.recorded, by, title, words)
    data = event.data
    title, words = _conclusion(event, by_id)
    kind: Kind = "finding"
    if isinstance(data, Withdrawn):
        kind = "withdrawal"
    elif isinstance(data, OpenItem):
        kind = "open item"
    elif isinstance(data, Decision):
        kind = "decision"
    rules = tuple((id, rulebook.rulebook().get(id)) for id in dict.fromkeys(data.why.rules))
    because = tuple(_because(id, by_id) for id in data.why.evidence)
    return Moment(
        *(event.id, kind, event.time, by, title, words, rules, data.why.policy, because),
        withdrawn=withdrawn.get(event.id),
    )


def _conclusion(event: Event, by_id: Mapping[str, Event]) -> tuple[str, str]:
    """What a service published: its title, and its content in words."""
    data = event.data
    if not isinstance(data, Withdrawn):
        return words_of(event.type), describe(event)
    before, reason = by_id.get(data.withdraws), gettext(REASONS[data.reason])
    words = f"{describe(before)} – {reason}" if before else reason
    return gettext("Withdrawn: %s") % words_of(data.withdrawn_type).lower(), words


def _because(id: str, by_id: Mapping[str, Event]) -> Because:
    event = by_id.get(id)
    if event is None:
        day = id.removeprefix("day-")
        began = gettext("the day %s began") % day
        return Because(began if day != id else gettext("an event that is not about this person"), None)
    title, words = words_of(event.type), describe(event)
    if not _is_fact(event):
        title, words = _conclusion(event, by_id)
    elif event.data.voided:
        words = gettext("recorded as an error")
    return Because(f"{title}: {words}", f"e-{event.id}")


# -- sentences ---------------------------------------------------------------------------------------


def _sentences(events: Iterable[Event], found: Standing, day: date) -> list[Sentence]:
    """The sentences imposed up to a day, with their requirements as varied, the latest first."""
    facts: dict[tuple[str, str], Event] = {}
    for event in sorted(filter(_is_fact, events), key=lambda e: (e.recorded, e.id, e.source)):
        facts[event.type, correction_key(event.type, event.data)] = event
    stands = [event for event in facts.values() if not event.data.voided]
    varied = sorted(
        (e.data for e in stands if e.type == "SentenceVaried" and e.data.varied_on <= day),
        key=lambda data: data.varied_on,
    )
    sentences = []
    for data in (e.data for e in stands if e.type == "SentenceImposed" and e.data.imposed_on <= day):
        last = next((v for v in reversed(varied) if v.sentence_id == data.sentence_id), data)
        progress = tuple(_progress(requirement, found) for requirement in last.requirements)
        ends_on = last.ends_on or data.ends_on
        sentences.append(Sentence(data.sentence_id, data.kind, data.imposed_on, ends_on, progress))
    return sorted(sentences, key=lambda sentence: sentence.imposed_on, reverse=True)


def _progress(requirement: Requirement, found: Standing) -> Progress:
    """How far a requirement is, as the referrals service has published."""
    id = requirement.requirement_id
    amount = float(requirement.amount) if requirement.amount is not None else None
    unit, done = "", None
    if requirement.kind == "unpaid_work":
        unit, credited = N_("hours"), [e.data for e in found.events("UnpaidWorkCredited")]
        done = sum(data.minutes for data in credited if data.requirement_id == id) / _MINUTES
    elif requirement.kind == "rar":
        unit = N_("days")
        done = float(sum(e.data.requirement_id == id for e in found.events("RarDayUsed")))
    completed = [e.data for e in found.events("RequirementCompleted") if e.data.requirement_id == id]
    return Progress(
        id, requirement.kind, unit, amount, done, completed[-1].completed_on if completed else None
    )
