"""Checks a file: each event, all of them together, and what the services would conclude from them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from shared.calendar import london_date
from tools.check.conclusions import Conclusions, conclusions
from tools.check.findings import Mistakes
from tools.check.known import Known
from tools.check.reading import Reader
from tools.check.whole import Whole
from tools.event_file import events_in
from tools.wording import counted

_BOM = b"\xef\xbb\xbf"
_PEEKED = 4096


@dataclass
class Checked:
    """The result. `notes` say what is unusual and harmless."""

    events: int = 0
    refused: int = 0
    people: int = 0
    notes: list[str] = field(default_factory=list)
    mistakes: Mistakes = field(default_factory=Mistakes)
    conclusions: Conclusions | None = None

    @property
    def ok(self) -> bool:
        """Is there nothing to correct?"""
        return self.events > 0 and not self.mistakes


def check(path: Path, now: datetime, *, jobs: int) -> Checked:
    """Check a file as of now. `jobs` processes say what the services would conclude; with 0 it is left out.

    Raises `UnreadableFile`, and `OSError` if the file cannot be opened.
    """
    found = Checked(notes=list(_form(path)))
    with closing(Known()) as known:
        whole = Whole(known, london_date(now))
        reader = Reader(now)
        for line, value in enumerate(events_in(path), 1):
            if not value.strip():
                continue
            read = reader.read(line, value)
            found.events += 1
            found.refused += read.refused
            found.mistakes.add(read.findings)
            found.mistakes.add(whole.take(read))
        found.mistakes.add(whole.ended())
    found.people = len(whole.people)
    if whole.repeated:
        found.notes.append(
            f"{counted(whole.repeated, 'time')} an event comes again as it was: that has no effect"
        )
    if jobs and found.events:
        found.conclusions = conclusions(path, jobs)
        told = {(line, mistake.kind) for mistake, lines in found.mistakes for line in lines}
        findings = found.conclusions.findings
        found.mistakes.add(one for one in findings if (one.line, one.mistake.kind) not in told)
    return found


def _form(path: Path) -> Iterator[str]:
    """What is unusual about the form of a file. It is read all the same, but a message is one event alone."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else path.open("rb") as file:
        try:
            start = file.read(_PEEKED)
        except (OSError, EOFError):
            return  # reading the events says it
    if start.startswith(_BOM):
        yield "the file begins with a byte order mark: no message may"
    if b"\r\n" in start:
        yield "lines end in CR LF: a message needs no line end"
    if start.removeprefix(_BOM).lstrip()[:1] == b"[":
        yield "it is an array of events (batch mode): publish each event as a message of its own"
