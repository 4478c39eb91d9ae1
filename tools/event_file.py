"""Reads a file of events: one per line, a JSON array, or objects one after the other, as people keep them.

A byte order mark is skipped and gzip is unpacked. Each event is given as it is written.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, cast

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_PROGRESS_LINES = 200
_DECODER = json.JSONDecoder()


class UnreadableFile(Exception):
    """The file holds no events that can be read. The message says why and what to do."""


def events_in(path: Path, progress: Callable[[float], object] | None = None) -> Iterator[bytes]:
    """The events in a file, in order; a blank line is given as such, so that lines can be counted.

    `progress` is told now and then which share of the file has been read, from 0 to 1.

    Raises `UnreadableFile`, and `OSError` if the file cannot be opened.
    """
    try:
        with _opened(path) as (file, share):
            first = file.readline().removeprefix(_BOM)
            if first.startswith(_UTF_16) or b"\x00" in first[:4]:
                raise UnreadableFile(f"{path} is in UTF-16 or UTF-32: save it as UTF-8")
            if not _is_one_event(first):
                text = first + file.read()
                whole = _objects(path, text)
                if whole is not None:
                    yield from whole
                    return
                yield from (line.rstrip(b"\r\n") for line in text.splitlines())
                return
            yield first.rstrip(b"\r\n")
            for number, line in enumerate(file):
                if progress is not None and number % _PROGRESS_LINES == 0:
                    progress(share())
                yield line.rstrip(b"\r\n")
    except (gzip.BadGzipFile, EOFError) as error:
        raise UnreadableFile(f"{path} is not a whole gzip file: {error}") from None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes] | gzip.GzipFile, Callable[[], float]]]:
    """The file, unpacked, and what says which share of it has been read."""
    with path.open("rb") as raw:
        packed = raw.peek(2)[:2] == _GZIP
        size = path.stat().st_size or 1  # of a device it is 0
        with cast(IO[bytes], gzip.open(raw, "rb")) if packed else nullcontext(raw) as file:
            yield file, lambda: min(raw.tell() / size, 1.0)


def _is_one_event(line: bytes) -> bool:
    """Is the first line an event of its own, so that the file has one on each line?"""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _objects(path: Path, raw: bytes) -> list[bytes] | None:
    """The objects in an array, or one after the other; None if the file has lines after all."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    at = _next(text, 0)
    if at == len(text) or text[at] not in "[{":
        return None
    array = text[at] == "["
    found: list[bytes] = []
    try:
        if array:
            json.loads(text)
            at = _next(text, at + 1)
        while at < len(text) and text[at] != "]":
            _, end = _DECODER.raw_decode(text, at)
            found.append(text[at:end].encode())
            at = _next(text, end)
            if array and at < len(text) and text[at] == ",":
                at = _next(text, at + 1)
    except json.JSONDecodeError as error:
        if array or text.split("\n", 1)[0].strip() == "{":
            where = f"{path}, line {error.lineno}, is not JSON ({error.msg})"
            raise UnreadableFile(f"{where}: correct it, or write one event per line") from None
        return None  # one line is broken: it will be refused alone
    except RecursionError:
        return None
    return found


def _next(text: str, at: int) -> int:
    """The place of the next character that is not blank."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at
