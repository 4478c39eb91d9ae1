"""Who a person is: exact rules, never a guess.

The case reference number, if the message gives one; else what a person decided of one of the identifiers;
else the one person to whom all known identifiers belong. If they belong to several people, a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from feeds.statement import Identifier

RANKS = ("crn", "defendant", "master_defendant", "noms", "pnc", "cro")
"""The kinds of identifiers, the most certain first: case reference, ids of the source, national numbers."""

_PNC = re.compile(r"(\d{2}|\d{4})/?(\d{1,7})([A-Z])")
_PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
_CRN = re.compile(r"[A-Z]\d{6}")
_NOMS = re.compile(r"[A-Z]\d{4}[A-Z]{2}")
_CRO = re.compile(r"\d{1,6}/\d{2}[A-Z]|SF\d{2}/\d{1,6}[A-Z]")
_THIS_CENTURY = 26
"""Two-digit years above this are of the last century."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Nobody was found, or several people were: `candidates`, whose reference numbers are exact matches."""

    candidates: tuple[str, ...] = ()


def whose(
    identifiers: Sequence[Identifier],
    known: Mapping[Identifier, Collection[str]],
    decided: Mapping[Identifier, str],
) -> str | Unresolved:
    """The case reference number of the person with these identifiers."""
    ranked = sorted((one for one in identifiers if one.kind in RANKS), key=lambda one: RANKS.index(one.kind))
    for identifier in ranked:
        if identifier.kind == "crn":
            return identifier.value
    for identifier in ranked:
        if identifier in decided:
            return decided[identifier]
    candidates = {person for identifier in ranked for person in known.get(identifier, ())}
    return candidates.pop() if len(candidates) == 1 else Unresolved(tuple(sorted(candidates)))


def pnc(written: str | None) -> Identifier | None:
    """A police national computer number in one form, `2001/0123456X`; None if its check letter is wrong."""
    match = _PNC.fullmatch((written or "").replace(" ", "").upper())
    if match is None:
        return None
    year, serial, letter = match[1], match[2].zfill(7), match[3]
    if _PNC_LETTERS[int(year[-2:] + serial) % len(_PNC_LETTERS)] != letter:
        return None
    if len(year) == 2:
        year = ("20" if int(year) <= _THIS_CENTURY else "19") + year
    return Identifier("pnc", f"{year}/{serial}{letter}")


def cro(written: str | None) -> Identifier | None:
    """A criminal records office number; None if it has no known form."""
    text = (written or "").replace(" ", "").upper()
    return Identifier("cro", text) if _CRO.fullmatch(text) else None


def noms(written: str | None) -> Identifier | None:
    """A prison number; None if it has not the form."""
    text = (written or "").replace(" ", "").upper()
    return Identifier("noms", text) if _NOMS.fullmatch(text) else None


def crn(written: str | None) -> Identifier | None:
    """A case reference number; None if it has not the form."""
    text = (written or "").replace(" ", "").upper()
    return Identifier("crn", text) if _CRN.fullmatch(text) else None


def some(*found: Identifier | None) -> tuple[Identifier, ...]:
    """Those that are there, once each."""
    return tuple(dict.fromkeys(one for one in found if one is not None))
