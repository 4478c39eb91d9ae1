"""Files of events in the forms in which people keep them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.schemas import golden
from tools.event_file import UnreadableFile, events_in

ONE, TWO = golden("SentenceImposed"), golden("PersonDied")
LINES = (json.dumps(ONE) + "\n" + json.dumps(TWO) + "\n").encode()
PRETTY = json.dumps(ONE, indent=2).encode()

FORMS = {
    "one per line": LINES,
    "without a last line break": LINES.rstrip(),
    "lines that end in CR LF": LINES.replace(b"\n", b"\r\n"),
    "a byte order mark": b"\xef\xbb\xbf" + LINES,
    "gzip": gzip.compress(LINES),
    "gzip with a byte order mark": gzip.compress(b"\xef\xbb\xbf" + LINES),
    "an array": json.dumps([ONE, TWO]).encode(),
    "an array, pretty-printed": b"\n" + json.dumps([ONE, TWO], indent=2).encode() + b"\n",
    "pretty-printed objects": PRETTY + b"\n" + json.dumps(TWO, indent=2).encode() + b"\n",
}


@pytest.mark.parametrize("raw", FORMS.values(), ids=FORMS)
def test_events_are_read_in_every_common_form(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "events"
    file.write_bytes(raw)
    assert [json.loads(value) for value in events_in(file)] == [ONE, TWO]


def test_the_readme_s_own_example_is_one_event() -> None:
    assert len(list(events_in(Path(__file__).parents[2] / "docs/examples/sentence.json"))) == 1


def test_a_broken_line_is_given_alone_and_the_rest_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "events"
    for broken in (b"rubbish", b'{"a": ', b"\xfa"):
        file.write_bytes(broken + b"\n" + LINES)
        assert list(events_in(file)) == [broken, *LINES.splitlines()]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (LINES.decode().encode("utf-16"), "is in UTF-16 or UTF-32: save it as UTF-8"),
        (LINES.decode().encode("utf-16-le"), "is in UTF-16 or UTF-32: save it as UTF-8"),
        (gzip.compress(LINES)[:-20], "is not a whole gzip file"),
        (PRETTY.replace(b'"id":', b'"id"'), "line 3, is not JSON (Expecting ':' delimiter)"),
        (b"[" + LINES, "is not JSON"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, raw: bytes, told: str) -> None:
    file = tmp_path / "events"
    file.write_bytes(raw)
    with pytest.raises(UnreadableFile) as caught:
        list(events_in(file))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
