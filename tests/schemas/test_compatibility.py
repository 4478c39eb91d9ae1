"""Which schema changes are allowed. For each refused change a document is a counterexample."""

import copy
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from pydantic import Field, create_model

from schemas.envelope import Data
from schemas.generate import json_schemas
from schemas.scalars import Date, Instant
from tools import schemas
from tools.compatibility import incompatible

Json = dict[str, Any]
ABC = Literal["a", "b", "c"]
AB = Literal["a", "b"]


def schema(**fields: Any) -> Json:
    """The JSON Schema of data with these fields: a type is required, a pair is a type and its default."""
    named: dict[str, Any] = {name: f if isinstance(f, tuple) else (f, ...) for name, f in fields.items()}
    model: type[Data] = create_model("Example", __base__=Data, **named)
    return model.model_json_schema()


def unless_voided(name: str, **fields: Any) -> Json:
    """The same, with one field that an event which voids another does not need."""
    whole = schema(voided=(bool, False), **fields)
    whole["required"].remove(name)
    voided = {"required": ["voided"], "properties": {"voided": {"const": True}}}
    return {**whole, "if": voided, "else": {"required": [name]}}


class Inner(Data):
    """A nested object."""

    x: int


class InnerText(Data):
    """The same, with another type."""

    x: str


NONE = schema()
# name: before, after, refused where we consume, refused where we publish
CHANGES: dict[str, tuple[Json, Json, bool, bool]] = {
    "nothing": (schema(a=int), schema(a=int), False, False),
    "optional field added": (NONE, schema(a=(int | None, None)), False, False),
    "required field added": (NONE, schema(a=int), True, True),
    "optional field becomes required": (schema(a=(int, 1)), schema(a=int), True, True),
    "required field becomes optional": (schema(a=AB), schema(a=(AB, "a")), False, True),
    "field removed": (schema(a=int), NONE, True, True),
    "field renamed": (schema(a=int), schema(b=int), True, True),
    "null allowed": (schema(a=int), schema(a=int | None), False, True),
    "null no longer allowed": (schema(a=int | None), schema(a=int), True, True),
    "value added": (schema(a=AB), schema(a=ABC), False, True),
    "value removed": (schema(a=ABC), schema(a=AB), True, True),
    "value replaced": (schema(a=AB), schema(a=Literal["a", "c"]), True, True),
    "constant becomes list": (schema(a=Literal["a"]), schema(a=AB), False, True),
    "list of values becomes any text": (schema(a=AB), schema(a=str), False, True),
    "any text becomes list of values": (schema(a=str), schema(a=AB), True, True),
    "value of a list within removed": (schema(a=list[ABC]), schema(a=list[AB]), True, True),
    "value of a nullable field removed": (schema(a=ABC | None), schema(a=AB | None), True, True),
    "whole number becomes number": (schema(a=int), schema(a=float), False, True),
    "number becomes whole number": (schema(a=float), schema(a=int), True, True),
    "number becomes text": (schema(a=int), schema(a=str), True, True),
    "date becomes instant": (schema(a=Date), schema(a=Instant), True, True),
    "text becomes date": (schema(a=str), schema(a=Date), True, True),
    "text becomes list": (schema(a=str), schema(a=list[str]), True, True),
    "list of texts becomes list of numbers": (schema(a=list[str]), schema(a=list[int]), True, True),
    "number within becomes text": (schema(a=Inner), schema(a=InnerText), True, True),
    "number in a list within becomes text": (schema(a=list[Inner]), schema(a=list[InnerText]), True, True),
    "values of a map change": (schema(a=dict[str, int]), schema(a=dict[str, str]), True, True),
    "least number raised": (
        schema(a=Annotated[int, Field(ge=0)]),
        schema(a=Annotated[int, Field(ge=5)]),
        True,
        True,
    ),
    "least number lowered": (
        schema(a=Annotated[int, Field(ge=5)]),
        schema(a=Annotated[int, Field(ge=0)]),
        False,
        True,
    ),
    "greatest number lowered": (
        schema(a=Annotated[int, Field(le=10)]),
        schema(a=Annotated[int, Field(le=5)]),
        True,
        True,
    ),
    "greatest number lifted": (schema(a=Annotated[int, Field(le=5)]), schema(a=int), False, True),
    "greatest number set": (schema(a=int), schema(a=Annotated[int, Field(le=5)]), True, True),
    "longest text set": (schema(a=str), schema(a=Annotated[str, Field(max_length=3)]), True, True),
    "shortest text lengthened": (schema(a=str), schema(a=Annotated[str, Field(min_length=1)]), True, True),
    "longest list shortened": (
        schema(a=Annotated[list[str], Field(max_length=3)]),
        schema(a=Annotated[list[str], Field(max_length=1)]),
        True,
        True,
    ),
    "longest list lifted": (
        schema(a=Annotated[list[str], Field(max_length=1)]),
        schema(a=list[str]),
        False,
        True,
    ),
    "pattern set": (schema(a=str), schema(a=Annotated[str, Field(pattern="^[ab]$")]), True, True),
    "pattern tightened": (
        schema(a=Annotated[str, Field(pattern="^[a-z]*$")]),
        schema(a=Annotated[str, Field(pattern="^[ab]$")]),
        True,
        True,
    ),
}

