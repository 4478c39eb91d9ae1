"""Dates, times and fields in all the forms in which the sources write them."""

from datetime import UTC, date, datetime

import pytest

from feeds.message import Message, Node, Untranslatable
from feeds.times import NotATime, day_of, instant_of

SUMMER = datetime(2023, 6, 19, 17, 35, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2023-06-19T17:35:59Z",
        "2023-06-19T18:35:59+01:00",
        "2023-06-19T18:35:59+0100",
        "2023-06-19T18:35:59+01:00[Europe/London]",
        "2023-06-19T18:35:59.000000000",
        "2023-06-19T18:35:59",
        "Mon Jun 19 18:35:59 BST 2023",
    ],
)
def test_an_instant_is_read_in_every_form(written: str) -> None:
    assert instant_of(written) == SUMMER


@pytest.mark.parametrize("written", ["01/03/2027", "2027-03-01", "2027-03-01T00:30:00Z", "1/3/2027"])
def test_a_date_is_that_in_london(written: str) -> None:
    assert day_of(written) == date(2027, 3, 1)


def test_just_before_midnight_in_utc_is_the_next_day_in_a_london_summer() -> None:
    assert day_of("2026-06-01T23:30:00Z") == date(2026, 6, 2)


@pytest.mark.parametrize(
    "written", ["", "yesterday", "31/02/2026", "0001-01-01", "9999-12-31T23:59:59-12:00"]
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(NotATime):
        day_of(written)


def test_a_field_of_the_wrong_form_is_named_with_its_path_but_not_its_value() -> None:
    node = Node({"a": [{"when": "Ada Example"}]})
    with pytest.raises(Untranslatable) as refused:
        next(iter(node.each("a"))).day("when")
    assert str(refused.value).startswith("a.0.when: is not a date")
    assert "Ada" not in str(refused.value)


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "x" * 5_000])
def test_a_text_that_nothing_can_store_is_refused(value: str) -> None:
    with pytest.raises(Untranslatable):
        Node({"id": value}).text("id")


def test_a_notification_around_a_message_is_opened() -> None:
    raw = b'{"Type":"Notification","Message":"{\\"a\\":1}","MessageAttributes":{"eventType":{"Value":"x"}}}'
    message = Message(raw, {}, SUMMER, "a test")
    assert (message.root().value, message.attribute("eventType")) == ({"a": 1}, "x")
