"""An event that never happened needs only the fields that say which one it was."""

import json
from typing import Any

import jsonschema
import pytest

from schemas.catalogue import CATALOGUE, correction_key
from schemas.envelope import Refused, render
from schemas.generate import json_schemas
from schemas.parsing import parse
from schemas.voiding import may_be_voided, needed
from tests.schemas import encode, golden

TYPES = [type for type, entry in CATALOGUE.items() if may_be_voided(entry)]
SCHEMAS = {name.split(".")[0]: schema for name, schema in json_schemas().items()}


def voiding(type: str) -> dict[str, Any]:
    """An event that says no more than which one never happened."""
    event = golden(type)
    data = {name: event["data"][name] for name in needed(CATALOGUE[type])}
    return event | {"data": data | {"voided": True}}


@pytest.mark.parametrize("type", TYPES)
def test_the_correction_key_is_enough(type: str) -> None:
    event = parse(encode(voiding(type)))
    assert event.data.voided
    assert correction_key(type, event.data) == correction_key(type, parse(encode(golden(type))).data)
    assert parse(render(event)) == event
    jsonschema.validate(voiding(type)["data"], SCHEMAS[type])


@pytest.mark.parametrize("type", [type for type in TYPES if needed(CATALOGUE[type])])
def test_without_the_correction_key_it_is_refused(type: str) -> None:
    for name in needed(CATALOGUE[type]):
        event = voiding(type)
        del event["data"][name]
        with pytest.raises(Refused, match=f"data.{name}: Field required"):
            parse(encode(event))
        assert not jsonschema.Draft202012Validator(SCHEMAS[type]).is_valid(event["data"])


def test_what_it_says_besides_must_be_right() -> None:
    event = voiding("SentenceRevoked")
    event["data"]["revoked_on"] = "some day"
    with pytest.raises(Refused, match=r"data\.revoked_on: "):
        parse(encode(event))


def test_an_event_that_is_not_voided_needs_all() -> None:
    event = voiding("SentenceRevoked")
    event["data"]["voided"] = False
    with pytest.raises(Refused, match=r"data\.revoked_on: Field required; data\.reason: Field required"):
        parse(json.dumps(event).encode())
