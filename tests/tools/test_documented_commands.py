"""The documents show commands that the command line knows, and links that lead somewhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from schemas import language
from tests import facts as f
from tests.casebook import event_of
from tests.replaying import on_databases
from tests.tools.conftest import Said
from tools.cli.addresses import announced
from tools.cli.commands import command_line
from tools.services import SERVICES

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    *(
        path
        for folder in ("docs", "feeds", "services", "tests")
        for path in sorted((ROOT / folder).glob("**/*.md"))
        if "node_modules" not in path.parts
    ),
]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")
COMMAND = re.compile(r"^(?:[A-Z_]+=\S+ )*probation (.+)$")
PLACEHOLDERS = {
    "SERVICE": "contacts",
    "CRN": "X123456",
    "[CRN]": "X123456",
    "EVENT_ID": "4711",
    "COMMAND": "serve",
    "URL": "postgresql://x@y/z",
}
ASKING = ("explain", "rule", "trace", "warnings", "dead-letters list", "recheck", "retention")
"""Commands that need only the databases and change nothing of a sound system."""


def written() -> Iterator[str]:
    """Every command in the documents, in a block or in a sentence."""
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        lines = [line.partition("#")[0] for block in BLOCK.findall(text) for line in block.splitlines()]
        spans = [" ".join(span.split()) for span in INLINE.findall(BLOCK.sub("", text))]
        for line in (*lines, *spans):
            if found := COMMAND.match(line.strip()):
                yield found[1].strip()


def words_of(command: str) -> list[str]:
    """The words of a command, with something in each place that the document leaves open."""
    return [PLACEHOLDERS.get(word, word) for word in shlex.split(command)]


def parse(words: list[str]) -> None:
    """Parse a command as the command line does, without running it. One that is only named must be there."""
    command: Any = COMMAND_LINE
    context = command.make_context("probation", list(words))
    while left := [*context._protected_args, *context.args]:
        if not hasattr(command, "resolve_command"):
            return
        name, command, rest = command.resolve_command(context, left)
        if not rest or "…" in rest or rest == ["--help"]:
            return
        context = command.make_context(name, rest, parent=context)


def provide(words: list[str], folder: Path) -> None:
    """Make the files and folders that a command would read."""
    for word in words:
        if word.endswith("/"):
            (folder / word).mkdir()
        elif word.endswith((".jsonl", ".txt", ".csv")):
            (folder / word).write_text("")


COMMANDS = sorted(set(written()))
COMMAND_LINE = typer.main.get_command(command_line())


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_line_knows_each_command_that_is_documented(command: str, elsewhere: Path) -> None:
    words = words_of(command)
    provide(words, elsewhere)
    parse(words)


@pytest.fixture
async def here(create_database: Callable[[], Awaitable[str]], elsewhere: Path) -> Any:
    """The databases of a small system, known to the commands as those that run here."""
    addresses = {service.name: await create_database() for service in SERVICES}
    told = [f.order("2026-03-01", subject="X123456", event="4711"), f.risk("2026-03-02", subject="X123456")]
    async with on_databases(addresses.__getitem__) as replay:
        await replay.run([language.render(event_of(fact)) for fact in told])
    with announced(addresses, {}):
        yield addresses


async def test_those_that_only_ask_answer(here: Any, acall: Callable[..., Awaitable[Said]]) -> None:
    asked = [words_of(command) for command in COMMANDS if command.startswith(ASKING)]
    asked = [words for words in asked if not {"--from", "--erase"} & set(words)]
    assert {words[0] for words in asked} == {name.split()[0] for name in ASKING}
    for words in asked:
        said = await acall(*words)
        assert said.code in (0, 1), (words, said)
        assert said.code == 0 or said.err.count("\n") == 1, (words, said.err)


def anchors(document: Path) -> set[str]:
    """The headings of a document, as links name them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        if link.startswith("http"):
            continue
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or target.suffix != ".md" or anchor in anchors(target), link
