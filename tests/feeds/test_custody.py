"""Receptions, releases and the dates of sentences, as prisons tell them."""

from __future__ import annotations

from tests.feeds.hearings import CUSTODY, result
from tests.feeds.notices import (
    NOMS,
    URL,
    conviction,
    notice,
    prison,
    prisoner,
    sentenced,
    tell,
)
from tests.feeds.world import CRN, World, letters, waits

COURT = "common-platform"


async def imprisoned(world: World) -> str:
    """The person is sentenced to a year in prison."""
    custody = result("R1", CUSTODY, given={"imprisonmentPeriod": "1 Years"})
    return await sentenced(world, custody, event=conviction(type="SC"))


async def test_a_release_ends_the_stay_and_begins_the_licence(world: World) -> None:
    sentence = await imprisoned(world)
    await tell(world, prison("received", "2026-03-02T15:00:00Z", "ADMISSION", "I"), prisoner())
    await tell(world, prison("released", "2026-08-28T11:00:00Z", "RELEASED", "CR"), prisoner())
    taken, left, released = world.published()
    assert (taken["type"], taken["data"]["reason"]) == ("PersonTakenIntoCustody", "new_sentence")
    assert left["data"]["custody_id"] == taken["data"]["custody_id"]
    data = released["data"]
    assert (data["sentence_id"], data["released_on"]) == (sentence, "2026-08-28")
    assert (data["licence_ends_on"], data["pss_ends_on"]) == ("2027-03-01", None)


async def test_a_release_told_before_the_reception_ends_the_same_stay(world: World) -> None:
    await imprisoned(world)
    await tell(world, prison("released", "2026-08-28T11:00:00Z", "RELEASED", "CR"), prisoner())
    await tell(world, prison("received", "2026-03-02T15:00:00Z", "ADMISSION", "I"), prisoner())
    [taken], [left] = world.standing("PersonTakenIntoCustody"), world.standing("PersonLeftCustody")
    assert left["custody_id"] == taken["custody_id"]


async def test_a_recall_names_the_licence(world: World) -> None:
    sentence = await imprisoned(world)
    back = prison("received", "2026-10-05T15:00:00Z", "ADMISSION", "N")
    await tell(world, back, prisoner(legalStatus="RECALL", recall=True))
    [event] = world.published("PersonTakenIntoCustody")
    assert (event["data"]["reason"], event["data"]["sentence_id"]) == ("recall", sentence)


async def test_a_recall_of_a_sentence_that_nobody_passed_waits_and_a_person_links_it(world: World) -> None:
    back = prison("received", "2026-10-05T15:00:00Z", "ADMISSION", "24")
    told = await tell(world, back, prisoner())
    assert waits(told) == [f"link:{CRN}/booking:77"]
    await world.link(f"link:{CRN}/booking:77", "S1")
    assert world.published()[0]["data"]["sentence_id"] == "S1"


async def test_a_return_from_court_begins_no_stay(world: World) -> None:
    await tell(world, prison("received", "2026-03-02T15:00:00Z", "RETURN_FROM_COURT", "CRT"), prisoner())
    assert world.published() == []


async def test_an_escape_has_no_word_and_is_a_dead_letter(world: World) -> None:
    told = await tell(world, prison("released", "2026-03-09T15:00:00Z", "RELEASED", "UAL"), prisoner())
    assert "UAL" in letters(told)


async def test_a_death_in_custody_is_told(world: World) -> None:
    await tell(world, prison("released", "2026-03-09T15:00:00Z", "RELEASED", "DEC"), prisoner())
    assert world.published()[0]["data"]["died_on"] == "2026-03-09"


async def test_a_planned_release_follows_the_dates_and_is_corrected_by_them(world: World) -> None:
    await imprisoned(world)
    changed = "prison-offender-events.prisoner.sentence-dates-changed"
    await tell(world, prison("sentence-dates-changed", "2026-04-01T09:00:00Z", "", None), prisoner())
    by_hand = prisoner(confirmedReleaseDate=None, conditionalReleaseOverrideDate="2026-08-30")
    await tell(world, notice(changed, "2026-04-02T09:00:00Z", nomsNumber=NOMS), by_hand)
    told = [(e["data"]["release_on"], e["data"]["stay"]) for e in world.published("ReleasePlanned")]
    assert told == [("2026-08-28", "short_term"), ("2026-08-30", "short_term")]


async def test_detail_that_did_not_change_is_not_published_again(world: World) -> None:
    await imprisoned(world)
    for day in ("2026-04-01", "2026-04-02"):
        told = prison("sentence-dates-changed", f"{day}T09:00:00Z", "", None)
        await tell(world, told, prisoner())
    assert len(world.published("ReleasePlanned")) == 1


async def test_a_detail_that_is_gone_is_a_dead_letter(world: World) -> None:
    world.details.pop(URL)
    told = await tell(world, prison("released", "2026-08-28T11:00:00Z", "RELEASED", "CR"))
    assert "no longer has it (404)" in letters(told)
