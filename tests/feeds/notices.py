"""Invented HMPPS domain events and the details that they point at."""

from __future__ import annotations

from typing import Any

from tests.feeds.hearings import PNC, defendant, hearing
from tests.feeds.world import CRN, World

NOMS = "A1234BC"
URL = "https://source.example/detail"


def notice(
    type: str, occurred: str = "2026-03-02T10:00:00Z", /, crn: str | None = CRN, **info: Any
) -> dict[str, Any]:
    """A thin event about a person."""
    people = [{"type": "CRN", "value": crn}] if crn else []
    return {
        "eventType": type,
        "version": 1,
        "occurredAt": occurred,
        "description": "an invented event",
        "detailUrl": URL,
        "additionalInformation": info,
        "personReference": {"identifiers": people},
    }


def prison(type: str, occurred: str, reason: str, code: str | None, **info: Any) -> dict[str, Any]:
    """An event of a prison, which knows no case reference."""
    movement = {"reason": reason, "nomisMovementReasonCode": code, "prisonId": "ZZI"}
    told = notice(
        f"prison-offender-events.prisoner.{type}", occurred, None, nomsNumber=NOMS, **movement, **info
    )
    told["personReference"] = {"identifiers": [{"type": "NOMS", "value": NOMS}]}
    return told


def offender(crn: str = CRN, area: str = "N07", pdu: str | None = "Camden", **ids: str) -> dict[str, Any]:
    """A person as case management tells them."""
    manager = {
        "active": True,
        "probationArea": {"code": area, "description": "an area"},
        "team": {"code": "N07T01", "borough": {"code": "B", "description": pdu}},
    }
    return {
        "otherIds": {"crn": crn, "pncNumber": PNC, "nomsNumber": NOMS, **ids},
        "dateOfBirth": "1990-05-17",
        "offenderManagers": [manager],
        "currentExclusion": False,
        "currentRestriction": False,
    }


def conviction(number: int = 1, start: str = "2026-03-02", type: str = "SP") -> dict[str, Any]:
    """A sentence as case management tells it."""
    return {
        "convictionId": 900 + number,
        "index": str(number),
        "active": True,
        "sentence": {"sentenceId": 5, "startDate": start, "sentenceType": {"code": type}},
    }


def prisoner(**more: Any) -> dict[str, Any]:
    """A prisoner as the prison tells them."""
    return {
        "prisonerNumber": NOMS,
        "bookingId": "77",
        "legalStatus": "SENTENCED",
        "recall": False,
        "sentenceStartDate": "2026-03-04",
        "sentenceExpiryDate": "2027-03-01",
        "licenceExpiryDate": "2027-03-01",
        "topupSupervisionExpiryDate": None,
        "conditionalReleaseDate": "2026-08-31",
        "confirmedReleaseDate": "2026-08-28",
        **more,
    }


async def tell(world: World, event: dict[str, Any], detail: Any = None) -> Any:
    """Send a notice, whose detail is this."""
    if detail is not None:
        world.detail(URL, detail)
    return await world.take("hmpps", event)


async def introduce(world: World) -> None:
    """Case management tells who the person is."""
    await tell(world, notice("probation-case.engagement.created"), offender())


async def sentenced(world: World, *results: dict[str, Any], event: dict[str, Any] | None = None) -> str:
    """A court sentences the person, and case management has the sentence as event 1; returns our id of it."""
    await world.take("common-platform", hearing(defendant(*results)))
    await tell(world, notice("probation-case.sentence.created", eventNumber="1"), event or conviction())
    id: str = world.published("SentenceImposed")[0]["data"]["sentence_id"]
    return id
