"""Joining facts to registers: the version with the greatest stamp stands, whatever the order of arrival."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from shared.calendar import london_date
from shared.engine.case import Case, Part, Record, Register, Resolution, Stamp
from shared.engine.publication import Cause
from shared.engine.warning import About, Doubt, MessageWarning, Origin, warnings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

FOR_EVER: Stamp = (2**63 - 1, "", "")
"""The stamp of a withdrawal: nothing said of that event later stands against it."""


@dataclass(slots=True)
class Fact:
    """An event that a service consumed, ready to be joined.

    `recorded` is in microseconds since 1970; `key` is the correction key within its type; `body` the
    event as it came; `cause.at` is when it was recorded, as an instant. `origin` is None for what did not
    come as a message: a decision, or a fact from the journal. Of its `doubts` the sender is warned.
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
    origin: Origin | None = None
    doubts: list[Doubt] = field(default_factory=list)
    _record: Record | None = None

    @property
    def stamp(self) -> Stamp:
        return (self.recorded, self.id, self.source)

    @property
    def warnings(self) -> list[MessageWarning]:
        """Its doubts, as warnings; none if it did not come as a message."""
        if self.origin is None or not self.doubts:
            return []
        about = About(self.source, self.id, self.type, self.subject or None, self.origin)
        return warnings(about, dict.fromkeys(self.doubts))  # once each, though a transaction may be repeated

    def record(self, register: Register) -> Record:
        """The fact as its service's rules see it."""
        if self._record is None:
            self._record = register.record(self.data, self.id, self.source, self.recorded)
        return self._record

    def month(self, register: Register) -> int | None:
        """The month in which its register keeps it by its own date; None if it voids and gives no date.

        Raises whatever data that cannot be read raises.
        """
        if not self.voids:
            return register.month(self.record(register))
        try:
            return register.month(self.record(register))
        except (AttributeError, TypeError, msgspec.ValidationError):
            return None

    @property
    def voids(self) -> bool:
        """Does it say that what its key names never happened?"""
        return bool(getattr(self.data, "voided", False))


def join(holder: Case | Part, register: Register, fact: Fact) -> None:
    """Let the version with the greater stamp stand, be it the fact or what is there; keep the other if asked.

    A fact that says that it never happened stands as a tombstone. What its sender may not expect becomes a
    doubt of the fact.
    """
    records: dict[str, Record] = getattr(holder, register.into)
    tomb = f"{register.into}/{fact.key}"
    there = records.get(fact.key)
    stamp = there.stamp if there is not None else holder.voided.get(tomb)
    voided = fact.voids
    if stamp is not None and fact.origin is not None:
        fact.doubts += doubts_about_version(fact, (stamp[0], stamp[1], stamp[2]))
    if stamp is not None and fact.stamp <= tuple(stamp):
        if fact.stamp < tuple(stamp) and not voided:
            _keep(holder, register, fact.key, fact.record(register))
        return
    if there is not None:
        _keep(holder, register, fact.key, there)
    if voided:
        records.pop(fact.key, None)
        holder.voided[tomb] = fact.stamp
    else:
        holder.voided.pop(tomb, None)
        records[fact.key] = fact.record(register)


def doubts_about_version(fact: Fact, there: Stamp) -> Iterator[Doubt]:
    """What the sender of a version may not expect of it, given the stamp of the one that stood before."""
    if fact.source != there[2]:
        yield Doubt(
            "other_source",
            "another source spoke of the same thing before: if these are two things, give each its own id",
        )
    if fact.recorded == there[0] and fact.id != there[1]:
        yield Doubt(
            "version_not_standing",
            "two versions have the same recordedtime, so the greater id decides which one stands: send the "
            "right one again with a later recordedtime",
            "recordedtime",
        )
    elif fact.stamp < there:
        yield Doubt(
            "version_not_standing",
            "a version with a later recordedtime stands, so this one has no effect: if it is the right one, "
            "send it again with a later recordedtime",
            "recordedtime",
        )


def withdraw(case: Case, register: Register, fact: Fact) -> None:
    """Take back what another service published, or note how it was resolved or ended (see `Register`).

    What was said of the end of the one before under the same key, if it is named, is taken back too.
    """
    data = fact.data
    gone = {data.withdraws} if data.undoes is None else {data.withdraws, data.undoes}
    if register.resolutions is not None:
        resolutions: dict[str, Resolution] = getattr(case, register.resolutions)
        if data.reason in ("resolved", "ended", "superseded"):
            gone.discard(data.withdraws)
            if f"{register.into}/{data.withdraws}" not in case.voided:
                resolutions[data.withdraws] = Resolution(
                    event_id=fact.id,
                    source=fact.source,
                    recorded=fact.recorded,
                    reason=data.reason,
                    on=data.closed_on or london_date(fact.cause.at),
                )
        for id in gone:
            resolutions.pop(id, None)
    for id in gone:
        getattr(case, register.into).pop(id, None)
        case.voided[f"{register.into}/{id}"] = FOR_EVER


def _keep(holder: Case | Part, register: Register, key: str, record: Record) -> None:
    """Keep a version that does not stand, where the register wants its former ones."""
    if register.former is not None:
        versions = getattr(holder, register.former).setdefault(key, [])
        if record not in versions:
            insort(versions, record, key=lambda version: version.stamp)


def move(source: Part, target: Part, registers: Iterable[Register], key: str) -> None:
    """Move all that one part holds of a key to another."""
    for register in registers:
        for name in filter(None, (register.into, register.former)):
            if key in getattr(source, name):
                getattr(target, name)[key] = getattr(source, name).pop(key)
        tomb = f"{register.into}/{key}"
        if tomb in source.voided:
            target.voided[tomb] = source.voided.pop(tomb)


def microseconds(instant: datetime) -> int:
    """An instant as microseconds since 1970, exactly."""
    return (instant - _EPOCH) // _MICROSECOND