VALUES: list[Any] = [
    *(None, True, -1, 0, 1, 3, 5, 6, 10, 11, 1.5),
    *("", "a", "b", "c", "abcdef", "2026-06-01", "2026-06-01T00:00:00Z"),
    *(
        [],
        ["a"],
        ["c"],
        [1],
        ["a", "b"],
        ["a", "b", "c", "a"],
        {"x": 1},
        {"x": "a"},
        [{"x": 1}],
        [{"x": "a"}],
    ),
]
DOCUMENTS: list[Json] = [
    dict(fields)
    for count in range(3)
    for names in itertools.combinations("ab", count)
    for fields in itertools.product(*([(name, value) for value in VALUES] for name in names))
]


def written(by: Json, document: Json) -> bool:
    """What a producer sends: only the fields that its schema declares."""
    return document.keys() <= by["properties"].keys() and jsonschema.Draft202012Validator(by).is_valid(
        document
    )


def counter_example(writer: Json, reader: Json) -> Json | None:
    judge = jsonschema.Draft202012Validator(reader)
    return next((d for d in DOCUMENTS if written(writer, d) and not judge.is_valid(d)), None)


@pytest.mark.parametrize(("old", "new", "consumed", "published"), CHANGES.values(), ids=CHANGES)
def test_each_change_is_allowed_or_refused(old: Json, new: Json, consumed: bool, published: bool) -> None:
    assert bool(incompatible("Example.1", old, new, published=False)) == consumed
    assert bool(incompatible("Example.1", old, new, published=True)) == published


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in ("field removed", "field renamed")])
def test_a_change_is_refused_exactly_when_there_is_a_counterexample(name: str) -> None:
    old, new, consumed, published = CHANGES[name]
    old_not_read, new_not_read = counter_example(old, new), counter_example(new, old)
    assert (old_not_read is not None) == consumed  # replay of a journal
    assert (old_not_read is not None or new_not_read is not None) == published  # consumers elsewhere, too


def _with(old: Json, **change: Any) -> Json:
    new = copy.deepcopy(old)
    new["properties"]["a"].update(change)
    return new


TEXT = schema(a=Annotated[str, Field(min_length=2, max_length=5, pattern="^[a-z]*$")])
# Changes that documents cannot show, or that are allowed although a strict consumer would refuse them.
BY_MEANING: dict[str, tuple[Json, Json, bool, bool]] = {
    "text loosened": (TEXT, _with(schema(a=str), minLength=1, maxLength=9), False, False),
    "pattern lifted": (TEXT, _with(schema(a=str), minLength=2, maxLength=5), False, False),
    "pattern changed": (TEXT, _with(TEXT, pattern="^[a-z0-9]*$"), True, True),
    "description": (TEXT, _with(TEXT, description="Better said."), False, False),
    "format added": (schema(a=str), _with(schema(a=str), format="date"), True, True),
    "format changed": (schema(a=Date), _with(schema(a=Date), format="date-time"), True, True),
    "format removed": (_with(schema(a=str), format="date"), schema(a=str), True, True),
    "default changed": (schema(a=(bool, False)), schema(a=(bool, True)), True, True),
    "an unknown keyword": (schema(a=int), _with(schema(a=int), multipleOf=7), True, True),
    "a choice": (schema(a=int | str), schema(a=int | bool), True, True),
    "closed to unknown fields": (schema(a=int), schema(a=int) | {"additionalProperties": False}, True, True),
    "correction key": (
        schema(a=str) | {"x-correction-key": ["a"]},
        schema(a=str) | {"x-correction-key": []},
        True,
        True,
    ),
    "value added to an open list": (
        _with(schema(a=AB), **{"x-extensible-enum": True}),
        _with(schema(a=ABC), **{"x-extensible-enum": True}),
        False,
        False,
    ),
    "value removed from an open list": (
        _with(schema(a=ABC), **{"x-extensible-enum": True}),
        _with(schema(a=AB), **{"x-extensible-enum": True}),
        True,
        True,
    ),
    "list opened": (schema(a=AB), _with(schema(a=AB), **{"x-extensible-enum": True}), False, True),
}


