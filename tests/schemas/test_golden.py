"""One example of every type in every major version. Once valid, it must stay valid."""

import json

import pytest

from schemas.catalogue import CATALOGUE
from schemas.envelope import render
from schemas.parsing import parse
from tests.schemas import GOLDEN, golden


def test_every_type_has_an_example() -> None:
    assert GOLDEN.keys() >= {f"{e.type}.{e.version}" for e in CATALOGUE.values()}


@pytest.mark.parametrize("line", GOLDEN.values(), ids=GOLDEN)
def test_each_example_is_accepted_and_rendered_unchanged(line: bytes) -> None:
    event = parse(line)
    assert type(event.data) is CATALOGUE[event.type].model
    rendered = render(event)
    assert rendered == line
    assert parse(rendered) == event


@pytest.mark.parametrize("type", CATALOGUE)
def test_optional_fields_are_rendered_as_null_or_their_default(type: str) -> None:
    event = golden(type)
    fields = CATALOGUE[type].model.model_fields
    optional = {f.alias or name for name, f in fields.items() if not f.is_required() and name != "why"}
    if type in ("EligibilityAssessed", "InterventionStarted", "ReferralRequested"):
        optional &= {"limited"}  # one of their optional fields is required
    if type in ("SentenceImposed", "ContactOutcomeRecorded"):
        optional &= {"voided"}
    kept = {key: value for key, value in event["data"].items() if key not in optional}
    rendered = json.loads(render(parse(json.dumps(event | {"data": kept}).encode())))
    assert rendered["data"].keys() == event["data"].keys()


@pytest.mark.parametrize("type", ["ContactScheduled", "ContactOutcomeRecorded"])
def test_a_contact_need_not_name_a_sentence(type: str) -> None:
    event = golden(type)
    del event["data"]["sentence_id"]
    for said in (event, event | {"data": {**event["data"], "sentence_id": None}}):
        assert json.loads(render(parse(json.dumps(said).encode())))["data"]["sentence_id"] is None


def test_unknown_fields_and_attributes_are_ignored_and_not_passed_on() -> None:
    event = golden("ContactMissed")
    event["data"]["weather"] = {"rain": True}
    event["weatherstation"] = "Derby"
    assert b"weather" not in render(parse(json.dumps(event).encode()))


def test_attributes_have_a_fixed_order_and_are_left_out_if_none() -> None:
    event = golden("DayStarted")
    shuffled = dict(sorted(event.items(), reverse=True)) | {"traceparent": None}
    rendered = render(parse(json.dumps(shuffled).encode()))
    assert list(json.loads(rendered)) == [
        "specversion",
        "id",
        "source",
        "type",
        "time",
        "recordedtime",
        "datacontenttype",
        "dataschema",
        "data",
    ]
