"""Checks whether a schema may change within its major version: compares the new schema with the frozen one.

The rule is *closed for the producer, open for the consumer*. Consumers ignore fields that they do not know,
so an optional field may be added. All other changes must keep old documents valid, because they are replayed
from journals. For what the services publish, new documents must also be valid for strict old consumers.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

_NOTES = {"title", "description", "examples", "$schema", "$defs", "x-topics", "x-own-id", "x-kind"}
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_TEXT = ("minLength", "maxLength")
_CHECKED = {
    *_NOTES,
    *_LOWER,
    *_UPPER,
    *("type", "enum", "const", "format", "pattern", "default", "x-extensible-enum", "nullable"),
    *("properties", "required", "additionalProperties", "patternProperties", "items"),
    *("if", "else"),
}


def incompatible(name: str, old: Json, new: Json, *, published: bool) -> list[str]:
    """The reasons why ``new`` is not allowed in the major version of ``old``. Empty if it is allowed.

    ``published``: the services publish it, so consumers elsewhere check new events against the old schema.
    Each message names the type, the field, the rule and the remedy.
    """
    remedy = "keep it as it was (optional fields may be added), or publish a new major version beside it"
    return [
        f"{name}: {where}: {what}; {remedy}" for where, what in _Comparison(old, new, published).problems()
    ]


class _Comparison:
    def __init__(self, old: Json, new: Json, published: bool) -> None:
        self.old, self.new, self.published = old, new, published

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from self._compare("data", self.old, self.new, frozenset())

    def _compare(
        self, at: str, old: Json, new: Json, seen: frozenset[tuple[str, str]]
    ) -> Iterator[tuple[str, str]]:
        pair = (old.get("$ref", ""), new.get("$ref", ""))
        if pair in seen:
            return
        seen |= {pair} - {("", "")}
        a, b = _resolve(old, self.old), _resolve(new, self.new)
        if "anyOf" in a or "anyOf" in b:
            if a != b:
                yield at, "a choice between kinds of value changed"
            return
        for what in (*self._nullable(a, b), *self._type(a, b), *self._values(a, b), *self._bounds(a, b)):
            yield at, what
        yield from self._fields(at, a, b, seen)
        for keyword in sorted((a.keys() | b.keys()) - _CHECKED):
            if a.get(keyword) != b.get(keyword):
                yield at, f"{keyword} changed"

    def _nullable(self, a: Json, b: Json) -> Iterator[str]:
        if a["nullable"] and not b["nullable"]:
            yield "null is no longer allowed: old events have it"
        if b["nullable"] and not a["nullable"] and self.published:
            yield "null became possible: consumers do not expect it"

    def _type(self, a: Json, b: Json) -> Iterator[str]:
        was, now = a.get("type"), b.get("type")
        widened = (was, now) == ("integer", "number")
        if was != now and not (widened and not self.published):
            yield f"type changed from {was} to {now}"
        if a.get("format") != b.get("format"):
            yield f"format changed from {a.get('format')} to {b.get('format')}"
        if "default" in a and "default" in b and a["default"] != b["default"]:
            yield f"default changed from {a['default']} to {b['default']}: the meaning of old events changes"
        if b.get("pattern") is not None and a.get("pattern") != b["pattern"]:
            yield "pattern added or changed: old events may not match it"

    def _values(self, a: Json, b: Json) -> Iterator[str]:
        was, now = _listed(a), _listed(b)
        open_ended = bool(a.get("x-extensible-enum"))
        if now is not None and was is None:
            yield "limited to listed values: old events may have others"
        elif now is not None and was is not None and (gone := [v for v in was if v not in now]):
            yield f"value removed: {', '.join(map(str, gone))}"
        if self.published and not open_ended and was is not None:
            if now is None:
                yield "any value became possible: consumers know only the listed ones"
            elif added := [v for v in now if v not in was]:
                yield f"value added: {', '.join(map(str, added))}; consumers do not know it"
            if b.get("x-extensible-enum"):
                yield "opened for further values: consumers rely on the list"

    def _bounds(self, a: Json, b: Json) -> Iterator[str]:
        for keyword in (*_LOWER, *_UPPER):
            was, now = a.get(keyword), b.get(keyword)
            if was == now:
                continue
            tighter = now is not None and (was is None or (now > was) == (keyword in _LOWER))
            if tighter:
                yield f"{keyword} tightened from {was} to {now}: old events may be outside"
            elif self.published and keyword not in _TEXT:
                yield f"{keyword} loosened from {was} to {now}: consumers do not expect it"

    def _fields(
        self, at: str, a: Json, b: Json, seen: frozenset[tuple[str, str]]
    ) -> Iterator[tuple[str, str]]:
        was, now = a.get("properties", {}), b.get("properties", {})
        before, after = _required(a), _required(b)
        for field in sorted(was.keys() - now.keys()):
            yield f"{at}.{field}", "removed"
        for field in sorted(after - before):
            yield (
                f"{at}.{field}",
                f"{'became' if field in was else 'added as'} required: old events do not have it",
            )
        if self.published:
            for field in sorted((before - after) & now.keys()):
                yield f"{at}.{field}", "is no longer required: consumers rely on it"
        for field in sorted(was.keys() & now.keys()):
            yield from self._compare(f"{at}.{field}", was[field], now[field], seen)
        yield from self._maps(at, a, b, seen)
        if a.get("else") and a.get("if") != b.get("if"):
            yield at, "if changed: which events need fewer fields"
        for field in sorted({*a.get("else", {}).get("required", ())} & {*b.get("required", ())}):
            yield f"{at}.{field}", "became required of all: old events that void another do not have it"
        if ("items" in a) != ("items" in b):
            yield at, "the items of a list changed"
        elif "items" in a:
            yield from self._compare(f"{at}[]", a["items"], b["items"], seen)

    def _maps(self, at: str, a: Json, b: Json, seen: frozenset[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        was, now = a.get("patternProperties", {}), b.get("patternProperties", {})
        if was.keys() != now.keys():
            yield at, "the allowed keys changed"
        for pattern in sorted(was.keys() & now.keys()):
            yield from self._compare(f"{at}[key]", was[pattern], now[pattern], seen)
        others = a.get("additionalProperties", True), b.get("additionalProperties", True)
        if isinstance(others[0], dict) and isinstance(others[1], dict):
            yield from self._compare(f"{at}[key]", others[0], others[1], seen)
        elif others[0] != others[1] and (self.published or others[1] is not True):
            yield at, "additionalProperties changed: which unknown fields are accepted"


def _resolve(schema: Json, root: Json) -> Json:
    """The schema with its references resolved, and ``nullable`` instead of a choice with null."""
    nullable = False
    while True:
        if "$ref" in schema:
            target: Any = root
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
            continue
        choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
        if len(choices) != 1:
            return {**schema, "nullable": nullable}
        nullable = nullable or len(choices) < len(schema["anyOf"])
        schema = {**choices[0], **{k: v for k, v in schema.items() if k != "anyOf"}}


def _required(schema: Json) -> set[str]:
    """The fields that an event must have, unless it voids another: then some are not needed."""
    return {*schema.get("required", ()), *schema.get("else", {}).get("required", ())}


def _listed(schema: Json) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")
