"""States of another form, records that fail, names that two things share: what is repaired, and how."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from schemas.envelope import Withdrawn
from shared.engine.case import Register
from shared.engine.packing import form_of
from shared.engine.service import Service
from tests.engine import toy
from tests.engine.library import (
    WHY,
    brought,
    joined,
    left,
    lent,
    moved,
    planned,
    returned,
    stocked,
    visited,
    wanted,
)
from tests.engine.running import Office, Told, again, at


class NewMember(toy.Member, kw_only=True):
    """A member as a later release keeps them: another layout."""

    seen: dict[str, toy.Left] = msgspec.field(default_factory=dict)


class NewVisits(toy.Visits, kw_only=True):
    seen: dict[str, toy.Visit] = msgspec.field(default_factory=dict)


class NewShelf(toy.Shelf, kw_only=True):
    seen: dict[str, toy.Stock] = msgspec.field(default_factory=dict)


def later_release() -> Service:
    """The library with another layout of everything that it keeps."""
    person = toy.SERVICE.person
    assert person.months is not None
    months = replace(person.months, part=NewVisits)
    shelf = replace(toy.SERVICE.entities[0], case=NewShelf)
    return replace(toy.SERVICE, person=replace(person, case=NewMember, months=months), entities=(shelf,))


async def busy(library: Office) -> None:
    """Members, loans, visits, a shelf of which both copies are lent, and a merged record."""
    await library.take(
        *(joined(who=who) for who in ("Ann", "Bob", "Cyd")),
        stocked("A", 2),
        lent("L1", "2026-03-01", "2026-03-10"),
        planned("V1", "2026-02-10"),
    )
    await library.day("2026-03-20")
    await library.take(wanted("W1"), wanted("W2", "Bob"), visited("V1", "2026-02-11", "Cyd"))
    await library.take(moved("Cyd", "Bob"))


async def test_a_state_of_another_form_is_joined_again_from_the_journal(library: Office) -> None:
    """Everything as it was: what was published, counted and claimed, merged and shared; nothing anew."""
    await busy(library)
    before = await library.outbox()
    engine = again(library.engine, later_release())
    await engine.start()
    await engine.sweep()
    assert await library.outbox() == before
    assert await engine.quarantined() == []
    assert await used(library, NewShelf) == {"A": {"Emma": 2}}
    library.engine = engine
    # And it goes on from there: sequences without a gap, ids never twice.
    await library.take(returned("L1", "2026-03-12"), brought("W1", "2026-03-20"), wanted("W3"))
    history = await library.history()
    assert [e["pence"] for e in history.of("FineDue")] == [20]
    assert sorted(e["want_id"] for e in history.of("CopyLent")) == ["W1", "W2", "W3"]
    assert history.told("A") == ["ShelfEmpty", "-ShelfEmpty resolved", "ShelfEmpty"]


async def test_a_fact_may_be_the_first_to_open_a_state_of_another_form(library: Office) -> None:
    """Before the sweep has come by; also for the one into whose record another's went."""
    await busy(library)
    library.engine = again(library.engine, later_release())
    await library.engine.start()
    await library.take(left("2026-03-19", "Bob"), stocked("A", 3, "2026-03-20"))
    await library.engine.sweep()
    history = await library.history()
    assert await used(library, NewShelf) == {"A": {"Emma": 1}}
    assert len(history.of("NoVisit", "Bob")) == 0  # Cyd's visit is among Bob's facts


async def used(library: Office, shelf: type[toy.Shelf] = toy.Shelf) -> dict[str, dict[str, int]]:
    model = replace(toy.SERVICE.entities[0], case=shelf)
    rows = await library.rows("select subject, state from cases where kind = 'shelf'")
    return {row["subject"]: form_of(model).case(row["state"]).case.used for row in rows}


