"""`demo`, which newcomers run first, and how it follows what the services publish."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from schemas.language import render
from schemas.parsing import parse
from schemas.practice import ContactOutcomeRecorded
from schemas.words import AcceptableReason, Outcome
from tests.ledger import PERSON, Ledger
from tests.tools.programs import Program
from tools.demo import account
from tools.demo.follow import Follower
from tools.services import BY_NAME
from tools.simulate import caseload


def test_the_demo_plays_a_month_of_ten_people(elsewhere: Path) -> None:
    demo = Program("demo", "--people", "10", "--days", "30", "--seed", "2", folder=elsewhere)
    code, out = demo.ends(), demo.said
    assert code == 0, out
    lines = caseload(seed=2, people=10, days=30)
    sentences = {e.data.sentence_id for e in map(parse, lines) if e.type == "SentenceImposed"}
    allocated = re.search(r"sentences allocated on time +(\d+) of (\d+)", out)
    assert allocated
    assert int(allocated[2]) <= len(sentences)
    assert int(allocated[1]) > 0
    assert re.search(rf"facts in +{len(lines)} ", out)
    assert "2025-02-04" in out  # progress in plain lines: there is no terminal
    assert "\x1b[" not in out
    assert "What to try next" in out
    assert list(elsewhere.iterdir()) == []  # it leaves nothing behind


def test_the_follower_keeps_what_stands_and_why_the_rest_was_withdrawn() -> None:
    ledger = Ledger(BY_NAME["contacts"])
    ledger.day("2025-01-06")
    for line in caseload(people=1, days=60):
        if (event := parse(line)).type == "SentenceImposed":
            ledger.day(event.data.imposed_on)
            sentence, on = event.data, event.data.imposed_on
    ledger.tell(sentence, _outcome(sentence.sentence_id, on, "unacceptable_absence", None))
    ledger.tell(_outcome(sentence.sentence_id, on, "acceptable_absence", "medical"))
    follower = Follower()
    for event in [*ledger.published, *ledger.published]:
        follower.take(render(event))
    assert follower.count == {"contacts": len(ledger.published)}
    assert [e.type for e in follower.standing.events("ContactMissed", "ContactExcused")] == ["ContactExcused"]
    assert ("ContactMissed", "corrected") in [(e.type, by.reason) for e, by in follower.standing.withdrawn]
    assert account.choose(follower) == [("A case with a corrected record", PERSON)]


def _outcome(
    sentence_id: str, on: date, outcome: Outcome, reason: AcceptableReason | None
) -> ContactOutcomeRecorded:
    return ContactOutcomeRecorded(
        contact_id="C1",
        sentence_id=sentence_id,
        occurred_on=on,
        kind="planned",
        mode="face_to_face",
        national_standard=True,
        outcome=outcome,
        acceptable_reason=reason,
    )
