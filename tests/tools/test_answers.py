"""`explain --from`, `report` and `rule`: what they tell, and that they agree."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.envelope import CloudEvent
from schemas.language import render
from schemas.parsing import parse
from shared.answers.listed import MEASURES
from shared.answers.measures import counts, shown, total
from shared.answers.open_items import waiting
from shared.answers.responsible import responsible
from shared.answers.standing import Standing
from tests import facts as f
from tests.answers.published import fact, said, withdrawn
from tests.tools.conftest import Said
from tools.event_file import events_in
from tools.example import YEAR, example_of, played

Call = Callable[..., Said]
ACall = Callable[..., Awaitable[Said]]

CHECK = said("PartnerCheckDue", "2026-03-02", check="health", due_on="2026-03-16")
VISIT = said("HomeVisitRequired", "2026-03-03", registration="R1", due_on="2026-03-05")
FOUND = [fact(f.allocated("2026-03-02", "new", manager_id="M1")), CHECK, VISIT]


@pytest.fixture(scope="module")
def year() -> list[bytes]:
    """The example year with all that follows from it, as the file of a replay would have it."""
    return [render(event) for event in played(events_in(YEAR))]


@pytest.fixture
def file(elsewhere: Path) -> Path:
    path = elsewhere / "found.jsonl"
    path.write_bytes(b"".join(render(event) + b"\n" for event in FOUND))
    return path


# -- explain ------------------------------------------------------------------------------------------


def test_explain_begins_with_who_is_responsible_what_is_open_and_what_is_due_next(
    call: Call, file: Path
) -> None:
    out = call("explain", "X123456", "--from", str(file), "--on", "2026-03-10").out
    in_order = [
        "On 10 March 2026",
        "Who is responsible",
        "  S1: P1 (manager M1), generic team, camden, london, since 2 March 2026",
        "What is open now: 2, 1 of them overdue",
        "was due 5 March 2026 Home visit  sentence S1, R1",
        "P1, the practitioner: Visit the person at home and record it.",
        "due 16 March 2026    Check with another agency",
        "What is due next",
        "  16 March 2026: Check with another agency. P1, the practitioner: Make the check and record it.",
        "Mon 02 Mar 2026",
    ]
    places = [out.find(words) for words in in_order]
    assert -1 not in places, in_order[places.index(-1)]
    assert places == sorted(places)


def test_explain_names_each_rule_with_its_title(call: Call, file: Path) -> None:
    out = call("explain", "X123456", "--from", str(file)).out
    assert re.search(r"^ +CONT-1 +Minimum contact levels are held as guidance", out, re.MULTILINE)


def test_explain_tells_the_same_in_json(call: Call, file: Path) -> None:
    told = json.loads(call("explain", "X123456", "--from", str(file), "--json").out)
    assert told["now"]["today"] == "2026-03-03"
    assert [one["practitioner_id"] for one in told["now"]["responsible"]] == ["P1"]
    assert [(one["type"], one["who"], one["overdue"]) for one in told["now"]["open"]] == [
        ("HomeVisitRequired", "P1", False),
        ("PartnerCheckDue", "P1", False),
    ]
    assert [one["type"] for one in told["now"]["due_next"]] == ["HomeVisitRequired"]
    assert told["rules"]["CONT-1"].startswith("Minimum contact levels")


def test_explain_as_of_an_earlier_day_knows_nothing_later(call: Call, elsewhere: Path) -> None:
    late = withdrawn(VISIT, "resolved", "2026-03-04")
    events = [*FOUND, late.model_copy(update={"time": f.moment("2026-03-04")})]
    (elsewhere / "found.jsonl").write_bytes(b"".join(render(event) + b"\n" for event in events))
    words = ("explain", "X123456", "--from", "found.jsonl", "--json")
    before = json.loads(call(*words, "--on", "2026-03-03").out)
    after = json.loads(call(*words).out)
    assert [one["type"] for one in before["now"]["open"]] == ["HomeVisitRequired", "PartnerCheckDue"]
    assert [one["type"] for one in after["now"]["open"]] == ["PartnerCheckDue"]


@pytest.mark.parametrize(
    "limited",
    [
        CHECK.model_copy(update={"data": CHECK.data.model_copy(update={"limited": True})}),
        fact(f.limited("2026-03-01")),
    ],
)
def test_explain_of_a_limited_case_in_a_file_asks_by_what_right(
    call: Call, elsewhere: Path, limited: CloudEvent[Any]
) -> None:
    (elsewhere / "found.jsonl").write_bytes(render(limited))
    said = call("explain", "X123456", "--from", "found.jsonl")
    assert said.code == 1
    assert "access to it is limited" in said.err
    assert call("explain", "X123456", "--from", "found.jsonl", "--access-reason", "REF 1").code == 0


def test_a_case_shows_what_the_whole_caseload_shows_of_it(
    call: Call, elsewhere: Path, year: list[bytes]
) -> None:
    """What is open and who must act is the same for one person as among all."""
    (elsewhere / "year.jsonl").write_bytes(b"\n".join(year))
    found = Standing(map(parse, year))
    everything = waiting(found, date(2026, 1, 5))
    crn = next(item.person for item in everything if item.event.dataclassification and item.who)
    told = json.loads(call("explain", crn, "--from", "year.jsonl", "--on", "2026-01-05", "--json").out)
    assert [(one["id"], one["who"], one["overdue"]) for one in told["now"]["open"]] == [
        (item.event.id, item.who, item.overdue) for item in everything if item.person == crn
    ]


@pytest.mark.parametrize("seed", range(3))
def test_in_whatever_order_and_however_often_events_come_the_answers_are_the_same(
    year: list[bytes], seed: int
) -> None:
    def answers(events: list[CloudEvent[Any]]) -> tuple[object, ...]:
        found = Standing(events)
        items = [(i.event.id, i.who, i.place, i.overdue) for i in waiting(found, date(2026, 1, 5))]
        return items, responsible(found), counts(found)

    events = [*map(parse, year)]
    mixed = [*events, *events[::7]]
    random.Random(seed).shuffle(mixed)
    assert answers(mixed) == answers(events)


# -- report -------------------------------------------------------------------------------------------


def test_the_report_has_the_numbers_of_each_delivery_unit_and_month(
    call: Call, elsewhere: Path, year: list[bytes]
) -> None:
    (elsewhere / "year.jsonl").write_bytes(b"\n".join(year))
    said = call("report", "--from", "year.jsonl", "--months", "24", "--csv", "numbers.csv")
    assert said.code == 0, said.err
    assert said.out.startswith("Facts up to ")
    assert "Gwent (wales)" in said.out
    rows = [*csv.DictReader((elsewhere / "numbers.csv").read_text("utf-8").splitlines())]
    found = Standing(map(parse, year))
    for measure in (one for one in MEASURES if one.per == 1):
        count = total(measure, found)
        assert sum(int(row["total"]) for row in rows if row["measure"] == measure.name) == count.total
        if count.total:
            whole = re.search(rf"^ {measure.name} .* ({shown(measure, count)}) *$", said.out, re.MULTILINE)
            assert whole, measure.name
    assert {row["definition"] for row in rows if row["measure"] == "breaches brought"} == {
        "proceedings started"
    }


def test_the_report_of_one_unit_is_found_however_it_is_spelt(
    call: Call, elsewhere: Path, year: list[bytes]
) -> None:
    (elsewhere / "year.jsonl").write_bytes(b"\n".join(year))
    said = call("report", "--from", "year.jsonl", "--unit", "gWENT ")
    assert "Gwent (wales)" in said.out
    assert "Camden" not in said.out


def test_no_cell_of_the_numbers_begins_as_a_formula(call: Call, elsewhere: Path) -> None:
    started = said("BreachStarted", "2026-03-02", started_on="2026-03-02", pdu="=1+1")
    (elsewhere / "found.jsonl").write_bytes(render(started))
    call("report", "--from", "found.jsonl", "--csv", "numbers.csv")
    (row,) = csv.DictReader((elsewhere / "numbers.csv").read_text("utf-8").splitlines())
    assert row["delivery_unit"] == "'=1+1"


# -- rule ---------------------------------------------------------------------------------------------


def test_a_rule_is_told_with_its_words_source_values_by_date_and_an_example(call: Call) -> None:
    out = call("rule", "enf-11").out
    assert out.startswith("ENF-11  Evidence window: default 5 BD after the absence\n")
    assert "Source: MSDH; RSL (published)" in out
    assert "absence_decision_overdue (services/enforcement/rules/absences.py)" in out
    assert "enforcement.evidence_days = 7 calendar days, until 2021-11-22" in out
    assert "enforcement.evidence_days = 5 business days, from 2021-11-23" in out
    assert re.search(r"gives AbsenceDecisionOverdue .* due on 20\d\d-\d\d-\d\d", out)


def test_a_rule_without_a_function_says_what_stands_for_it(call: Call) -> None:
    out = call("rule", "CONT-15").out
    assert "Implemented in: feeds/practice/codes.toml: both codes are unacceptable_absence" in out
    assert "none: no finding of the example year rests on it" in out


def test_the_example_is_a_finding_that_is_right_with_all_its_grounds() -> None:
    example = example_of("CONT-7")
    assert example is not None
    assert "CONT-7" in example.finding.data.why.rules
    assert example.withdrawn in (None, "resolved", "ended")
    assert len(example.evidence) == len(example.finding.data.why.evidence)
