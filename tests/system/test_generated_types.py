"""The types generated for other languages, and the examples that publish and subscribe with them."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import needs
from tests.javascript import install
from tests.system.harness import System
from tests.system.instance import PATIENCE, ROOT

CLIENTS = ROOT / "docs" / "clients"
JAVA = CLIENTS / "java"
JARS = f"{JAVA}/target/classes:{JAVA}/target/jars/*"
TSC = ("node", str(CLIENTS / "node_modules" / "typescript" / "bin" / "tsc"))

Example = tuple[str, ...]


def ran(*command: str, cwd: Path = CLIENTS) -> str:
    """What a command prints. Fails with what it says if it does not succeed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def generated() -> None:
    """The types are generated, and the TypeScript compiled, as `make clients` does."""
    install(CLIENTS)
    ran("npm", "run", "build", "--silent")


@pytest.fixture(scope="module")
def java(generated: None) -> None:
    """The Java examples are compiled."""
    if shutil.which("mvn") is None or shutil.which("javac") is None:
        pytest.skip("needs a JDK and Maven")
    command = ("mvn", "--quiet", "--batch-mode", "--file", str(JAVA), "compile")
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if "Unknown host" in done.stdout:
        pytest.skip("needs the packages of docs/clients/java: no Maven repository can be reached")
    assert done.returncode == 0, done.stdout + done.stderr


def said(command: Sequence[str], folder: Path) -> str:
    """What a compiler says of a program in a folder of its own."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def said_of_typescript(code: str, folder: Path) -> str:
    """What the TypeScript compiler says of a statement about an event."""
    program = folder / "program.ts"
    events = CLIENTS / "typescript" / "events" / "index.js"
    program.write_text(
        f"import type {{ Event }} from '{events}';\n"
        f"declare const event: Event<'AllocationDue'>;\n{code};\nexport {{}};\n"
    )
    options = ("--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", "")
    return said((*TSC, *options, str(program)), folder)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("event.data.due_by", "'due_by' does not exist"),
        ("const id: number = event.data.sentence_id", "'string' is not assignable to type 'number'"),
        ("event.type === 'AllocationDone'", "have no overlap"),
        ("const data: Event<'PersonDied'>['data'] = { died_on: '2026-06-01', on: 1 }", "'on' does not exist"),
        ("const data: Event<'AppealLodged'>['data'] = { appeal_id: 'A1' }", "missing in type"),
    ],
)
def test_the_typescript_compiler_refuses_what_is_no_event(
    generated: None, tmp_path: Path, code: str, wrong: str
) -> None:
    assert wrong in said_of_typescript(code, tmp_path)


def test_an_event_that_never_happened_needs_only_its_ids(generated: None, tmp_path: Path) -> None:
    code = "const data: Event<'AppealLodged'>['data'] = { appeal_id: 'A1', voided: true }"
    assert said_of_typescript(code, tmp_path) == ""


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("due.getDueBy()", "cannot find symbol"),
        ("Integer id = due.getSentenceID()", "String cannot be converted to Integer"),
        ("new probation.SentenceImposed().setRegion(probation.Region.ROME)", "cannot find symbol"),
    ],
)
def test_the_java_compiler_refuses_what_is_no_event(
    java: None, tmp_path: Path, code: str, wrong: str
) -> None:
    program = tmp_path / "Wrong.java"
    program.write_text(f"class Wrong {{ void read(probation.AllocationDue due) {{ {code}; }} }}")
    assert wrong in said(("javac", "-cp", JARS, str(program)), tmp_path)


async def line_of(command: Sequence[str]) -> str:
    """The first line that a program prints, which is then ended."""
    program = await asyncio.create_subprocess_exec(
        *command, cwd=CLIENTS, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert program.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            return (await program.stdout.readline()).decode().strip()
    finally:
        program.kill()
        await program.wait()


@pytest.mark.parametrize(
    ("publish", "subscribe", "person"),
    [
        (("node", "build/publish.js"), ("node", "build/subscribe.js"), "X123457"),
        (("java", "-cp", JARS, "Publish"), ("java", "-cp", JARS, "Subscribe"), "X123458"),
    ],
    ids=["typescript", "java"],
)
async def test_an_example_publishes_what_the_services_conclude_from_and_reads_it(
    system: System, java: None, publish: Example, subscribe: Example, person: str
) -> None:
    needs(system.kafka, "real_kafka")
    await system.start("allocation")
    await system.begin(date(2026, 6, 2))
    broker = system.kafka.bootstrap
    await asyncio.to_thread(ran, *publish, broker, system.prefix + "court")
    system.sent["court"] += 1
    await system.quiet()
    assert await system.fetch("allocation", "select explanation from dead_letters") == []
    assert await system.fetch("allocation", "select * from warnings") == []
    events = [json.loads(record.value or b"") for record in await system.read("allocation")]
    [due] = [event["data"]["due_on"] for event in events if event["type"] == "AllocationDue"]
    assert await line_of((*subscribe, broker, system.prefix + "allocation")) == f"{person} {person}-1 {due}"
