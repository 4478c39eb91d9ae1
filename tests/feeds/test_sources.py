"""Files hold messages in the ways in which people keep them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feeds.sources import messages_in
from tests.feeds.world import NOON

ONE = {"hearing": {"id": "H1"}}


def bodies(path: Path) -> list[object]:
    return [json.loads(message.body) for message in messages_in(str(path), NOON)]


def test_a_file_holds_one_message_over_many_lines(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(ONE, indent=2))
    assert bodies(tmp_path / "one.json") == [ONE]


def test_a_file_holds_a_message_on_each_line(tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text(f"{json.dumps(ONE)}\n\n{json.dumps(ONE)}\n")
    assert bodies(tmp_path / "many.jsonl") == [ONE, ONE]


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    for number in (2, 1, 3):
        (tmp_path / f"{number}.json").write_text(json.dumps({"n": number}))
    assert bodies(tmp_path) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_attributes_come_beside_the_body(tmp_path: Path) -> None:
    kept = {"attributes": {"eventType": "CONTACT_CHANGED", "odd": 7}, "body": ONE}
    (tmp_path / "one.json").write_text(json.dumps(kept))
    [message] = messages_in(str(tmp_path / "one.json"), NOON)
    assert (json.loads(message.body), message.attributes) == (ONE, {"eventType": "CONTACT_CHANGED"})


def test_a_message_with_its_detail_needs_none_fetched(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps({"body": ONE, "detail": {"crn": "X123456"}}))
    [message] = messages_in(str(tmp_path / "one.json"), NOON)
    assert (json.loads(message.body), message.detail, message.fetched) == (ONE, b'{"crn": "X123456"}', NOON)


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"not JSON", b'{"a": 1'])
def test_what_is_no_json_is_a_message_too_so_that_it_is_not_lost(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "odd").write_bytes(raw)
    assert [message.body for message in messages_in(str(tmp_path / "odd"), NOON)] == [raw]