@pytest.mark.parametrize(("old", "new", "consumed", "published"), BY_MEANING.values(), ids=BY_MEANING)
def test_changes_that_documents_cannot_show_are_judged_by_meaning(
    old: Json, new: Json, consumed: bool, published: bool
) -> None:
    test_each_change_is_allowed_or_refused(old, new, consumed, published)


def test_the_message_names_type_field_rule_and_remedy() -> None:
    [message] = incompatible("Example.1", schema(a=list[Inner]), schema(a=list[InnerText]), published=False)
    assert message == (
        "Example.1: data.a[].x: type changed from integer to string; keep it as it was (optional fields "
        "may be added), or publish a new major version beside it"
    )


def test_a_recursive_schema_is_compared_once() -> None:
    tree = {
        "$ref": "#/$defs/Tree",
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"inner": {"$ref": "#/$defs/Tree"}, "n": {"type": "integer"}},
            }
        },
    }
    assert incompatible("Tree.1", tree, tree, published=True) == []
    other = json.loads(json.dumps(tree).replace("integer", "string"))
    assert len(incompatible("Tree.1", tree, other, published=True)) == 1


def _spoil_frozen(root: Path, name: str, change: Callable[[Json], Any]) -> None:
    file = root / "schemas" / "frozen" / name
    frozen = json.loads(file.read_text(encoding="utf-8"))
    change(frozen)
    file.write_text(json.dumps(frozen), encoding="utf-8")


def test_write_and_check(tmp_path: Path) -> None:
    assert len(schemas.check(tmp_path)) == len(schemas.files())  # all are missing
    assert schemas.write(tmp_path) == []
    assert schemas.check(tmp_path) == []
    assert not (tmp_path / "schemas" / "frozen").exists()
    assert schemas.write(tmp_path, release=True) == []
    assert len(list((tmp_path / "schemas" / "frozen").iterdir())) == len(json_schemas())
    assert schemas.check(tmp_path) == []


def test_stale_files_are_named_and_rewritten(tmp_path: Path) -> None:
    schemas.write(tmp_path)
    folder = tmp_path / "schemas" / "json"
    (folder / "ContactMissed.1.json").write_text("{}", encoding="utf-8")
    (folder / "Forgotten.1.json").write_text("{}", encoding="utf-8")
    (folder / "DayStarted.1.json").unlink()
    assert sorted(schemas.check(tmp_path)) == [
        "schemas/json/ContactMissed.1.json is stale: run probation schemas write",
        "schemas/json/DayStarted.1.json is missing: run probation schemas write",
        "schemas/json/Forgotten.1.json belongs to no event type: run probation schemas write",
    ]
    assert schemas.write(tmp_path) == []
    assert schemas.check(tmp_path) == []


def test_an_event_that_voids_another_may_need_fewer_fields_but_never_more() -> None:
    whole, fewer = schema(voided=(bool, False), a=int, b=int), unless_voided("b", a=int, b=int)
    assert incompatible("Example", whole, fewer, published=False) == []
    assert "data.b: became required" in incompatible("Example", fewer, whole, published=False)[1]
    added = incompatible("Example", schema(voided=(bool, False), a=int), fewer, published=False)
    assert "data.b: added as required" in added[0]


def test_nothing_is_written_if_a_released_schema_would_break(tmp_path: Path) -> None:
    schemas.write(tmp_path, release=True)
    stale = tmp_path / "schemas" / "json" / "DayStarted.1.json"
    stale.write_text("{}", encoding="utf-8")
    _spoil_frozen(
        tmp_path, "ContactMissed.1.json", lambda s: s["properties"].update(place={"type": "string"})
    )
    _spoil_frozen(tmp_path, "SentenceImposed.1.json", lambda s: s["else"]["required"].remove("pdu"))
    _spoil_frozen(tmp_path, "CloudEvent.json", lambda s: s["properties"]["id"].update(type="integer"))
    (tmp_path / "schemas" / "frozen" / "ContactLost.1.json").write_text("{}", encoding="utf-8")
    problems = schemas.write(tmp_path, release=True)
    assert [problem.split(";")[0] for problem in problems] == [
        "CloudEvent: data.id: type changed from integer to string",
        "ContactLost.1: was released and has been removed, but old events must still be readable",
        "ContactMissed.1: data.place: removed",
        "SentenceImposed.1: data.pdu: became required: old events do not have it",
    ]
    assert stale.read_text(encoding="utf-8") == "{}"
    assert schemas.check(tmp_path)[0].startswith("schemas/json/DayStarted.1.json is stale")
    assert schemas.check(tmp_path)[1:] == problems
