"""What cases tell each other: people of the places that they take, providers of what they offer.

It is told as a claim (`shared.engine.assessment.Overview`): the item is one of these, as JSON. What a case no
longer claims is taken back by the engine, so nothing told outlives what it was true of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import msgspec

from shared.probation.names import name_key


class Place(msgspec.Struct, frozen=True, tag="place"):
    """A person has a place on an intervention, since that day."""

    intervention: str
    since: date


class Waiting(msgspec.Struct, frozen=True, tag="waiting"):
    """A person waits for a place on an intervention, since that day.

    Those with the lower `rank` come first. `until`: on that day the wait ended, and it is told once more so
    that the numbers with which the day began stay as they were.
    """

    intervention: str
    rank: str
    since: date
    until: date | None = None


class Qualified(msgspec.Struct, frozen=True, tag="qualified"):
    """A provider is qualified in a region, from `since` up to but not including `until`."""

    provider: str
    needs: tuple[str, ...]
    cohorts: tuple[str, ...]
    specialist: bool
    since: date
    until: date | None
    event_id: str


class Offer(msgspec.Struct, frozen=True, tag="offer"):
    """An intervention that a provider offers in a region, with the numbers with which the day began.

    `until`: the first day on which it is offered no longer, once that has come. `event_id` listed it.
    """

    intervention: str
    provider: str
    kind: str
    meets: tuple[str, ...]
    sex: str
    cohorts: tuple[str, ...]
    pdus: tuple[str, ...]
    free: int
    waiting: int
    next_start: date | None
    until: date | None
    event_id: str


Told = Place | Waiting | Qualified | Offer

_encode = msgspec.json.Encoder().encode
_decode: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Told)


def item(told: Told) -> str:
    """What is told, as the item of a claim."""
    return _encode(told).decode()


def claims(entity: str, told: Iterable[Told]) -> dict[tuple[str, str], int]:
    """Claims that tell an entity these things."""
    return {(entity, item(one)): 1 for one in told}


def told(used: dict[str, int]) -> Iterator[tuple[Any, int]]:
    """All that an entity was told, each with how many cases told it."""
    return ((_decode.decode(item), count) for item, count in used.items())


def pool(kind: str, what: str, region: str, pdu: str | None) -> str:
    """The pool of interventions of a kind that meet a need (or are that programme) in a delivery unit.

    `pdu` is None for those that serve the whole region. SH-11: however it is spelt, a unit has one pool.
    """
    return f"{kind}/{what}/{region}/{name_key(pdu) if pdu else '*'}"
