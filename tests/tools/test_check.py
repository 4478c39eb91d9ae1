"""`check`: what an integrator is told about events before they are published."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from schemas.catalogue import CATALOGUE
from schemas.envelope import Upstream
from schemas.language import render
from tests import facts as f
from tests.casebook import event_of
from tests.facts import Fact
from tests.runtime.environment import PATIENCE
from tests.schemas import encode, golden
from tests.schemas.broken import broken_messages
from tests.tools.conftest import Said, is_one_line
from tools.check.checking import Checked, check
from tools.check.findings import DOUBTFUL, REFUSED
from tools.check.references import INTRODUCED_BY, MENTIONED_BY, day_of
from tools.check.web import MOST_BYTES, Web
from tools.clock import day_started
from tools.embedded.process import free_port
from tools.event_file import events_in
from tools.players import replay
from tools.services import SERVICES

Call = Callable[..., Said]
ACall = Callable[..., Awaitable[Said]]
ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)


def line(fact: Fact, **attributes: Any) -> bytes:
    """A fact as its feed sends it, with other attributes of the envelope if given."""
    event = json.loads(render(event_of(fact)))
    return encode({name: value for name, value in (event | attributes).items() if value is not None})


def file(folder: Path, *lines: bytes) -> Path:
    path = folder / "events.jsonl"
    path.write_bytes(b"".join(one + b"\n" for one in lines))
    return path


def found(folder: Path, *lines: bytes) -> Checked:
    return check(file(folder, *lines), NOW, jobs=0)


def kinds(checked: Checked) -> list[tuple[str, str, str | None, list[int]]]:
    """Each mistake: how grave, what, in which field, on which lines."""
    return [(one.grade, one.kind, one.field, list(lines)) for one, lines in checked.mistakes]


ORDER = f.order("2026-03-02")
CONTACT = f.contact("2026-03-10", id="C1")


def test_each_event_of_the_catalogue_is_valid(tmp_path: Path) -> None:
    events = [encode(golden(type)) for type in CATALOGUE]
    checked = check(file(tmp_path, *events), datetime(2040, 1, 1, tzinfo=UTC), jobs=0)
    assert (checked.events, checked.refused) == (len(CATALOGUE), 0), kinds(checked)


def test_every_broken_message_is_refused_for_the_reason_of_its_dead_letter(tmp_path: Path) -> None:
    broken = [(value, reason) for _, value, reason in broken_messages() if one_line(value)]
    told: dict[int, str] = {}
    for mistake, lines in found(tmp_path, *(value for value, _ in broken)).mistakes:
        if mistake.grade == REFUSED:
            told |= dict.fromkeys(lines, mistake.kind)
    assert told == {number: reason for number, (_, reason) in enumerate(broken, 1)}


def test_a_check_refuses_what_the_services_refuse_when_they_play_the_file(tmp_path: Path) -> None:
    broken = [value for _, value, _ in broken_messages() if one_line(value)]
    lines = [line(ORDER), *broken, line(CONTACT)]
    mistakes = [(one, on) for one, on in found(tmp_path, *lines).mistakes if one.grade == REFUSED]
    read = {topic for service in SERVICES for topic in service.reads}
    refused = {
        n for one, on in mistakes for n in on if one.type not in CATALOGUE or topic_of(one.type) in read
    }
    outcome = replay(events_in(tmp_path / "events.jsonl"), bytes)
    assert refused == {letter.line for letter in outcome.dead_letters}


def topic_of(type: str | None) -> str:
    return CATALOGUE[type or ""].topics[0]


def one_line(value: bytes) -> bool:
    """Can it stand on a line of its own? What begins a file in another form is not read as lines."""
    return bool(value.strip()) and not set(b"\r\n") & set(value)


def test_the_example_of_a_year_has_nothing_to_correct() -> None:
    assert check(ROOT / "tools/cli/example_year.jsonl.gz", NOW, jobs=0).ok


def test_a_sentence_and_a_contact_have_nothing_to_correct(tmp_path: Path) -> None:
    checked = found(tmp_path, line(ORDER), line(f.risk("2026-03-02")), line(CONTACT))
    assert (checked.ok, checked.events, checked.people, kinds(checked)) == (True, 3, 1, [])


@pytest.mark.parametrize(
    ("wrong", "kind", "says"),
    [
        (b"{nonsense", "unreadable", "key must be a string"),
        (line(ORDER, specversion=None), "not_cloudevent", "specversion: Field required"),
        (line(ORDER, type="SentenceImpose"), "unknown_type", "SentenceImposed was probably meant"),
        (line(ORDER, subject=None), "wrong_subject", "subject: "),
        (line(ORDER, partitionkey="X999999"), "wrong_subject", "partitionkey is not the subject"),
        (line(ORDER, source="/feeds/prison"), "wrong_source", "give the source /feeds/court"),
        (line(ORDER, time="2026-03-02T09:00:00"), "not_cloudevent", "time: "),
        (line(ORDER, recordedtime="2026-06-22T09:00:00Z"), "from_the_future", "set the sender's clock"),
        (b"[" + line(ORDER) + b"]", "not_cloudevent", "send each event as a message of its own"),
        (encode({"eventType": "x", "detailUrl": "y"}), "not_cloudevent", "it is an HMPPS domain event"),
    ],
)
def test_what_the_services_would_refuse_is_told_in_their_words(
    tmp_path: Path, wrong: bytes, kind: str, says: str
) -> None:
    checked = found(tmp_path, line(ORDER), wrong)
    [(mistake, lines)] = checked.mistakes
    assert (mistake.grade, mistake.kind, list(lines)) == (REFUSED, kind, [2])
    assert says in mistake.explanation
    assert (checked.events, checked.refused) == (2, 1)


def test_a_field_that_nobody_reads_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    event = json.loads(line(CONTACT))
    event["data"]["requirment_id"] = "RAR"
    [(mistake, _)] = found(tmp_path, line(ORDER), encode(event)).mistakes
    assert (mistake.kind, mistake.field) == ("unknown_field", "data.requirment_id")
    assert "data.requirement_id was probably meant" in mistake.explanation


def test_an_event_that_comes_again_has_no_effect_and_is_no_mistake(tmp_path: Path) -> None:
    again = json.dumps(json.loads(line(ORDER)), indent=None, sort_keys=True).encode()
    checked = found(tmp_path, line(ORDER), line(ORDER), again)
    assert checked.notes == ["2 times an event comes again as it was: that has no effect"]
    assert checked.ok


def test_an_id_used_for_something_else_is_told(tmp_path: Path) -> None:
    other = line(f.order("2026-03-02", id="S2"), id=json.loads(line(ORDER))["id"])
    assert kinds(found(tmp_path, line(ORDER), other)) == [(DOUBTFUL, "altered_id", "id", [2])]


def test_a_version_that_does_not_stand_is_told(tmp_path: Path) -> None:
    late = line(ORDER, id="late", recordedtime="2026-03-05T09:00:00Z")
    checked = found(tmp_path, late, line(ORDER))
    assert kinds(checked) == [(DOUBTFUL, "version_not_standing", "recordedtime", [2])]


@pytest.mark.parametrize(
    ("one", "field"),
    [
        (f.contact("2026-03-10", id="C1", sentence_id="S9"), "data.sentence_id"),
        (f.action("2026-03-10", contact_id="C9"), "data.contact_id"),
        (f.accepted("2026-03-10", id="F9", provider_id="V1"), "data.referral_id"),
        (f.session("2026-03-10", id="N1", requirement_id="R9"), "data.requirement_id"),
        (f.left("2026-03-10", id="K9"), "data.custody_id"),
        (f.merged("2026-03-10", "X999999", subject="X000001"), "data.into"),
    ],
)
def test_a_mention_of_what_no_event_tells_of_is_told(tmp_path: Path, one: Fact, field: str) -> None:
    provider = f.qualified("2026-01-01", id="V1")
    told = kinds(found(tmp_path, line(provider), line(ORDER), line(one)))
    assert (DOUBTFUL, "unknown_reference", field, [3]) in told
    assert {kind for _, kind, *_ in told} == {"unknown_reference"}


def test_what_is_mentioned_may_come_later_in_the_file(tmp_path: Path) -> None:
    assert found(tmp_path, line(CONTACT), line(ORDER)).ok


def test_a_sentence_that_was_voided_is_unknown(tmp_path: Path) -> None:
    never = line(ORDER.voided(), recordedtime="2026-03-05T09:00:00Z")
    told = kinds(found(tmp_path, line(ORDER), line(CONTACT), never))
    assert told == [(DOUBTFUL, "unknown_reference", "data.sentence_id", [2])]


def test_a_mention_that_was_corrected_is_no_mistake(tmp_path: Path) -> None:
    wrong = f.contact("2026-03-10", id="C1", sentence_id="S9")
    right = line(CONTACT, id="right", recordedtime="2026-03-11T09:00:00Z")
    assert found(tmp_path, line(ORDER), line(wrong), right).ok


def test_the_sentence_of_another_person_is_told_unless_their_records_are_one(tmp_path: Path) -> None:
    about = line(CONTACT.about("X000001"))
    told = found(tmp_path, line(ORDER), about)
    assert kinds(told) == [(DOUBTFUL, "unknown_reference", "data.sentence_id", [2])]
    assert "of another person" in next(iter(told.mistakes))[0].explanation
    merge = line(f.merged("2026-03-12", "X123456", subject="X000001"))
    assert found(tmp_path, line(ORDER), about, merge).ok


def test_what_is_sent_under_a_number_that_went_into_another_is_told(tmp_path: Path) -> None:
    merge = line(f.merged("2026-03-05", "X123456", subject="X000001"))
    told = kinds(found(tmp_path, line(ORDER), merge, line(CONTACT.about("X000001"))))
    assert told == [(DOUBTFUL, "merged_person", "subject", [3])]


def test_what_is_sent_of_an_erased_person_would_be_refused(tmp_path: Path) -> None:
    told = kinds(found(tmp_path, line(ORDER), line(f.erased("2026-03-05")), line(CONTACT)))
    assert told == [(REFUSED, "person_erased", "subject", [3])]


@pytest.mark.parametrize(
    ("one", "field"),
    [
        (f.contact("2026-02-10", id="C1"), "data.occurred_on"),
        (f.varied("2026-05-01", "2026-04-01"), "data.ends_on"),
        (f.heard("2026-03-09", recorded="2026-03-08"), "data.heard_on"),
    ],
)
def test_dates_out_of_order_are_told(tmp_path: Path, one: Fact, field: str) -> None:
    assert kinds(found(tmp_path, line(ORDER), line(one))) == [(DOUBTFUL, "dates_out_of_order", field, [2])]


def test_a_contact_may_be_planned_or_cancelled_before_its_day(tmp_path: Path) -> None:
    planned = f.scheduled("2026-06-10", recorded="2026-03-03")
    cancelled = f.contact("2026-06-10", "acceptable_absence", id="C2", recorded="2026-06-08")
    assert found(tmp_path, line(ORDER), line(planned), line(cancelled)).ok


def test_a_time_after_the_time_of_recording_is_told(tmp_path: Path) -> None:
    odd = line(ORDER, time="2026-03-02T12:00:01Z", recordedtime="2026-03-02T12:00:00Z")
    assert kinds(found(tmp_path, odd)) == [(DOUBTFUL, "clock", "time", [1])]


def test_days_that_are_missing_or_run_backwards_are_told(tmp_path: Path) -> None:
    days = [day_started(date(2026, 6, day)) for day in (1, 2, 4)]
    back = encode(json.loads(day_started(date(2026, 6, 1))) | {"id": "again"})
    ahead = day_started(date(2026, 6, 30))
    told = kinds(found(tmp_path, *days, back, ahead))
    assert told == [
        (REFUSED, "from_the_future", None, [5]),
        (DOUBTFUL, "clock", "data.date", [3]),
        (DOUBTFUL, "clock", "data.date", [4]),
    ]


def test_numbers_that_are_missing_in_the_sequence_of_a_source_are_told(tmp_path: Path) -> None:
    numbered = [
        line(ORDER, sequence="7"),
        line(f.order("2026-03-02", id="S2"), sequence="8"),
        line(CONTACT.about("X123456"), sequence="1"),
        line(f.order("2026-03-02", id="S3"), sequence="11"),
    ]
    assert kinds(found(tmp_path, *numbered)) == [(DOUBTFUL, "sequence_gap", "sequence", [4])]


@pytest.mark.parametrize(
    ("raw", "note"),
    [
        (b"\xef\xbb\xbf" + line(ORDER) + b"\n", "byte order mark"),
        (line(ORDER) + b"\r\n" + line(CONTACT) + b"\r\n", "CR LF"),
        (b"[" + line(ORDER) + b"]", "array of events (batch mode)"),
        (gzip.compress(line(ORDER) + b"\n"), None),
    ],
)
def test_a_file_in_another_form_is_read_with_a_word_about_it(
    tmp_path: Path, raw: bytes, note: str | None
) -> None:
    path = tmp_path / "events"
    path.write_bytes(raw)
    checked = check(path, NOW, jobs=0)
    assert checked.ok
    assert [note in one for one in checked.notes if note] == ([True] if note else [])


def _ids(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name.endswith("_id"):
            yield name
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _ids(part)


def test_every_id_of_an_event_is_known_as_its_own_or_as_a_mention() -> None:
    own = {field for entry in CATALOGUE.values() for field in entry.key}
    named = {
        field
        for entry in CATALOGUE.values()
        if issubclass(entry.model, Upstream)
        for field in _ids(entry.model)
    }
    assert named - own - set(MENTIONED_BY) == {"condition_id", "manager_id"}  # nothing else tells of these
    for by in INTRODUCED_BY.values():
        for type, field in by.items():
            assert field in set(_ids(CATALOGUE[type].model))


def test_every_event_of_a_feed_has_a_day_except_those_that_only_connect() -> None:
    data = {type: event_data(type) for type, entry in CATALOGUE.items() if issubclass(entry.model, Upstream)}
    without = {type for type, one in data.items() if day_of(one) is None}
    assert without == {"PersonMerged"}


def event_data(type: str) -> Any:
    return CATALOGUE[type].model.model_validate_json(json.dumps(golden(type)["data"]))


async def test_the_command_says_what_is_wrong_and_what_the_services_would_conclude(
    acall: ACall, tmp_path: Path
) -> None:
    missed = f.contact("2026-03-10", "unacceptable_absence", id="C1", sentence_id="S1")
    file(tmp_path, line(ORDER), line(missed), line(f.contact("2026-03-11", id="C2", sentence_id="S9")))
    said = await acall("check", "events.jsonl")
    assert said.code == 1
    assert "3 events about 1 person: 3 valid, 0 refused" in said.out
    assert "ContactOutcomeRecorded unknown_reference, line 3" in said.out
    assert "data.sentence_id names a sentence of which no SentenceImposed tells" in said.out
    assert "What the services would conclude, 2026-03-02 to 2026-03-11" in said.out
    assert "1 ContactMissed" in said.out
    assert "probation explain X123456 --from found.jsonl --from events.jsonl" in said.out
    assert said.err == "probation: 1 mistake above: correct what is wrong, and check again\n"


def test_what_only_the_services_find_together_is_told_too(tmp_path: Path) -> None:
    lines = [line(f.practitioner("2026-03-01", pdu="camden")), line(f.order("2026-03-02", pdu="camdem"))]
    checked = check(file(tmp_path, *lines), NOW, jobs=1)
    assert [(kind, lines) for _, kind, _, lines in kinds(checked)] == [("unknown_unit", [2])]


def test_the_answer_for_programs_has_every_line(call: Call, tmp_path: Path) -> None:
    wrong = [line(f.contact("2026-03-10", id=f"C{n}", sentence_id="S9")) for n in range(30)]
    file(tmp_path, *wrong)
    said = call("check", "events.jsonl", "--quick", "--json")
    assert (said.code, said.err) == (1, "")
    answer = json.loads(said.out)
    assert (answer["ok"], answer["events"], answer["valid"], answer["conclusions"]) == (False, 30, 30, None)
    [mistake] = answer["mistakes"]
    assert (mistake["count"], mistake["lines"]) == (30, list(range(1, 31)))


def test_standard_input_is_checked_like_a_file(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(line(ORDER) + b"\n")))
    said = call("check", "-", "--quick")
    assert (said.code, said.out) == (0, "1 event about 1 person: 1 valid, 0 refused\n")


@pytest.mark.parametrize(
    ("words", "parts", "code"),
    [
        (("check",), ("give a file, - for standard input, or --serve PORT",), 2),
        (("check", "nowhere.jsonl"), ("nowhere.jsonl: No such file",), 2),
        (("check", "--serve", "web"), ("give a port",), 2),
        (("check", "utf16"), ("save it as UTF-8",), 2),
        (("check", "broken", "--quick"), ("line 1, is not JSON",), 2),
    ],
)
def test_a_mistake_in_the_call_is_told_in_one_line(
    call: Call, tmp_path: Path, words: tuple[str, ...], parts: tuple[str, ...], code: int
) -> None:
    (tmp_path / "utf16").write_bytes(line(ORDER).decode().encode("utf-16"))
    (tmp_path / "broken").write_bytes(b"[" + line(ORDER))
    is_one_line(call(*words), *parts, code=code)


def test_a_file_without_events_has_nothing_to_check(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    said = call("check", "empty")
    assert said.code == 1
    assert "there is nothing to check" in said.err


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    """The endpoint. Its processes take seconds to start, so that the tests share it: it keeps nothing."""
    with Web() as web:
        yield web


@pytest.fixture
async def client(web: Web) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=web.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://check") as client:
        yield client


async def test_those_without_python_post_their_lines(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/check", content=line(ORDER) + b"\n" + line(CONTACT))).json()
    assert (answer["ok"], answer["events"], answer["people"]) == (True, 2, 1)
    assert answer["conclusions"]["standing"]["contacts"]["ContactPlanSet"] == 1
    assert "curl --data-binary" in (await client.get("/")).text
    assert (await client.get("/readyz")).json() == {"ok": True}


async def test_checks_at_the_same_time_know_nothing_of_each_other(client: httpx.AsyncClient) -> None:
    bodies = [b"\n".join([line(ORDER)] * number) for number in range(1, 9)]
    answers = await asyncio.gather(*(client.post("/check?quick=true", content=body) for body in bodies))
    assert [answer.json()["events"] for answer in answers] == list(range(1, 9))
    assert all(answer.json()["ok"] for answer in answers)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 400, "the body is empty"),
        (b" " * (MOST_BYTES + 1), 413, "send less, or run `probation check`"),
        (gzip.compress(line(ORDER)), 415, "send it unpacked"),
        (b"[" + line(ORDER), 400, "the body, line 1, is not JSON"),
    ],
)
async def test_a_body_that_cannot_be_checked_is_refused_in_words(
    client: httpx.AsyncClient, body: bytes, status: int, says: str
) -> None:
    answer = await client.post("/check?quick=true", content=body)
    assert answer.status_code == status
    assert says in answer.json()["error"]


async def test_what_was_posted_is_not_logged_and_a_signal_ends_the_endpoint(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "tools.cli", "check", "--serve", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.STDOUT}
    running = await asyncio.create_subprocess_exec(*command, env=environment, **pipes)  # type: ignore[arg-type]
    try:
        assert running.stdout is not None
        async with asyncio.timeout(PATIENCE):
            first = await running.stdout.readline()
        assert f"http://127.0.0.1:{port}/check".encode() in first
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            for body in (line(ORDER), b"{nonsense X123456", line(ORDER, subject=None)):
                assert (await client.post("/check?quick=true", content=body)).status_code == 200
        running.terminate()
        async with asyncio.timeout(PATIENCE):
            output, _ = await running.communicate()
        assert b"X123456" not in output
        assert b"Traceback" not in output
        assert running.returncode == 0
    finally:
        if running.returncode is None:
            running.kill()


def test_a_port_in_use_is_told_in_one_line(call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        is_one_line(call("check", "--serve", str(port)), f"cannot listen at 127.0.0.1:{port}", code=1)
