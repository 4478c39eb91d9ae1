"""Reads events for commands that ask: from files, or from the topics of the services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from schemas import language
from schemas.envelope import CloudEvent, Refused, UnknownType
from tools.cli.errors import UserError


def events_of(files: Iterable[Path]) -> Iterator[CloudEvent[Any]]:
    """The events in files. Raises `UserError` for a line that is none: what is told would be incomplete.

    Of an unknown type, as of a newer release, nothing is known: it is left out.
    """
    from tools.event_file import UnreadableFile, events_in

    for file in files:
        try:
            for number, line in enumerate(events_in(file), 1):
                if not line.strip():
                    continue
                try:
                    yield language.read(line, ())[0]
                except UnknownType:
                    continue
                except Refused as refused:
                    raise UserError(
                        f"{file}, line {number}, is not an event ({refused}): correct it", 2
                    ) from None
        except UnreadableFile as mistake:
            raise UserError(str(mistake), 2) from None
