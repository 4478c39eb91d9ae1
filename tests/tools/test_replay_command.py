"""`probation replay`: the same bytes each time, and one line that says what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.parsing import parse
from tests.schemas import golden
from tests.tools.conftest import Said, is_one_line
from tools.services import BY_NAME
from tools.simulate import FIRST_DAY, caseload

Call = Callable[..., Said]
_MORE = (
    'name = "more"\nvalue = 1\nkey_date = "contact"\nsource = "test"\nconfidence = "assumption"\n\n'
    '[[value]]\nname = "monthly_contacts"'
)


def test_replay_gives_the_same_bytes_twice_and_keeps_refused_lines(call: Call, elsewhere: Path) -> None:
    made = call("simulate", "--people", "4", "--days", "40", "--out", "in.jsonl")
    assert made.code == 0
    good = (elsewhere / "in.jsonl").read_bytes()
    assert good == b"".join(line + b"\n" for line in caseload(people=4, days=40))
    (elsewhere / "in.jsonl").write_bytes(b"rubbish\n" + good)
    for out, jobs in (("first.jsonl", "1"), ("second.jsonl", "2")):
        said = call("replay", "in.jsonl", "--out", out, "--dead-letters", "dead.jsonl", "--jobs", jobs)
        assert said.code == 0, said.err
        assert "dead letters: 1 (" in said.out
    published = (elsewhere / "first.jsonl").read_bytes()
    assert published == (elsewhere / "second.jsonl").read_bytes()
    assert "CaseAllocated" in {parse(line).type for line in published.splitlines()}
    letters = [json.loads(line) for line in (elsewhere / "dead.jsonl").read_text().splitlines()]
    assert [(letter["line"], letter["reason"], letter["text"]) for letter in letters] == [
        (1, "unreadable", "rubbish")
    ]
    lossy = call("replay", "in.jsonl", "--out", "third.jsonl")
    assert lossy.code == 1
    assert "1 lines were refused and left out; the first is line 1 (unreadable)" in lossy.err
    assert (elsewhere / "third.jsonl").read_bytes() == published


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("monthly_contacts", "monthly_contact"),
            "value 'monthly_contacts' is missing: start from a copy of",
        ),
        (("value = 1\n", 'value = "one"\n'), "'monthly_contacts' is of kind text, not integer"),
        (('name = "monthly_contacts"', _MORE), "no rule uses 'more'"),
    ],
)
def test_a_policy_that_would_fail_every_case_is_refused_before_the_replay(
    call: Call, elsewhere: Path, change: tuple[str, str], message: str
) -> None:
    (elsewhere / "in.jsonl").touch()
    own = BY_NAME["contacts"].policy.read_text("utf-8")
    (elsewhere / "policy").mkdir()
    (elsewhere / "policy" / "contacts.toml").write_text(own.replace(*change, 1), encoding="utf-8")
    is_one_line(call("replay", "in.jsonl", "--out", "o", "--policy", "policy"), message, code=1)
    assert not (elsewhere / "o").exists()


def test_a_replay_says_which_cases_could_not_be_assessed(call: Call, elsewhere: Path) -> None:
    call("simulate", "--people", "2", "--days", "60", "--out", "in.jsonl")
    own = BY_NAME["contacts"].policy.read_text("utf-8")
    later = own.replace("value = 1\n", "value = 1\neffective_from = 2090-01-01\n", 1)
    (elsewhere / "policy").mkdir()
    (elsewhere / "policy" / "contacts.toml").write_text(later, encoding="utf-8")
    said = call("replay", "in.jsonl", "--out", "out.jsonl", "--policy", "policy")
    assert said.code == 1
    assert re.search(r"\d cases could not be assessed.* X\d+ in contacts \(PolicyError", said.err), said.err
    assert (elsewhere / "out.jsonl").stat().st_size > 0  # the run finished, so its results are there


def test_replaying_an_empty_file_says_what_is_missing(call: Call, elsewhere: Path) -> None:
    (elsewhere / "empty.jsonl").touch()
    is_one_line(call("replay", "empty.jsonl", "--out", "o"), "empty.jsonl is empty", code=1)
    call("simulate", "--people", "2", "--days", "30", "--out", "in.jsonl")
    said = call("replay", "in.jsonl", "--out", "o", "--until", "2024-01-01")
    is_one_line(said, "--until 2024-01-01 is before the first event of in.jsonl", code=1)
    assert not (elsewhere / "o").exists()


def test_replay_plays_up_to_the_requested_day(call: Call) -> None:
    call("simulate", "--people", "2", "--days", "30", "--out", "in.jsonl")
    until = FIRST_DAY + timedelta(days=3)
    said = call("replay", "in.jsonl", "--out", "out.jsonl", "--until", until.isoformat())
    assert f"{FIRST_DAY} to {until}" in said.out
    assert " 0 of them after the last day" not in said.out


def test_a_replay_tells_what_is_doubtful(call: Call, elsewhere: Path) -> None:
    event = golden("SentenceImposed")
    event["data"]["requirement"] = event["data"].pop("requirements")
    (elsewhere / "in.json").write_text(json.dumps([event], indent=2))
    said = call("replay", "in.json", "--out", "out.jsonl", "--warnings", "doubtful.jsonl")
    assert said.code == 0, said.err
    assert "warnings: 1 (1 unknown_field); the first is line 1: data.requirement is not a field" in said.out
    (warned,) = map(json.loads, (elsewhere / "doubtful.jsonl").read_text().splitlines())
    assert (warned["line"], warned["kind"]) == (1, "unknown_field")
