"""What a service's rules are given, and what they say: a view of a case on a day, findings, an overview.

A rule is a pure function `rule(view) -> Iterator[Finding]`. It never asks for the time, an id or a random
number; all it knows of time is the view's `Day`, which remembers what the outcome waits for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, wraps
from typing import Any, Concatenate, Generic, Literal, ParamSpec, Self, TypeVar, cast

from shared.engine.answers import Answer
from shared.engine.case import Record
from shared.engine.inputs import NEVER, Fields, Inputs, Watch, field, watched
from shared.policy import Policy, Values

Closed = Literal["resolved", "ended"]
Closing = tuple[Closed, date]
"""How an open item was closed, and the day of it."""
Reason = Literal["corrected", "resolved", "ended", "superseded", "merged", "policy"]

ONE_DAY = timedelta(days=1)

C = TypeVar("C")
P = TypeVar("P")
T = TypeVar("T")
A = ParamSpec("A")

Answers = dict[Any, Answer]
"""What was worked out, by the question."""


class Day:
    """The day on which a case is assessed.

    Every comparison with it goes through `reached` or `after`; each answer "not yet" is remembered,
    so that `wake_on` is the first day on which the assessment could change by itself.
    """

    __slots__ = ("noted", "waited_for")

    def __init__(self, day: date) -> None:
        self.waited_for = day
        """The day itself, for whoever waits by `reached` for every day on which what follows from it changes.

        Or does not mind that it is a day before: an open item that is over since some day up to this one.
        """
        self.noted = Inputs()
        """What has been looked at so far."""

    def reached(self, day: date) -> bool:
        """Has that day come? (It may be today.)"""
        if self.waited_for >= day:
            return True
        self.noted.wait_for(day)
        return False

    def after(self, day: date) -> bool:
        """Is that day over? A deadline due on `day` is missed when this is true."""
        return day < date.max and self.reached(day + ONE_DAY)

    def hold_until(self, day: date) -> None:
        """What follows is worked out again on that day if the case is assessed then: nothing waits for it."""
        self.noted.hold_until(day)

    @property
    def wake_on(self) -> date | None:
        """The first day on which an answer given so far changes; None if none ever will."""
        wakes = [self.noted.wake_on, *(answer.wake_on for answer in self.noted.asked)]
        return None if min(wakes) == NEVER else min(wakes)

    @property
    def date(self) -> date:
        """The day itself, to start a calculation from. Compare only by `reached` and `after`.

        What is worked out from it is worked out again on each day. See also `waited_for`.
        """
        self.noted.hold_until(self.waited_for + ONE_DAY)
        return self.waited_for


class Month(Generic[P]):
    """One month of a case, for the rules about the facts that fall in it."""

    __slots__ = ("first", "last", "this")

    def __init__(self, this: P, first: date, last: date) -> None:
        self.this = this
        self.first = first
        self.last = last


class TwoMonths(Generic[P]):
    """A month of a case with the one before, for the rules about the periods that end in it.

    `first` and `last` are the days of the later month. It notes at which days the rules looked: a fact of
    another day cannot change what they say.
    """

    __slots__ = ("_earlier", "_later", "first", "last", "looked_at")

    def __init__(self, earlier: P, later: P, first: date, last: date) -> None:
        self.first = first
        self.last = last
        self._earlier = earlier
        self._later = later
        self.looked_at: tuple[date, date] | None = None
        """The first and the last day at which the rules looked; None if at none."""

    def between(self, first: date, last: date) -> tuple[P, ...]:
        """The facts of these days, in the months that hold them.

        The months hold facts of other days too: compare their dates.
        """
        looked_at = self.looked_at
        if looked_at is not None:
            self.looked_at = (min(first, looked_at[0]), max(last, looked_at[1]))
        else:
            self.looked_at = (first, last)
        if first >= self.first:
            return (self._later,)
        return (self._earlier, self._later) if last >= self.first else (self._earlier,)

    def ends(self, day: date) -> bool:
        """Does a period whose last day is that day end in the later month?"""
        return self.first <= day <= self.last


class NotKnown(Exception):
    """A view was asked for a day or a month that it does not have."""


class View(Generic[C, P]):
    """A case as the rules look at it on a day. Services extend it with what several rules ask.

    The engine makes one base view of a case, which has no day, and keeps it. Each rule is given a view of a
    day made `on` that base. What does not depend on the day or the month is worked out `once`, the rest
    `once_a_day`: that is until something that was read of the case changes. So an answer that is kept must
    not look at the view again later (`tests/engine/test_inputs.py`).
    """

    _of_month: dict[Any, Any]
    """What was worked out once for it: only a view of a month or two has such answers."""

    def __init__(self, case: C, policy: Policy) -> None:
        self.watch = Watch()
        self.case = watched(case, self.watch)
        self.policy = policy
        self._notices: Mapping[str, str] = {}
        self._base: Self | None = None
        self._answers: Answers = {}
        self._answers_of_day: Answers = {}

    def on(self, today: Day, month: Month[P] | None = None, two_months: TwoMonths[P] | None = None) -> Self:
        """The same case on a day; `month` for rules about facts, `two_months` for rules about periods."""
        base = self.base
        view = object.__new__(type(base))
        # All that the base holds was worked out without a day, cached properties included.
        # One dictionary is quicker than attributes one by one, and this runs with every fact.
        view.__dict__ = known = {**base.__dict__, "_base": base, "today": today}
        base.watch.noted = today.noted
        if month is not None:
            known["month"] = month
            known["_answers_of_day"], known["_of_month"] = {}, {}
        if two_months is not None:
            known["two_months"] = two_months
            known["_answers_of_day"], known["_of_month"] = {}, {}
        return view

    @property
    def base(self) -> Self:
        """The case without a day."""
        return self if self._base is None else self._base

    def noting(self) -> Inputs:
        """From now on note here what is looked at."""
        self.watch.noted = Inputs()
        return self.watch.noted

    def question(self, work: Callable[..., Any], *about: Any) -> Answer:
        """What `work` says of the case on a day, about something; not known yet, for the caller to keep."""
        return Answer(work, about, of_day=True)

    def doubt(self, changed: Fields) -> None:
        """These fields of the case have changed: doubt what was worked out from them.

        What was doubted before and not asked for since is forgotten: nothing asks for it any more.
        """
        for answers in (self._answers, self._answers_of_day):
            # This runs with every fact: a call for each answer would be felt.
            doubtful = [(q, known) for q, known in answers.items() if known.fields & changed]
            for question, known in doubtful:
                if known.doubted:
                    del answers[question]
                    known.forget()
                known.doubted |= changed

    def hear(self, notices: Mapping[str, str]) -> None:
        """This is what entities tell every case (`Overview.notice`), by subject of the entity."""
        self._notices = notices

    def notice(self, entity: str) -> str:
        """What an entity tells every case (`Overview.notice`), by its subject; empty if nothing."""
        self.watch.noted.fields |= field(notice_of(entity))
        return self._notices.get(entity, "")

    def values_today(self, region: str | None = None) -> Values:
        """The policy of today, for rules whose key date is the day itself; without `region` the national one.

        The case waits for the next change of the policy, and is assessed again on that day.
        """
        today = self.today.waited_for
        change = self.policy.next_change(today)
        if change is not None:
            self.today.reached(change)
        return self.policy.on(today, region)

    def complete(self, finding: Finding, closing: Closing | None) -> None:
        """Add to the event of a finding what the rules leave out; `closing` is how it was closed."""

    @cached_property
    def today(self) -> Day:
        """The day on which the rules look. Raises `NotKnown` in a base view."""
        raise NotKnown("no day is known here: what is worked out once for a case may not depend on the day")

    @cached_property
    def month(self) -> Month[P]:
        """The month whose facts a rule is about. Raises `NotKnown` for other rules."""
        raise NotKnown("no month is known here: this is not a rule about the facts of a month")

    @property
    def has_month(self) -> bool:
        """Is it for a rule about the facts of a month?"""
        return "month" in self.__dict__

    @cached_property
    def two_months(self) -> TwoMonths[P]:
        """The month in which periods end, with the one before. Raises `NotKnown` for other rules."""
        raise NotKnown("no two months are known here: this is not a rule about periods")


V = TypeVar("V", bound=View[Any, Any])


def notice_of(entity: str) -> str:
    """How the notice of an entity is called among the fields of a case that answers rest on."""
    return f"notice of {entity}"


def once(work: Callable[Concatenate[V, A], T]) -> Callable[Concatenate[V, A], T]:
    """Work something out once for each case, however often and on however many days it is asked.

    The work is given the base view, so that what is kept cannot depend on a day or a month. What it is asked
    about is given by position.
    """

    @wraps(work)
    def answer(view: V, *about: Any) -> T:
        question = (answer, *about) if about else answer
        answers = view._answers
        known = answers.get(question)
        if known is None:
            known = Answer(work, about, of_day=False)
            known.work_out(view)
            answers[question] = known
        elif known.doubted:
            known.bring_up_to_date(view)
        found: T = known.value
        view.watch.noted.asked[known] = found
        return found

    return cast(Callable[Concatenate[V, A], T], answer)


def once_a_day(work: Callable[Concatenate[V, A], T]) -> Callable[Concatenate[V, A], T]:
    """Work something out once for each view of a day (and a month), however often it is asked.

    For a view without a month it is kept for the days after, too, on which it cannot change.
    """

    @wraps(work)
    def answer(view: V, *about: Any) -> T:
        question = (answer, *about) if about else answer
        answers = view._answers_of_day
        known = answers.get(question)
        if known is None:
            known = Answer(work, about, of_day=True)
            known.work_out(view)
            answers[question] = known
        elif known.doubted or known.until <= view.today.waited_for:
            known.bring_up_to_date(view)
        found: T = known.value
        view.watch.noted.asked[known] = found
        return found

    return cast(Callable[Concatenate[V, A], T], answer)


def once_a_month(work: Callable[[V], T]) -> Callable[[V], T]:
    """Work something out once for each view of a month, or of two: it is gone with the view.

    So nothing needs to be known of what it rests on, but by whoever asks.
    """

    @wraps(work)
    def answer(view: V) -> T:
        known = view._of_month
        if answer not in known:
            known[answer] = work(view)
        found: T = known[answer]
        return found

    return answer


@once
def asked(view: V, work: Callable[[V], T]) -> T:
    """What a function says of the base view, worked out once."""
    return work(view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A conclusion that holds, or an open item that held until it was resolved or ended.

    `event` is the data of the event to publish (a model of `schemas`, without its `why`); `key`
    identifies the finding among those of its type; `because` are the records it rests on; `policy` is the
    version of the values it was drawn from (`Values.version`).

    An open item says when that is over: `resolved_on` is the day on which it was or will be resolved,
    `ended_on` the first day on which nothing waits for anyone any more. It is still returned when such a day
    has come, and is then withdrawn for that reason. A finding that is no longer returned at all never was
    right, and is withdrawn as `corrected`.
    """

    event: Any
    key: str
    rules: tuple[str, ...]
    because: Sequence[Record]
    policy: str
    resolved_on: date | None = None
    ended_on: date | None = None

    def closed(self, today: Day) -> Closing | None:
        """How and when an open item was closed by that day; None if it stands. Resolved goes before ended."""
        resolved_on, ended_on = self.resolved_on, self.ended_on
        if (
            resolved_on is not None
            and (ended_on is None or resolved_on <= ended_on)
            and today.reached(resolved_on)
        ):
            return "resolved", resolved_on
        return ("ended", ended_on) if ended_on is not None and today.reached(ended_on) else None


