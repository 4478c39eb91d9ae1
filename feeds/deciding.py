"""What a person decides, as a statement: a fact like any other, which is kept and may be corrected."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from feeds.identity import RANKS
from feeds.statement import About, Identifier, Internal, Statement
from schemas.scalars import CRN_PATTERN, ID_PATTERN
from shared.mistakes import Mistake

FEED = "decisions"
"""The feed under whose name decisions are kept."""

_CRN = re.compile(CRN_PATTERN)
_ID = re.compile(ID_PATTERN)
_LINK = re.compile(r"link:([^/]+)/([a-z_]+:.+)")
_PLACE = "place"


class DecisionError(Mistake):
    """A decision cannot be understood. The message says what to write."""


def identified(identifier: str, crn: str, because: str, at: datetime | None = None) -> Statement:
    """Whose an identifier is. `identifier` as shown: `defendant:8f1c`, or `identity:defendant:8f1c`."""
    kind, _, value = identifier.removeprefix("identity:").partition(":")
    if kind not in RANKS or kind == "crn" or not value:
        kinds = ", ".join(kind for kind in RANKS if kind != "crn")
        raise DecisionError(
            f"{identifier} is no identifier: write kind:value, with one of {kinds} as its kind"
        )
    key = Identifier(kind, value).key
    return _statement(crn, Internal("identity", key, {"decided": True, "because": because}), at)


def linked(key: str, id: str, because: str, at: datetime | None = None) -> Statement:
    """Which sentence or requirement of ours a source's name belongs to."""
    match = _LINK.fullmatch(key)
    if match is None:
        raise DecisionError(
            f"{key} is no link: write it as `probation feeds list` shows it, link:CRN/kind:value"
        )
    if not _ID.fullmatch(id):
        raise DecisionError(f"{id} is no id of ours: write that of the sentence or requirement")
    return _statement(match[1], Internal("link", match[2], {"id": id, "because": because}), at)


def placed(crn: str, region: str, pdu: str, because: str, at: datetime | None = None) -> Statement:
    """Which region and delivery unit supervise a person."""
    return _statement(crn, Internal(_PLACE, "", {"region": region, "pdu": pdu, "because": because}), at)


def _statement(crn: str, fact: Internal, at: datetime | None) -> Statement:
    if not _CRN.fullmatch(crn):
        raise DecisionError(f"{crn} is no case reference number: write one like X123456")
    person = (Identifier("crn", crn),)
    # A place and a link are decided of a person, so that another person's stays; an identifier has one owner.
    record = f"{fact.type}/{fact.key}" + ("" if fact.type == "identity" else f"/{crn}")
    return Statement(record, at or datetime.now(UTC), (About(person, internal=(fact,)),))
