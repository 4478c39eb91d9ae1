"""What newcomers read, and the one line that they get if something is wrong."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from feeds.registry import ADAPTERS, topic_of
from schemas.topics import TOPICS
from shared.database import address
from tests.conftest import needs
from tests.tools.conftest import Said, is_one_line
from tools.cli.addresses import announced, database_of, running
from tools.clock import day_of, day_started
from tools.embedded import choose
from tools.embedded.process import free_port
from tools.simulate import caseload

Call = Callable[..., Said]
ACall = Callable[..., Awaitable[Said]]

COMMANDS = (
    *("serve", "up", "ticker", "replay", "demo", "explain", "recheck", "simulate", "check", "doctor"),
    *("dead-letters list", "dead-letters show", "dead-letters redrive", "dead-letters discard"),
    *("db migrate", "topics create", "schemas write", "schemas check"),
)


def test_the_help_describes_every_command_in_a_sentence(call: Call) -> None:
    for words in ([], ["--help"]):
        said = call(*words)
        assert said.code == 0
        for command in COMMANDS:
            assert command.split()[0] in said.out
        assert "probation demo" in said.out
        assert all(f"─ {panel} " in said.out for panel in ("Start here", "Ask", "When something went wrong"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(call: Call, command: str) -> None:
    said = call(*command.split(), "--help")
    assert said.code == 0
    assert f"Usage: probation {command}" in said.out
    summary = said.out.split("\n\n")[0].splitlines() + said.out.splitlines()[2:5]
    assert any(line.strip().endswith((".", "?", "finding.")) for line in summary), said.out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_says_in_plain_words_what_to_write(call: Call, command: str) -> None:
    out = call(*command.split(), "--help").out
    usage = next(line for line in out.splitlines() if "Usage: " in line)
    columns = [line for line in out.splitlines() if line.startswith("│")]
    assert not set("{}<") & set(usage)
    assert not re.search(r"<(int|str|bool|list|file|path|dir|directory)\b", "".join(columns))
    if "SERVICE" in usage:
        assert "allocation | contacts | enforcement | referrals" in out
    assert f"probation {command}" in out.partition("Example: ")[2] or command.startswith("schemas")


def test_the_help_of_serve_lists_every_setting(call: Call) -> None:
    out = call("serve", "--help").out
    for setting in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "HTTP_PORT", "BRAKE_SHARE"):
        assert f"PROBATION_{setting}" in out


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("nope", ["No such command 'nope'", "probation --help"]),
        ("serve", ["Missing argument 'SERVICE'", "probation serve --help"]),
        (
            "serve nope",
            ["there is no service 'nope': use one of allocation, contacts, enforcement, referrals"],
        ),
        ("serve contacts --fast", ["No such option", "--fast"]),
        ("db", ["Missing command", "probation db --help"]),
        ("db migrate nope", ["there is no service 'nope'"]),
        ("replay", ["Missing argument 'IN.jsonl'"]),
        ("replay missing.jsonl --out o", ["'missing.jsonl' does not exist"]),
        ("replay . --out o", ["is a directory"]),
        ("replay in.jsonl", ["Missing option '--out'"]),
        ("replay in.jsonl --out no/o", ["there is no folder no", "create it"]),
        ("replay in.jsonl --out o --dead-letters no/d", ["there is no folder no"]),
        ("replay in.jsonl --out o --until yesterday", ["'yesterday' is not a date like 2025-01-31"]),
        ("replay in.jsonl --out o --policy missing", ["'missing' does not exist"]),
        ("replay in.jsonl --out o --policy empty", ["no policy file", "allocation.toml, contacts.toml"]),
        ("replay in.jsonl --out o --policy odd", ["contact.toml belongs to no service", "contacts.toml"]),
        ("replay in.jsonl --out in.jsonl", ["--out and IN.jsonl are the same file"]),
        ("replay in.jsonl --out o --dead-letters ./o", ["--dead-letters and --out are the same file"]),
        ("explain X123456 --on 2026-01-01", ["--on needs --from"]),
        ("explain X123456 --from missing.jsonl", ["'missing.jsonl' does not exist"]),
        ("explain X123456 --from broken.jsonl", ["broken.jsonl, line 1, is not an event", "unreadable"]),
        ("rule", ["Missing argument 'RULE'"]),
        ("rule ALLOC-99", ["there is no rule 'ALLOC-99'", "did you mean ALLOC-9"]),
        ("rule nonsense", ["there is no rule 'nonsense'", "ids begin with one of ALLOC, AP"]),
        ("report --until yesterday", ["'yesterday' is not a month like 2025-03"]),
        ("report --csv no/numbers.csv", ["there is no folder no"]),
        ("report --months 0", ["'--months'"]),
        ("report --from broken.jsonl", ["broken.jsonl, line 1, is not an event"]),
        ("what-if in.jsonl", ["either --set FILE.NAME=VALUE or --policy FOLDER"]),
        ("what-if in.jsonl --set a.b=1 --policy empty", ["either --set"]),
        ("what-if in.jsonl --set evidence_days=7", ["write FILE.NAME=VALUE"]),
        ("what-if in.jsonl --set enforcement.evidence_days=", ["write FILE.NAME=VALUE"]),
        ("what-if in.jsonl --set enforcment.evidence_days=7", ["there is no policy file enforcment"]),
        ("what-if in.jsonl --set enforcement.evidence_day=7", ["did you mean evidence_days"]),
        ("what-if in.jsonl --set enforcement.evidence_days=soon", ["is of kind integer", "kind text"]),
        ("what-if in.jsonl --set enforcement.evidence_days=-1", ["a whole number of 0 or more, not -1"]),
        ("what-if in.jsonl --set enforcement.warning_letter_days=2", ["that is the value in force"]),
        ("what-if in.jsonl --policy empty", ["no policy file"]),
        ("what-if missing.jsonl --set enforcement.evidence_days=7", ["'missing.jsonl' does not exist"]),
        ("explain x1", ["'x1' is not a case reference number", "X123456"]),
        ("demo --people 0", ["'--people'", "greater than or equal to 1"]),
        ("demo --people many", ["'--people'"]),
        ("ticker --repeat-from today", ["'today' is not a date like 2025-01-31"]),
        ("simulate", ["Missing option '--out'"]),
        ("simulate --out s --days 0", ["'--days'"]),
        ("simulate --out s --first-day 9999-12-01", ["from 1991 to 2099", "--first-day"]),
        ("simulate --out s --first-day 0001-01-01", ["from 1991 to 2099"]),
        ("simulate --out s --seed abc", ["it must be a valid integer: see"]),
        ("dead-letters list contacts --reason nope", ["there is no reason 'nope': use one of unreadable, "]),
        ("dead-letters discard contacts 1", ["Missing option '--because'"]),
        ("dead-letters discard contacts --because x", ["no dead letters selected", "--reason"]),
        ("dead-letters discard contacts 1 --because=", ["--because is empty"]),
        ("dead-letters show contacts", ["Missing argument 'number'"]),
    ],
)
def test_a_wrong_call_gets_one_line_and_exit_code_2(
    call: Call, elsewhere: Path, words: str, parts: list[str]
) -> None:
    (elsewhere / "in.jsonl").touch()
    (elsewhere / "broken.jsonl").write_text("rubbish\n")
    (elsewhere / "empty").mkdir()
    (elsewhere / "odd").mkdir()
    (elsewhere / "odd" / "contact.toml").touch()
    is_one_line(call(*words.split()), *parts, code=2)


NO_DATABASE = "no database is known for"
PLACES: tuple[tuple[str, dict[str, str], list[str]], ...] = (
    ("explain X123456", {}, [NO_DATABASE, "probation up", "PROBATION_DATABASE_URL"]),
    ("dead-letters list contacts", {}, [NO_DATABASE, "contacts"]),
    ("dead-letters redrive contacts", {}, [NO_DATABASE]),
    ("recheck referrals", {}, [NO_DATABASE, "referrals"]),
    ("db migrate", {}, ["PROBATION_DATABASE_URL is missing", "postgresql://user@host/{service}"]),
    ("topics create", {}, ["PROBATION_KAFKA_BOOTSTRAP_SERVERS is missing"]),
    ("ticker", {}, ["PROBATION_KAFKA_BOOTSTRAP_SERVERS is missing"]),
    ("serve contacts", {}, ["PROBATION_KAFKA_BOOTSTRAP_SERVERS is missing"]),
    ("serve contacts", {"KAFKA_BOOTSTRAP_SERVERS": "h:1"}, ["PROBATION_DATABASE_URL is missing"]),
    ("ticker", {"KAFKA_BOOTSTRAP_SERVER": "h:1"}, ["did you mean PROBATION_KAFKA_BOOTSTRAP_SERVERS?"]),
    ("explain X123456", {"DATABASE_URL": "postgresql://a@127.0.0.1:{port}/x"}, ["{service} as its name"]),
    (
        "explain X123456",
        {"DATABASE_URL": "postgresql://a@127.0.0.1:{port}/{{service}}"},
        ["database allocation at 127.0.0.1:", "does not answer", "start it"],
    ),
    (
        "dead-letters list contacts",
        {"DATABASE_URL": "postgresql://a:secret@127.0.0.1:{port}/x"},
        ["database x at 127.0.0.1:", "does not answer"],
    ),
    ("dead-letters list contacts", {"DATABASE_URL": "nonsense"}, ["PROBATION_DATABASE_URL is wrong"]),
    ("recheck contacts", {"DATABASE_URL": "postgresql://a@127.0.0.1:{port}/x"}, ["does not answer"]),
    ("db migrate contacts", {"DATABASE_URL": "postgresql://a@127.0.0.1:{port}/x"}, ["does not answer"]),
    ("topics create", {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:{port}"}, ["no Kafka answers at 127.0.0.1:"]),
    (
        "ticker --repeat-from 2026-01-05",
        {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:{port}"},
        ["no Kafka answers at 127.0.0.1:"],
    ),
    ("simulate --out no/s.jsonl", {}, ["no/s.jsonl: no such file or folder"]),
)


@pytest.mark.parametrize(("words", "environment", "parts"), PLACES)
def test_a_missing_server_or_file_gets_one_line_and_exit_code_1(
    call: Call, monkeypatch: pytest.MonkeyPatch, words: str, environment: dict[str, str], parts: list[str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"PROBATION_{name}", value.format(port=free_port()))
    said = call(*words.split())
    is_one_line(said, *parts, code=1)
    assert "secret" not in said.err


def test_a_port_in_use_gets_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PROBATION_HTTP_HOST", "127.0.0.1")
        monkeypatch.setenv("PROBATION_HTTP_PORT", str(port))
        monkeypatch.setenv("PROBATION_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
        monkeypatch.setenv("PROBATION_DATABASE_URL", "postgresql://a@127.0.0.1:1/x")
        for words in ("serve contacts", "ticker"):
            said = call(*words.split())
            is_one_line(said, f"cannot listen at 127.0.0.1:{port} (Address already in use)", code=1)


async def test_a_database_without_tables_or_without_that_user_gets_one_line(
    acall: ACall, database: str, postgres: choose.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBATION_DATABASE_URL", database)
    said = await acall("dead-letters", "list", "contacts")
    is_one_line(said, "is not migrated to this release", "probation db migrate", code=1)
    monkeypatch.setenv("PROBATION_DATABASE_URL", postgres.dsn("not_there"))
    is_one_line(await acall("recheck", "contacts"), "not_there", "does not exist", code=1)


def test_a_service_that_cannot_start_ends_with_one_line(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBATION_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("PROBATION_HTTP_PORT", "0")
    monkeypatch.setenv("PROBATION_DATABASE_URL", address(database, "x", "postgres", "a-secret"))
    command = [sys.executable, "-m", "tools.cli", "serve", "contacts"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    lines = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert (ended.returncode, len(lines)) == (1, 1), ended.stderr
    assert lines[0].startswith("probation: database x at ")
    assert "refuses user postgres: correct the user or password in its URL" in lines[0]
    assert "a-secret" not in ended.stderr


async def test_a_database_of_a_newer_release_gets_one_line(
    acall: ACall, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBATION_DATABASE_URL", database)
    assert (await acall("db", "migrate", "contacts")).code == 0
    connection = await asyncpg.connect(database)
    await connection.execute("insert into migration (name, sha256) values ('contacts/999_later.sql', '')")
    await connection.close()
    is_one_line(
        await acall("db", "migrate", "contacts"),
        "was migrated by a newer release (contacts/999_later.sql)",
        code=1,
    )
    listed = await acall("dead-letters", "list", "contacts")
    assert listed.code == 0, "it was only expanded"
    connection = await asyncpg.connect(database)
    await connection.execute(
        "update migration set name = 'contacts/999_later.contract.sql' where sha256 = ''"
    )
    await connection.close()
    for words in ("dead-letters list contacts", "recheck contacts", "db migrate contacts"):
        told = await acall(*words.split())
        is_one_line(told, "was migrated by a newer release (contacts/999_later.contract.sql)", code=1)
    is_one_line(await acall("db", "migrate", "allocation"), "belongs to contacts, not to allocation", code=1)


async def test_days_are_published_again_by_hand(
    acall: ACall, kafka: choose.Kafka, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**kafka.client_settings, "PROBATION_TOPIC_PREFIX": topic_prefix}.items():
        monkeypatch.setenv(name, value)
    if "real_kafka" in kafka.features:  # the embedded broker makes topics by itself
        told = await acall("ticker", "--repeat-from", "2026-01-05")
        is_one_line(told, f"topic {topic_prefix}clock: it does not exist: create it", code=1)
    monkeypatch.setenv("PROBATION_KAFKA_PARTITIONS", "1")
    assert (await acall("topics", "create")).code == 0
    first = datetime.now(UTC).date() - timedelta(days=30)
    told = await acall("ticker", "--repeat-from", first.isoformat())
    assert told.code == 0, told.err
    assert re.search(rf"published again: 3[01] days, from {first} to ", told.out)
    later = datetime.now(UTC).date() + timedelta(days=2)
    is_one_line(await acall("ticker", "--repeat-from", later.isoformat()), "has not begun in London", code=1)


def test_our_own_bugs_are_not_hidden(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> list[bytes]:
        raise ZeroDivisionError

    monkeypatch.setattr("tools.simulate.caseload", broken)
    with pytest.raises(ZeroDivisionError):
        call("simulate", "--out", "s.jsonl")


async def test_migrate_creates_databases_and_then_has_nothing_to_do(
    acall: ACall, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBATION_DATABASE_URL", database)
    first = await acall("db", "migrate", "contacts")
    assert first.code == 0
    assert "engine/001_engine.sql" in first.out
    assert (await acall("db", "migrate", "contacts")).out == "contacts: up to date\n"
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("select count(*) from journal") == 0
    await connection.close()


async def test_topics_are_created_once(
    acall: ACall, kafka: choose.Kafka, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**kafka.client_settings, "PROBATION_TOPIC_PREFIX": topic_prefix}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PROBATION_KAFKA_PARTITIONS", "2")
    first = await acall("topics", "create")
    assert first.code == 0, first.err
    number = len(TOPICS) + 12 + len(ADAPTERS)
    for name in (*TOPICS, "contacts.standing", "contacts.dead-letter", "contacts.warning"):
        assert f"{topic_prefix}{name}\n" in first.out
    assert (await acall("topics", "create")).out == f"0 created, {number} existed already\n"


async def test_topics_that_keep_messages_for_another_time_are_named(
    acall: ACall, kafka: choose.Kafka, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(kafka, "real_kafka")
    for name, value in {**kafka.client_settings, "PROBATION_TOPIC_PREFIX": topic_prefix}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PROBATION_KAFKA_PARTITIONS", "1")
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    week = {"retention.ms": "604800000"}
    await admin.create_topics(
        [NewTopic(topic_prefix + name, 1, 1, topic_configs=week) for name in ("court", "clock")]
    )
    await admin.close()
    said = await acall("topics", "create")
    assert said.code == 0
    assert said.err.splitlines() == [
        f"{topic_prefix}clock keeps messages for 7 days instead of for ever: set its retention.ms to -1",
        f"{topic_prefix}court keeps messages for 7 days instead of for 400 days: "
        "set its retention.ms to 34560000000",
    ]
    assert (await acall("topics", "create")).err == said.err


async def test_what_other_systems_send_is_kept_for_a_month_because_it_names_people(
    acall: ACall, kafka: choose.Kafka, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(kafka, "real_kafka")
    for name, value in {**kafka.client_settings, "PROBATION_TOPIC_PREFIX": topic_prefix}.items():
        monkeypatch.setenv(name, value)
    assert (await acall("topics", "create")).code == 0
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    asked = ConfigResource(ConfigResourceType.TOPIC, topic_of("hmpps"), {"retention.ms": ""})
    [answer] = await admin.describe_configs([asked])
    await admin.close()
    assert answer.resources[0][4][0][1] == str(30 * 24 * 60 * 60 * 1000)


async def test_topics_without_a_leader_are_named_after_a_while(
    acall: ACall, kafka: choose.Kafka, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(*_: object) -> dict[str, object]:
        return {}

    monkeypatch.setattr("shared.kafka.Cluster.topics", none)
    monkeypatch.setattr("shared.kafka.LEADERS_SECONDS", 0.0)
    for name, value in {**kafka.client_settings, "PROBATION_TOPIC_PREFIX": topic_prefix}.items():
        monkeypatch.setenv(name, value)
    said = await acall("topics", "create")
    is_one_line(said, "no leader within 0 s for", f"{topic_prefix}contacts", "are all brokers up?", code=1)


def test_a_day_is_read_as_it_was_written() -> None:
    day = date(2025, 3, 30)  # clocks change
    assert day_of(day_started(day)) == day
    with pytest.raises(TypeError):
        day_of(caseload(people=1, days=30)[0])


def test_other_commands_find_what_runs_here_until_it_ends(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with announced({"contacts": "postgresql://here/contacts"}, {"PROBATION_X": "1"}):
        assert database_of("contacts") == "postgresql://here/contacts"
        assert (elsewhere / ".probation" / "running.json").stat().st_mode & 0o777 == 0o600
        monkeypatch.setenv("PROBATION_DATABASE_URL", "postgresql://there/{service}")
        assert database_of("contacts") == "postgresql://there/contacts"
    assert running() == {}


def test_a_second_run_does_not_hide_the_first(call: Call, elsewhere: Path) -> None:
    with announced({"contacts": "postgresql://here/contacts"}, {}):
        for words in ("up", "demo --keep"):
            is_one_line(call(*words.split()), "it is already running in this folder", "stop it first", code=1)
        assert database_of("contacts") == "postgresql://here/contacts"


def test_ctrl_c_while_the_commands_load_is_not_an_error() -> None:
    code = (
        "import builtins, sys, tools.cli\n"
        "take = builtins.__import__\n"
        "def stopped(name, *rest):\n"
        "    if name == 'tools.cli.commands': raise KeyboardInterrupt\n"
        "    return take(name, *rest)\n"
        "builtins.__import__ = stopped\n"
        "tools.cli.main(['demo'])\n"
    )
    root = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_what_a_killed_program_left_behind_is_ignored(elsewhere: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (elsewhere / ".probation").mkdir()
    (elsewhere / ".probation" / "running.json").write_text(json.dumps({"pid": ended.pid, "databases": {}}))
    assert running() == {}
