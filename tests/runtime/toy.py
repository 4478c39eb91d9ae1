"""A toy service that weighs parcels. It shows that the run-time does not depend on probation.

It reads the topics `scale` and `clock`. A parcel heavier than the policy's limit is `ParcelHeavy`. One that
is still there after its last day is `ParcelForgotten`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
from pydantic import TypeAdapter, ValidationError

from schemas.envelope import CloudEvent, Data, Published, Refused, UnknownType, render
from schemas.scalars import Date
from shared.engine.assessment import Finding, Overview, View
from shared.engine.case import Case, Part, Record, Register
from shared.engine.intake import UnknownName
from shared.engine.service import CaseModel, Service

HERE = Path(__file__).parent


class ParcelWeighed(Data):
    """A parcel was weighed."""

    kilograms: int
    collect_by: Date = date(2100, 1, 1)


class DayStarted(Data):
    """A day started."""

    date: Date


class ParcelHeavy(Published):
    """A parcel is too heavy for one person."""

    kilograms: int


class ParcelForgotten(Published):
    """Nobody collected a parcel."""

    collect_by: Date


class Weight(Record, frozen=True, kw_only=True):
    """A weighing."""

    kilograms: int
    collect_by: date


class Parcel(Case, kw_only=True):
    """What is known about a parcel."""

    weights: dict[str, Weight] = msgspec.field(default_factory=dict)


class ParcelView(View[Parcel, Part]):
    """A parcel on a day."""


def heavy(view: ParcelView) -> Iterator[Finding]:
    """T-1: it is heavier than the limit."""
    for weight in view.case.weights.values():
        limit = view.policy.on(view.today.date)
        if weight.kilograms > limit.integer("heavy"):
            event = ParcelHeavy(kilograms=weight.kilograms)
            yield Finding(event=event, key="heavy", rules=("T-1",), because=[weight], policy=limit.version)


def forgotten(view: ParcelView) -> Iterator[Finding]:
    """T-2: it is still there after its last day."""
    for weight in view.case.weights.values():
        if view.today.after(weight.collect_by):
            event = ParcelForgotten(collect_by=weight.collect_by)
            version = view.policy.on(view.today.date).version
            yield Finding(event=event, key="left", rules=("T-2",), because=[weight], policy=version)


def overview(view: ParcelView, findings: Sequence[Finding]) -> Overview:
    """Nothing is shown for queries."""
    del view, findings
    return Overview()


SERVICE = Service(
    name="porter",
    reads=("scale", "clock"),
    person=CaseModel(
        kind="parcel",
        case=Parcel,
        registers={"ParcelWeighed": Register("weights", Weight)},
        view=ParcelView,
        rules=(heavy, forgotten),
        overview=overview,
    ),
    policy=HERE / "policy.toml",
    migrations=HERE / "migrations",
)

REFUSED = 666
"""For this weight the register key contains a character that PostgreSQL cannot store."""

PARTITIONS = {
    "scale": 3,
    "clock": 1,
    "porter": 3,
    "porter.standing": 3,
    "porter.dead-letter": 1,
    "porter.warning": 1,
}
MODELS: dict[str, tuple[type[Data], str]] = {
    "ParcelWeighed": (ParcelWeighed, "scale"),
    "DayStarted": (DayStarted, "clock"),
}
_READERS = {name: TypeAdapter(CloudEvent[model]) for name, (model, _) in MODELS.items()}  # type: ignore[valid-type]


@dataclass(frozen=True)
class Language:
    """The toy's language, as `shared.engine.intake.Language` requires."""

    def read(
        self, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> tuple[CloudEvent[Any], bytes]:
        """The event in a message."""
        try:
            kind = json.loads(value or b"")["type"]
        except (ValueError, KeyError, TypeError):
            raise Refused("unreadable", "not an event") from None
        if kind not in _READERS:
            raise UnknownType(str(kind))
        try:
            return _READERS[kind].validate_json(value or b""), value or b""
        except ValidationError as error:
            raise Refused("wrong_data", error.errors(include_input=False)[0]["msg"]) from None

    def examine(
        self, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> tuple[CloudEvent[Any], bytes, Sequence[UnknownName]]:
        """The same; no name in a message is unknown."""
        return *self.read(value, headers), ()

    def owner_of(self, source: str) -> str | None:
        """The topic of a source."""
        return source.removeprefix("/feeds/")

    def is_feed(self, topic: str) -> bool:
        """All but the clock."""
        return topic != "clock"

    def nearest_type(self, type: str) -> str | None:
        """No type is close to another."""
        return None

    def not_read_yet(self, type: str) -> str | None:
        """All types are read."""
        return None

    def topics_of(self, type: str) -> tuple[str, ...]:
        """The topics of a type."""
        return (MODELS[type][1],)

    def source_of(self, topic: str) -> str:
        """Who publishes on a topic."""
        return f"/feeds/{topic}"

    def register_key(self, event: CloudEvent[Any]) -> str:
        """One weight for each parcel: a later one corrects it."""
        if event.type != "ParcelWeighed":
            return event.id
        return "\0" if event.data.kilograms == REFUSED else "weight"


def event(subject: str, id: str, data: Data, *, second: int = 0) -> bytes:
    """A message's value."""
    kind = type(data).__name__
    return render(
        CloudEvent(
            specversion="1.0",
            id=id,
            source=f"/feeds/{MODELS[kind][1]}",
            type=kind,
            subject=None if kind == "DayStarted" else subject,
            time=datetime(2026, 1, 5, 9, 0, second, tzinfo=UTC),
            data=data,
        )
    )


def weighed(
    subject: str,
    kilograms: int,
    *,
    id: str | None = None,
    second: int = 0,
    collect_by: date = date(2100, 1, 1),
) -> bytes:
    """A parcel's weighing."""
    data = ParcelWeighed(kilograms=kilograms, collect_by=collect_by)
    return event(subject, id or f"{subject}-{kilograms}-{second}", data, second=second)


def day(of: date) -> bytes:
    """The start of a day."""
    return event("", f"day-{of}", DayStarted(date=of))
