"""What holds of every service on a real database: months opened only when touched, merges, its journal.

In memory (`test_properties.py`) all months of a case are at hand; here the engine opens those that it
thinks it needs, and two people's records may be merged and taken apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.engine.casebook import Casebook
from shared.engine.intake import fact_of
from shared.engine.joining import Fact
from shared.engine.packing import claims_of, form_of
from shared.engine.publication import Publication
from shared.engine.service import Service
from tests.engine import toy, toy_facts
from tests.engine.histories import histories
from tests.engine.running import ONE_DAY, History, Office, Told, cut, days
from tests.engine.test_properties import UNDECIDED, roster
from tests.engine.toy_language import LANGUAGE

Opened = Callable[..., Awaitable[Office]]
FEW = settings(
    max_examples=max(1, settings().max_examples // 8),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
START, END = date(2026, 5, 22), date(2026, 6, 8)
"""Few days, since each is a transaction; they hold a bank holiday and the end of a month."""


def told_to(service: Service) -> st.SearchStrategy[list[Told]]:
    if service.name == toy.SERVICE.name:
        return toy_facts.histories(decided=True, merges=True)
    return histories(service, subjects=st.sampled_from(["X1", "X1", "X2", "X3"]), merges=True)


@st.composite
def plans(draw: st.DrawFn, told: Sequence[Told]) -> list[tuple[date | None, list[Told]]]:
    """Batches, some things twice, and the day up to which time goes before each (None: before the first)."""
    arriving = draw(st.permutations([*told, *draw(st.lists(st.sampled_from(told), max_size=3))]))
    batches = cut(arriving, draw(st.lists(st.integers(1, len(arriving)), max_size=5)))
    mornings = sorted(draw(st.lists(st.dates(START, END), min_size=len(batches), max_size=len(batches))))
    if draw(st.booleans()):
        return [(None, batches[0]), *zip(mornings[1:], batches[1:], strict=True)]
    return list(zip(mornings, batches, strict=True))


async def play(office: Office, plan: Iterable[tuple[date | None, Sequence[Told]]]) -> History:
    """Do all this on an empty database, to the last day."""
    await office.empty()
    await office.take(*roster(office.engine.service))
    reached = START - ONE_DAY
    for morning, batch in plan:
        for day in days(reached + ONE_DAY, morning) if morning else []:
            await office.day(day)
            reached = day
        await office.take(*batch)
    for day in days(reached + ONE_DAY, END):
        await office.day(day)
    assert await office.engine.quarantined() == []
    return await office.history()


def by_subject(history: History, subjects: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Ids and sequences of what was published of these, in order."""
    found = defaultdict(list)
    for event in history.events:
        if event["subject"] in subjects:
            found[event["subject"]].append((event["id"], event["sequence"]))
    return dict(found)


async def people(office: Office) -> set[str]:
    kind = office.engine.service.person.kind
    return {row["subject"] for row in await office.rows("select subject from cases where kind = $1", kind)}


@pytest.fixture
async def office(request: pytest.FixtureRequest, opened: Opened) -> Office:
    """A service on a database of the test's own, which its examples share."""
    return await opened(UNDECIDED[request.param])


@pytest.mark.parametrize("office", UNDECIDED, indirect=True)
@FEW
@given(data=st.data())
async def test_any_order_gives_the_same_standing_set_and_the_journal_the_same_ids(
    office: Office, data: st.DataObject
) -> None:
    told = data.draw(told_to(office.engine.service))
    history = await play(office, data.draw(plans(told)))
    await check_claims(office)
    rows = await office.rows("select id, day from journal order by number")
    who = await people(office)

    # Row by row, each on the day on which it was joined.
    known = {fact.id: fact for fact in [*told, *roster(office.engine.service)]}
    assert len(rows) == len(known)
    replayed = await play(office, [(row["day"], [known[row["id"]]]) for row in rows])
    await check_claims(office)
    assert by_subject(replayed, who) == by_subject(history, who)

    at_once = await play(office, [(None, told)])
    assert replayed.standing == history.standing == at_once.standing


@FEW
@given(data=st.data())
async def test_the_journal_with_its_decisions_gives_the_same_ids(
    library: Office, data: st.DataObject
) -> None:
    """Decisions are taken from the journal, at their place among the facts."""
    told = data.draw(toy_facts.histories(most=20))
    history = await play(library, data.draw(plans(told)))
    rows = await library.rows("select body, day from journal order by number")
    facts = [(row["day"], read(library, row["body"])) for row in rows]
    members = await people(library)
    assert by_subject(replay(facts), members) == by_subject(history, members)
    await check_claims(library)


def read(office: Office, body: bytes) -> Fact:
    event, _ = office.words.read(body, ())
    return fact_of(event, office.words.register_key(event), body)


async def check_claims(office: Office) -> None:
    """What the entities think is used of them is what all cases claim."""
    service = office.engine.service
    forms = {model.kind: form_of(model) for model in service.entities}
    claimed: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for row in await office.rows("select subject, kind, state from cases where state is not null"):
        claimed.update(claims_of(row["state"]))
        if row["kind"] != service.person.kind:
            items = forms[row["kind"]].case(row["state"]).case.used
            used.update({f"{row['subject']} {item}": amount for item, amount in items.items()})
    assert used == claimed


def replay(rows: Sequence[tuple[date | None, Fact]]) -> History:
    """The journal's members row by row through a casebook, which decides nothing."""
    book = Casebook(replace(toy.SERVICE, entities=(), decide=None), LANGUAGE)
    history = History()
    reached = START - ONE_DAY

    def read(published: Iterable[Publication]) -> None:
        history.read(publication.value for publication in published)
        assert book.faults == {}

    for day, fact in rows:
        if fact.type == "ShelfStocked":
            continue
        for morning in days(reached + ONE_DAY, day) if day else []:
            read(book.begin_day(morning))
            reached = morning
        read(book.repeat(fact) if fact.source == toy.SERVICE.source else book.take([fact]))
    for morning in days(reached + ONE_DAY, END):
        read(book.begin_day(morning))
    return history