async def test_a_case_that_cannot_be_joined_again_waits_alone(
    library: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when its state is of another form: the others of the batch go on."""
    await busy(library)
    library.engine = again(library.engine, later_release())
    await library.engine.start()
    sound = Register.record

    def broken(self: Register, data: Any, *stamp: Any) -> Any:
        if self.into == "loans":
            raise LookupError
        return sound(self, data, *stamp)

    with monkeypatch.context() as context:
        context.setattr(Register, "record", broken)
        await library.take(returned("L1", "2026-03-12"), left("2026-03-19", "Bob"))
        await library.engine.sweep()
        assert await library.engine.quarantined() == ["Ann"]
    assert await library.value("select status from cases where subject = 'Bob'") == "gone"
    assert await library.engine.recheck("Ann") is None
    assert [e["pence"] for e in (await library.history()).of("FineDue")] == [20]


async def test_a_fact_that_cannot_be_read_into_a_month_does_not_stop_the_others(
    library: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await library.take(joined(), joined(who="Bob"))
    await library.day("2026-03-20")
    sound = Register.record

    def broken(self: Register, data: Any, *stamp: Any) -> Any:
        if self.into == "visits":
            raise LookupError
        return sound(self, data, *stamp)

    with monkeypatch.context() as context:
        context.setattr(Register, "record", broken)
        await library.take(visited("V1", "2026-03-10"), left("2026-03-19", "Bob"))
        assert await library.engine.quarantined() == ["Ann"]
        assert await library.value("select status from cases where subject = 'Bob'") == "gone"
    assert await library.engine.recheck("Ann") is None
    assert await library.value("select count(*) from months where subject = 'Ann'") == 2


async def test_what_is_claimed_of_a_quarantined_entity_is_not_forgotten(
    library: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await busy(library)
    assert await used(library) == {"A": {"Emma": 2}}
    sound = toy.Shelf.copies

    def broken(self: toy.Shelf, *arguments: Any) -> int:
        raise LookupError

    with monkeypatch.context() as context:
        context.setattr(toy.Shelf, "copies", broken)
        await library.take(stocked("A", 3, when="2026-03-02"))
        assert await library.engine.quarantined() == ["A"]
        await library.take(brought("W1", "2026-03-20"))
        await library.take(left("2026-03-19", "Bob"))
    assert toy.Shelf.copies is sound
    assert await library.engine.recheck("A") is None
    assert await used(library) == {"A": {}}


async def test_a_person_may_have_the_name_of_an_entity(library: Office) -> None:
    """Nobody gives out both kinds of names: a clash concerns that name alone, and blocks nobody."""
    await library.take(joined(), joined(who="Bob"), stocked("A", 2))
    await library.day("2026-03-20")
    await library.take(lent("L1", "2026-03-01", "2026-03-10", who="A"), left("2026-03-19", "Bob"))
    assert await library.value("select status from cases where subject = 'Bob'") == "gone"
    await library.take(stocked("Bob", 2))
    await library.take(left("2026-03-18", "Ann"))
    assert await library.value("select status from cases where subject = 'Ann'") == "gone"


@pytest.mark.parametrize("kind", ["MemberMoved", "LoanMade", "VisitMade", "ShelfStocked"])
async def test_a_withdrawal_of_what_no_service_publishes_is_refused(library: Office, kind: str) -> None:
    """A `Withdrawn` takes back an event of its own topic: a feed's fact is corrected by its feed."""
    await library.take(joined(), joined(who="Bob"), lent("L1", "2026-03-01", "2026-03-10", id="L"))
    await library.day("2026-03-20")
    before = await library.outbox()
    data = Withdrawn.model_validate(
        {"withdraws": "L", "withdrawn_type": kind, "key": "L1", "reason": "corrected", "why": WHY}
    )
    await library.take(Told(data, "Ann", "odd", at("2026-03-20"), "cards"), left("2026-03-25", "Bob"))
    assert await library.outbox() == before
    assert await library.engine.quarantined() == []
    assert await library.value("select reason from dead_letters") == "wrong_topic"
    assert await library.value("select count(*) from journal where type = 'MemberLeft'") == 1