Rule = Callable[[Any], Iterator[Finding]]
"""What concludes something, given a view of a case on a day (and of a month or two, if it is about these)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A case asks for a decision that uses an entity: something which several cases share.

    The engine locks the entities that offer themselves in `pools`, and asks the service's `decide`
    for the event that grants the request. `key` is the decision's key; `details` are for `decide`.
    """

    key: str
    pools: tuple[str, ...]
    details: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request cannot be granted now, and why: the case keeps it in `refusals`, and asks again."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """A decision whose reason is gone: it is withdrawn as corrected, and recorded as such.

    `decision` is its record, of the event type `type`; `rules` and `policy` as in `Finding`.
    """

    type: str
    decision: Record
    rules: tuple[str, ...]
    policy: str


@dataclass(slots=True, kw_only=True)
class Overview:
    """Where a case stands on a day, findings aside, and what it asks of entities.

    `status`, `region`, `practitioner`, and anything else as JSON in `shown`: for the people who query the
    cases; no rule reads them.
    `requests`: the decisions that the case needs; `reversals`: those whose reason is gone.
    `claims`: how much of entities this case uses: {(subject of the entity, item): amount}.
    `pools`: where an entity offers itself to requests.
    `notice`: what an entity tells every person's case, whatever the day (see `CaseModel.notice_of`).
    """

    status: str = ""
    region: str | None = None
    practitioner: str | None = None
    shown: Any = None
    requests: list[Request] = dataclasses.field(default_factory=list)
    reversals: list[Reversal] = dataclasses.field(default_factory=list)
    claims: dict[tuple[str, str], int] = dataclasses.field(default_factory=dict)
    pools: tuple[str, ...] = ()
    notice: str = ""


def evidence(records: Iterable[Record]) -> list[str]:
    """The ids of the events that a finding rests on, each once, in the order given."""
    return [id for id, _ in evidence_with_sources(records)]


def evidence_with_sources(records: Iterable[Record]) -> list[tuple[str, str]]:
    """The same, each id with its source: two events of two sources may have one id."""
    return list(dict.fromkeys((r.event_id, r.source) for r in records if r.event_id))
