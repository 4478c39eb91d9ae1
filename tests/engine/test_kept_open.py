"""What is kept of cases from one transaction to the next changes nothing but the work that it takes."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.engine.casebook import Casebook
from shared.engine.kept_open import UNUSED_SECONDS, KeptOpen
from shared.engine.service import Service
from tests.engine import toy
from tests.engine.facts import FIRST
from tests.engine.histories import histories
from tests.engine.library import begin, erased, lent, noted, returned
from tests.engine.running import Office, Told, again, cut
from tests.engine.test_properties import EACH, END, SOME, UNDECIDED, casebook_of, told_to, values, words_of


def forgetful(service: Service) -> Casebook:
    """The service in memory; it opens each case anew in each transaction."""
    book = casebook_of(service)
    book.engine._kept = KeptOpen(0)
    return book


def with_merges(service: Service) -> st.SearchStrategy[list[Told]]:
    if service.name == toy.SERVICE.name:
        return told_to(service)
    return histories(service, subjects=st.sampled_from(["X1", "X1", "X2"]), merges=True)


@EACH
@SOME
@given(st.data())
def test_what_is_kept_says_what_is_worked_out_anew(name: str, data: st.DataObject) -> None:
    """In each transaction the same is published and put away, byte for byte, with merges and corrections."""
    service = UNDECIDED[name]
    told = data.draw(with_merges(service))
    arriving = data.draw(st.permutations(told))
    batches = cut(arriving, data.draw(st.lists(st.integers(1, len(told)), max_size=8)))
    kept, anew = casebook_of(service), forgetful(service)
    day = data.draw(st.dates(FIRST, END))
    for batch in [[], *batches, []]:
        assert published(kept, service, day, batch) == published(anew, service, day, batch)
        assert held(kept) == held(anew)
        day += timedelta(days=data.draw(st.sampled_from([0, 0, 1, 3, 29, 40])))


@EACH
@settings(max_examples=20)
@given(st.data())
def test_a_case_that_is_not_kept_any_more_is_freed_at_once(name: str, data: st.DataObject) -> None:
    """To find it among millions of objects, the garbage collector would hold up the service for seconds."""
    service = UNDECIDED[name]
    book = casebook_of(service)
    published(book, service, data.draw(st.dates(FIRST, END)), data.draw(with_merges(service)))
    gc.collect()
    book.engine._kept.drop([file.subject for file in book.engine._kept])
    assert gc.collect() == 0


def published(book: Casebook, service: Service, day: date, batch: Sequence[Told]) -> list[bytes]:
    facts = [told.fact(words_of(service)) for told in batch]
    return values([*book.begin_day(day), *book.take(facts)])


def held(book: Casebook) -> tuple[Any, ...]:
    """All that is put away of the cases."""
    storage = book.storage
    return storage.rows, storage.parts, storage.overviews


async def test_a_case_that_another_instance_wrote_is_opened_anew(library: Office) -> None:
    """By its bytes: what the first instance had kept says nothing of the loan that it does not know."""
    other = again(library.engine)
    await other.start()
    await begin(library)
    loan = lent("L1", "2026-03-01", "2026-03-10")
    await other.handle([library.message(loan)])
    assert "Ann" in kept_of(library)
    await library.take(returned("L1", "2026-03-12"))
    assert [event["pence"] for event in (await library.history()).of("FineDue", "Ann")] == [20]


async def test_a_case_is_kept_for_a_while_only(library: Office) -> None:
    """So nothing is held for long of a person whom another instance erased."""
    clock = Clock()
    library.engine._kept = KeptOpen(10, lambda: clock.now)
    await begin(library)
    other = again(library.engine)
    await other.start()
    await other.handle([library.message(erased())])
    assert "Ann" in kept_of(library)
    clock.now = UNUSED_SECONDS + 1
    await library.engine.begin_days()  # as each instance does every few seconds
    assert "Ann" not in kept_of(library)


async def test_those_used_last_are_kept(library: Office) -> None:
    library.engine._kept = KeptOpen(2)
    await begin(library)
    for who in ("Bob", "Ann", "Eve"):
        await library.take(noted("N1", id=f"note-{who}", who=who))
    assert kept_of(library) == ["Ann", "Eve"]


@dataclass
class Clock:
    now: float = 0.0


def kept_of(library: Office) -> list[str]:
    return [file.subject for file in library.engine._kept]
