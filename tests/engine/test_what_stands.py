"""What stands after a database went back: how items ended is known again, and the topic of it is whole."""

from __future__ import annotations

import json
from datetime import date

import pytest

from schemas import language
from services.contacts.app import SERVICE as CONTACTS
from shared.engine.casebook import Casebook
from shared.engine.casefile import CaseFile
from shared.engine.intake import fact_of
from shared.engine.joining import Fact
from shared.engine.lost import Lost
from shared.engine.publication import Publication, Publisher, day_cause
from shared.engine.queries import SQL
from tests import facts as f
from tests.casebook import event_of
from tests.engine.library import begin, lent
from tests.engine.running import Office, pool_of

DAY = date(2026, 6, 1)
ABSENT = f.contact("2026-02-16", "failed_to_attend", id="C1", recorded="2026-02-16")


def told(*facts: f.Fact) -> list[Fact]:
    events = [event_of(fact) for fact in f.told(facts)]
    return [fact_of(event, language.register_key(event), language.render(event)) for event in events]


def lost(published: list[Publication]) -> list[Lost]:
    return [
        Lost(p.subject, n, True, p.key, p.decision == "taken", p.value, p.decision == "moved")
        for n, p in enumerate(published, 1)
    ]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param([], id="it ended"),
        pytest.param([f.contact("2026-02-16", id="C1", recorded="2026-02-27")], id="none after all"),
        pytest.param([f.revoked("2026-03-02", voided=True, recorded="2026-05-01")], id="open again"),
    ],
)
def test_how_an_item_ended_that_others_follow_is_known_again(after: list[f.Fact]) -> None:
    facts = told(f.order("2026-01-05"), ABSENT, f.revoked("2026-03-02", recorded="2026-03-02"), *after)
    book = Casebook(CONTACTS, language)
    published = book.begin_day(DAY)
    for fact in facts:
        published += book.take([fact])
    assert "AbsenceUndecided" in {publication.type for publication in published}

    file = CaseFile(CONTACTS.person, f.PERSON)
    file.take_over(lost(published))
    for fact in facts:
        file.join(fact)
    publisher = Publisher(CONTACTS.name, f.PERSON, True, DAY, day_cause(DAY))
    assert file.assess(CONTACTS.load_policy(), publisher, whole=True) == []


async def test_what_lost_events_change_of_those_that_stand_is_published_again(library: Office) -> None:
    await begin(library)
    await library.take(lent("L1", "2026-03-01", "2026-03-10"))
    events = [json.loads(value) for value in await library.outbox()]
    raised = next(event for event in events if event["type"] != "Withdrawn")
    gone = {"id": "w", "type": "Withdrawn", "data": {"withdraws": raised["id"]}}
    async with pool_of(library.engine).acquire() as connection:
        await connection.execute("delete from outbox")
        for sequence, event in enumerate((raised, gone), 100):
            note = (
                [raised["subject"]],
                [sequence],
                [True],
                ["k"],
                [False],
                [json.dumps(event).encode()],
                [False],
            )
            await connection.execute(SQL["note_lost"], *note)
        await connection.execute(SQL["taken_over"], [raised["subject"]], "library.standing", b"\x90")
    rows = await library.rows("select key, value from outbox order by id")
    assert [(row["key"].decode(), row["value"] is None) for row in rows] == [
        (raised["id"], False),
        (raised["id"], True),
    ]
