"""A message as it came, and how to read its fields without trusting any of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from feeds.times import NotATime, day_of, instant_of
from schemas.scalars import ID_PATTERN

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}")
_SHOWN_PARTS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}|\d{1,6}")

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ID = re.compile(ID_PATTERN)

MAX_TEXT = 4_000
"""The longest text that is read. What is longer is free text, which no feed reads."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Why something could not be translated: which field, which code, and what to do. It names no person."""

    field: str
    problem: str
    remedy: str
    code: str | None = None

    def __str__(self) -> str:
        code = f" {self.code}" if self.code else ""
        return f"{self.field}{code}: {self.problem}: {self.remedy}"


class Untranslatable(Exception):
    """Something in a message cannot be translated. It becomes a dead letter."""

    def __init__(self, field: str, problem: str, remedy: str, code: str | None = None) -> None:
        shown = code if code is None or _CODE.fullmatch(code) else "?"
        self.letter = Letter(field, problem, remedy, shown)
        super().__init__(str(self.letter))


class Position(NamedTuple):
    """Where a feed reads on in a topic. `incarnation` is the id that Kafka gave the topic."""

    topic: str
    partition: int
    next_offset: int
    incarnation: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a source: its bytes and attributes as they came, and the detail fetched for it."""

    body: bytes
    attributes: Mapping[str, str]
    received: datetime
    origin: str
    """Where it was read: topic, partition and offset, or the hash of what a file holds."""
    detail: bytes | None = None
    fetched: datetime | None = None
    position: Position | None = None
    """Where to read on after it, if it came by Kafka."""

    def root(self) -> Node:
        """The body, or the `Message` of an SNS notification around it. Raises `Untranslatable`."""
        node = Node(_json(self.body, "the message"))
        if isinstance(node.value, dict) and "Message" in node.value and "hearing" not in node.value:
            inner = node.value["Message"]
            return Node(_json(inner.encode(errors="replace"), "Message") if isinstance(inner, str) else inner)
        return node

    def attribute(self, name: str) -> str | None:
        """An attribute: a Kafka header, or one of the SNS notification around the body."""
        if name in self.attributes:
            return self.attributes[name]
        try:
            node = Node(_json(self.body, "the message"))["MessageAttributes"][name]
            return node.optional("Value")
        except Untranslatable:
            return None

    def answer(self) -> Node:
        """The detail that was fetched. Raises `Untranslatable`."""
        if self.detail is None:
            raise Untranslatable("detailUrl", "no detail was fetched", "ask the source for a detailUrl")
        if not self.detail:
            remedy = "record in case management what is missing, or discard the message"
            raise Untranslatable("detailUrl", "the source no longer has it (404)", remedy)
        return Node(_json(self.detail, "the detail"), ("detail",))


def _json(raw: bytes, what: str) -> Any:
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Untranslatable(what, "is not JSON in UTF-8", "ask the source to send it again") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a JSON document. What is missing is None; what has the wrong form is `Untranslatable`."""

    value: Any
    path: tuple[str | int, ...] = field(default=())

    def __getitem__(self, name: str) -> Node:
        if self.value is not None and not isinstance(self.value, dict):
            raise self.wrong("is not an object")
        return Node((self.value or {}).get(name), (*self.path, name))

    def __bool__(self) -> bool:
        return self.value not in (None, "", [], {})

    def each(self, name: str) -> Iterator[Node]:
        """The items of a list; none if there is no list."""
        node = self[name]
        if node.value is None:
            return
        if not isinstance(node.value, list):
            raise node.wrong("is not a list")
        for index, item in enumerate(node.value):
            yield Node(item, (*node.path, index))

    def text(self, name: str) -> str:
        """A text or a number, as text."""
        found = self.optional(name)
        if found is None:
            raise self[name].wrong("is missing")
        return found

    def optional(self, name: str) -> str | None:
        """The same, but None if it is missing or blank."""
        value = self[name].value
        if isinstance(value, bool) or (value is not None and not isinstance(value, (str, int, float))):
            raise self[name].wrong("is not a text")
        written = "" if value is None else str(value).replace("\N{NO-BREAK SPACE}", " ").strip()
        if len(written) > MAX_TEXT or _FORBIDDEN.search(written):
            raise self[name].wrong(f"has control characters or more than {MAX_TEXT} characters")
        return written or None

    def id(self, name: str) -> str:
        """An identifier that the source gives, in a form that ours may have."""
        found = self.text(name)
        if not _ID.fullmatch(found):
            raise self[name].wrong("is not an identifier")
        return found

    def optional_id(self, name: str) -> str | None:
        """The same, but None if it is missing."""
        return None if self.optional(name) is None else self.id(name)

    def flag(self, name: str) -> bool:
        """True or false; false if it is missing."""
        value = self[name].value
        if value not in (None, True, False):
            raise self[name].wrong("is not true or false")
        return bool(value)

    def number(self, name: str) -> float | None:
        """A number, also one written as text; None if it is missing or says that it does not apply."""
        written = self.optional(name)
        if written is None or written.upper() in ("N/A", "NA", "DK"):
            return None
        try:
            number = float(written)
        except ValueError:
            raise self[name].wrong("is not a number") from None
        if not abs(number) < 1e9:
            raise self[name].wrong("is not a possible number")
        return number

    def day(self, name: str) -> date:
        """A date in London."""
        found = self.optional_day(name)
        if found is None:
            raise self[name].wrong("is missing")
        return found

    def optional_day(self, name: str) -> date | None:
        """The same, but None if it is missing."""
        written = self.optional(name)
        try:
            return None if written is None else day_of(written)
        except NotATime:
            raise self[name].wrong("is not a date") from None

    def instant(self, name: str) -> datetime:
        """An instant."""
        written = self.text(name)
        try:
            return instant_of(written)
        except NotATime:
            raise self[name].wrong("is not a date and time") from None

    @property
    def name(self) -> str:
        """Where it is, for people: names and positions only."""
        return ".".join(str(p) if _SHOWN_PARTS.fullmatch(str(p)) else "?" for p in self.path) or "the message"

    def wrong(self, problem: str, remedy: str | None = None, code: str | None = None) -> Untranslatable:
        """The error that this place has a problem."""
        return Untranslatable(self.name, problem, remedy or "ask the source to correct and resend it", code)
