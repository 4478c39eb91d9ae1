"""Joining facts to registers: the version with the greatest stamp stands, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.engine.case import Case, Part, Record, Register, Stamp
from shared.engine.publication import Cause

FOR_EVER: Stamp = (2**63 - 1, "", "")
"""The stamp of a withdrawal: nothing said of that event later stands against it."""


@dataclass(slots=True)
class Fact:
    """An event that a service consumed, ready to be joined.

    `recorded` is in microseconds since 1970; `key` is the correction key within its type; `body` the
    event as it came.
    """

    id: str
    source: str
    type: str
    subject: str
    recorded: int
    data: Any
    key: str
    cause: Cause
    body: bytes
    _record: Record | None = None

    @property
    def stamp(self) -> Stamp:
        return (self.recorded, self.id, self.source)

    def record(self, register: Register) -> Record:
        """The fact as its service's rules see it."""
        if self._record is None:
            self._record = register.record(self.data, self.id, self.source, self.recorded)
        return self._record


def holds(part: Part, registers: Iterable[Register], key: str) -> bool:
    """Does the part hold anything, or a tombstone, of that thing?"""
    return any(key in getattr(part, r.into) or f"{r.into}/{key}" in part.voided for r in registers)


def stands(holder: Case | Part, into: str, key: str, stamp: Stamp) -> bool:
    """Does a version with that stamp stand against the one that is there?"""
    there: Record | None = getattr(holder, into).get(key)
    if there is not None:
        return stamp > there.stamp
    tomb = holder.voided.get(f"{into}/{key}")
    return tomb is None or stamp > tuple(tomb)


def put(holder: Case | Part, register: Register, fact: Fact) -> None:
    """Let the fact stand in its register, or its tombstone if it says that it never happened."""
    records = getattr(holder, register.into)
    tomb = f"{register.into}/{fact.key}"
    if getattr(fact.data, "voided", False):
        records.pop(fact.key, None)
        holder.voided[tomb] = fact.stamp
    else:
        holder.voided.pop(tomb, None)
        records[fact.key] = fact.record(register)
