"""What an adapter makes of a message: facts about people and sentences as the source names them.

A *record* is what the source keeps under one key: a hearing, a registration, a contact. A *statement* is what
the source says of it at one time. If it is complete, what the record said before and does not say now is
voided. So a message that is sent again has no effect, and a corrected one corrects.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from feeds.message import Letter

_NAMESPACE = uuid.UUID("6f0f2b3c-2b55-5d0c-9d0e-0a1d7c2f9a11")


BREACH_OR_RECALL = "breach_or_recall"
"""An enforcement action that is a breach of an order or a recall of a licence: the sentence decides."""


def own_id(*parts: str) -> str:
    """An id of ours for what the source names by these parts: always the same for the same parts."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


class Identifier(NamedTuple):
    """A name of a person in one of the registers: `crn`, `pnc`, `cro`, `noms`, `defendant`, ..."""

    kind: str
    value: str

    @property
    def key(self) -> str:
        """As text."""
        return f"{self.kind}:{self.value}"


class Place(NamedTuple):
    """Who supervises a person, as case management says."""

    region: str
    pdu: str


class Reference(NamedTuple):
    """A name that a source gives to one of a person's sentences, requirements or stays.

    `group` and `day` are what else the source says of a sentence: its kind, or `order` for any but custody,
    and its date; the dates may differ by `within` days. For a requirement `group` is its kind.
    """

    kind: str
    value: str
    group: str | None = None
    day: date | None = None
    within: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """One event to be, without what only we know.

    `sentence` and `requirement` are looked up in the links and filled in; `place` fills in region and
    delivery unit; `adds` says that `requirements` are added to those that the sentence had.
    """

    type: str
    data: Mapping[str, Any]
    at: datetime
    sentence: Reference | None = None
    requirement: Reference | None = None
    place: bool = False
    adds: bool = False


class Link(NamedTuple):
    """A source says that a sentence (or, `within` one, a requirement) has a name.

    `moved_from` is its name before it moved here from another person; `alias_of` is another name of it.
    """

    reference: Reference
    moved_from: tuple[str, Reference] | None = None
    within: Reference | None = None
    alias_of: Reference | None = None


class Internal(NamedTuple):
    """A fact that is kept but not published (see `knowledge.py`): what a person decided, a part of a risk."""

    type: str
    key: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class About:
    """What a statement says about one person.

    `group` tells the people of a record apart: what is voided for one does not wait for another. `known_as`
    are further identifiers that the source says belong to the same person.
    """

    person: tuple[Identifier, ...]
    facts: tuple[Fact, ...] = ()
    letters: tuple[Letter, ...] = ()
    group: str = ""
    known_as: tuple[Identifier, ...] = ()
    place: Place | None = None
    links: tuple[Link, ...] = ()
    internal: tuple[Internal, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """What a source says of one record at one time.

    `part` limits what a complete statement speaks about (a day of a hearing); None: the whole record.
    """

    record: str
    recorded: datetime
    about: tuple[About, ...]
    part: str | None = ""
    complete: bool = True
