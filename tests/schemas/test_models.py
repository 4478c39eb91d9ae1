"""The models as rules use them: built in Python, strict and immutable."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.contacts import ContactMissed, ContactPlanSet
from schemas.envelope import CloudEvent, Refused, Why, render, schema_uri
from schemas.parsing import parse
from schemas.referrals import UnpaidWorkCredited

DAY = date(2026, 6, 15)


def missed(**changes: Any) -> ContactMissed:
    fields: dict[str, Any] = {
        "contact_id": "C-1",
        "sentence_id": "S-1",
        "missed_on": DAY,
        "outcome": "failed_to_comply",
    }
    return ContactMissed(**fields | changes)


def envelope(data: ContactMissed) -> CloudEvent[ContactMissed]:
    return CloudEvent(
        specversion="1.0",
        id="1",
        source="/services/contacts",
        type="ContactMissed",
        subject="X123456",
        time=datetime(2026, 6, 16, 8, 30, tzinfo=UTC),
        dataschema=schema_uri("ContactMissed", ContactMissed.type_version),
        data=data,
    )


def test_a_rule_builds_a_finding_and_the_engine_adds_why() -> None:
    finding = missed()
    assert finding.why is None
    with pytest.raises(Refused, match="why is required"):
        parse(render(envelope(finding)))
    why = Why(rules=["CONT-14"], policy="contacts@2021-06-26", evidence=["event-1"])
    published = parse(render(envelope(finding.model_copy(update={"why": why, "limited": True}))))
    assert published.data == missed(why=why, limited=True)


def test_fields_named_after_python_keywords_have_another_name() -> None:
    plan = ContactPlanSet(sentence_id="S-1", regime="standard", face_to_face_every_days=7, from_=DAY)
    assert plan.model_dump(mode="json", exclude_defaults=True) == {
        "sentence_id": "S-1",
        "regime": "standard",
        "face_to_face_every_days": 7,
        "from": "2026-06-15",
    }
    credited = UnpaidWorkCredited(
        requirement_id="R-1",
        session_id="Z-1",
        minutes=60,
        as_="work",
        worked_minutes=60,
        ordered_minutes=2400,
    )
    assert credited.model_dump()["as"] == "work"


WRONG: dict[str, dict[str, Any]] = {
    "a date as text": {"missed_on": "2026-06-15"},
    "an instant for a date": {"missed_on": datetime(2026, 6, 15, tzinfo=UTC)},
    "a day that is out of range": {"missed_on": date.max},
    "a day long ago": {"missed_on": date(1899, 12, 31)},
    "an unknown word": {"outcome": "lost"},
    "a number for an id": {"contact_id": 1},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_values_set_in_python_are_checked_too(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        missed(**wrong)


@pytest.mark.parametrize("time", [datetime(2026, 6, 16, 8, 30), datetime(9999, 12, 31, tzinfo=UTC), "now"])  # noqa: DTZ001
def test_instants_have_a_time_zone_and_are_in_range(time: Any) -> None:
    with pytest.raises(ValidationError):
        CloudEvent.model_validate(dict(envelope(missed())) | {"time": time})


def test_data_are_immutable_and_compare_by_value() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        missed().outcome = "complied"  # type: ignore[misc]
    assert missed() == missed()
    assert missed() != missed(contact_id="C-2")


def test_errors_do_not_show_the_input() -> None:
    with pytest.raises(ValidationError) as caught:
        missed(contact_id="Jane Doe")
    assert "Jane" not in str(caught.value)
