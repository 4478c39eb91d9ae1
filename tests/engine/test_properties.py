"""What holds of every service, whatever it is told and in whatever order.

Here the engine's own code runs in memory, with all months of a case at hand; `test_journal.py` does the same
on the database. Decisions depend on what was free at the moment and so on the order of arrival: the services
do not decide here, and decisions are among the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import language
from schemas.court import SentenceRevoked
from schemas.practice import PersonDied, VictimContactChanged
from shared.engine.casebook import Casebook
from shared.engine.casefile import CaseFile
from shared.engine.publication import Publication, Publisher, day_cause
from shared.engine.service import Service
from tests.engine import toy, toy_facts
from tests.engine.facts import FIRST
from tests.engine.histories import histories, roster_of
from tests.engine.other_facts import ALL
from tests.engine.running import ONE_DAY, History, Told, Words, at, cut
from tests.engine.toy_language import LANGUAGE
from tools.services import SERVICES

PROFILE = settings()
SOME = settings(max_examples=PROFILE.max_examples * 6 // 10)
END = date(2026, 7, 15)
LONG_AFTER = date(2028, 12, 31)


UNDECIDED = {s.name: replace(s, decide=None) for s in (*SERVICES, toy.SERVICE)}
"""The services, but that none of them decides: decisions are told as facts."""
EACH = pytest.mark.parametrize("name", UNDECIDED)
_POLICIES = {s.name: s.load_policy() for s in UNDECIDED.values()}


COMMON = {
    *("AllocationOverdue", "SupervisionEnded", "TierCalculated"),
    *("ContactMissed", "ContactStandardMissed"),
    *("ContactPlanSet", "InitialAppointmentOverdue", "ContactSuspended", "SuspensionRefused"),
    *("EnforcementActionRequired", "WarningLetterOverdue"),
    *("ReferralMade", "RequirementCompleted"),
    *("LoanOverdue", "NoVisit", "NoteKept"),
}
"""Findings that the strategies bring about often."""


def words_of(service: Service) -> Words:
    return LANGUAGE if service.name == toy.SERVICE.name else language


def told_to(service: Service) -> st.SearchStrategy[list[Told]]:
    """What the service could hear of one or two subjects."""
    if service.name == toy.SERVICE.name:
        return toy_facts.histories(decided=True)
    return histories(service, subjects=st.sampled_from(["X1", "X1", "X1", "X2"]))


def roster(service: Service) -> list[Told]:
    """The entities that decisions name: a service decides among those that it knows."""
    if service.name == toy.SERVICE.name:
        return toy_facts.SHELVES
    return roster_of(service)


def casebook_of(service: Service) -> Casebook:
    """The service in memory, with its entities."""
    book = Casebook(service, words_of(service), _POLICIES[service.name])
    book.take(told.fact(words_of(service)) for told in roster(service))
    return book


def values(published: Iterable[Publication]) -> list[bytes]:
    return [publication.value for publication in published]


def run(service: Service, batches: Sequence[Sequence[Told]], mornings: Sequence[date | None]) -> History:
    """Take batches, each after a day began (or not), and let the last day come; checks the history."""
    words = words_of(service)
    book = casebook_of(service)
    history = History()
    for batch, morning in zip(batches, mornings, strict=True):
        if morning is not None and (book.day is None or morning > book.day):
            history.read(values(book.begin_day(morning)))
        history.read(values(book.take(told.fact(words) for told in batch)))
    history.read(values(book.begin_day(END)))
    assert book.faults == {}
    return history


@EACH
@SOME
@given(st.data())
def test_any_order_in_any_batches_with_days_anywhere_gives_the_same_standing_set(
    name: str, data: st.DataObject
) -> None:
    service = UNDECIDED[name]
    told = data.draw(told_to(service))
    at_once = run(service, [told], [FIRST])
    arriving = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=4))))
    batches = cut(arriving, data.draw(st.lists(st.integers(1, len(arriving)), max_size=6)))
    day = st.none() | st.dates(FIRST, END)
    mornings = data.draw(st.lists(day, min_size=len(batches), max_size=len(batches)))
    assert run(service, batches, mornings).standing == at_once.standing


def whole_again(book: Casebook, subject: str, service: Service, day: date) -> tuple[list[Any], CaseFile]:
    """What would be published if all of the case were assessed on that day, and the case after it."""
    again = book.file(subject)
    personal = again.model.kind == service.person.kind
    publisher = Publisher(service.name, subject, personal, day, day_cause(day))
    return again.assess(_POLICIES[service.name], publisher, whole=True), again


def says(file: CaseFile) -> tuple[object, ...]:
    """What a case says beside its findings."""
    overview = file.overview
    assert overview is not None
    return (
        overview.status,
        overview.region,
        overview.practitioner,
        overview.claims,
        overview.pools,
        [request.key for request in overview.requests],
    )


@EACH
@SOME
@given(st.data())
def test_nothing_changes_before_the_day_that_a_case_waits_for(name: str, data: st.DataObject) -> None:
    service = UNDECIDED[name]
    told = data.draw(told_to(service))
    book = casebook_of(service)
    book.begin_day(data.draw(st.dates(FIRST - timedelta(days=10), END)))
    book.take(fact.fact(words_of(service)) for fact in told)
    for subject in book.subjects:
        file = book.file(subject)
        assert file.assessed_on is not None
        assert file.wake_on is None or file.wake_on > file.assessed_on
        last = (file.wake_on or LONG_AFTER) - ONE_DAY
        now, known = whole_again(book, subject, service, file.assessed_on)
        assert now == []
        for day in {last, data.draw(st.dates(file.assessed_on, last))}:
            published, later = whole_again(book, subject, service, day)
            assert published == []
            assert says(later) == says(known)


@EACH
@SOME
@given(st.data())
def test_the_parts_that_were_touched_give_what_the_whole_gives(name: str, data: st.DataObject) -> None:
    service = UNDECIDED[name]
    told = data.draw(told_to(service))
    batches = cut(
        data.draw(st.permutations(told)), data.draw(st.lists(st.integers(1, len(told)), max_size=8))
    )
    book = casebook_of(service)
    day = data.draw(st.dates(FIRST, END))
    book.begin_day(day)
    for batch in batches:
        book.take(fact.fact(words_of(service)) for fact in batch)
        if data.draw(st.booleans()):
            day += timedelta(days=data.draw(st.integers(1, 40)))
            book.begin_day(day)
        for subject in book.subjects:
            published, again = whole_again(book, subject, service, day)
            assert published == []
            waits = book.file(subject)
            # Assessed earlier, it may wait for the end of a month at which it will see that it need not have.
            if waits.assessed_on == day:
                assert again.wake_on == waits.wake_on
            else:
                assert again.wake_on is None or waits.wake_on is not None
                assert (waits.wake_on or date.max) <= (again.wake_on or date.max)


@EACH
@SOME
@given(st.data())
def test_nothing_fires_after_the_end(name: str, data: st.DataObject) -> None:
    """A person dies, or every sentence is revoked, after all that is told: then no day brings anything.

    But that victims who asked are to be told of the end (VIC-1), by some days after it.
    """
    service = UNDECIDED[name]
    words = words_of(service)
    told = data.draw(told_to(service))
    ending = max(dated(fact) for fact in told) + timedelta(days=data.draw(st.integers(0, 5)))
    others = (PersonDied, SentenceRevoked, VictimContactChanged)
    told = [fact for fact in told if type(fact.data) not in others]
    told += data.draw(st.sampled_from(endings(service, told, ending)))
    book = casebook_of(service)
    history = History(values(book.begin_day(data.draw(st.dates(FIRST, ending)))))
    facts = [fact.fact(words) for fact in data.draw(st.permutations(told))]
    history.read(values(book.take(facts)))
    # Supervision that ran out on its last day is over on the day after.
    for day in (ending, ending + ONE_DAY, ending + 2 * ONE_DAY):
        if book.day is None or day > book.day:
            history.read(values(book.begin_day(day)))
    before = len(history.events)
    for day in (ending + timedelta(days=n) for n in (3, 10, 40, 200, 800)):
        history.read(values(book.begin_day(day)))
    entities = {model.kind for model in service.entities}
    of_people = [e for e in history.events[before:] if book.file(e["subject"]).model.kind not in entities]
    assert of_people == []
    files = map(book.file, book.subjects)
    assert [f.subject for f in files if f.model.kind == service.person.kind and f.wake_on] == []


def dated(fact: Told) -> date:
    """The latest day of which a fact speaks, ends of sentences aside."""
    named = [v for k, v in fact.data if isinstance(v, date) and not k.endswith(("ends_on", "due_on"))]
    days = [v.date() if hasattr(v, "date") else v for v in named]
    return max([fact.recorded.date(), *days])


def endings(service: Service, told: list[Told], on: date) -> list[list[Told]]:
    """Facts that end it all for everyone on that day, recorded after all else."""
    when = at(on)
    shared = ("P1", "P2", "V1", "V2", "london", "A", "B")
    people = sorted({fact.subject for fact in told if fact.subject and fact.subject not in shared})
    if service.name == toy.SERVICE.name:
        return [toy_facts.endings(people, on)]
    deaths = [Told(PersonDied(died_on=on), who, f"Z-{who}", when) for who in people]
    revoked = [
        Told(SentenceRevoked(sentence_id=id, revoked_on=on, reason="resentenced"), who, f"Z-{who}-{id}", when)
        for who in people
        for id in ("S1", "S2", "L1")
    ]
    return [deaths, revoked]


def test_there_is_a_strategy_for_every_type_that_a_service_reads() -> None:
    read = {name for service in SERVICES for model in service.models for name in model.types}
    assert read <= {kind.__name__ for kind in ALL}


def test_what_is_told_leads_to_findings_of_every_service() -> None:
    """A property that never sees a kind of finding says nothing about it."""
    seen: set[str] = set()

    @settings(max_examples=500, database=None, derandomize=True)
    @given(st.data())
    def search(data: st.DataObject) -> None:
        for service in UNDECIDED.values():
            seen.update(kind for _, kind, _ in run(service, [data.draw(told_to(service))], [FIRST]).standing)

    search()
    assert seen >= COMMON
