"""Which trace a message names, and when spans are made."""

import sys

import pytest

from shared.settings import SettingsError
from shared.tracing import traceparent_of, tracing

NAMED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}


def event(traceparent: str) -> bytes:
    return f'{{"id": "1", "traceparent" : "{traceparent}", "data": {{}}}}'.encode()


@pytest.mark.parametrize(
    ("situation", "headers", "value", "named"),
    [
        ("in a header", [("traceparent", NAMED.encode())], b"{", NAMED),
        ("in a header of binary mode", [("ce_traceparent", NAMED.encode())], b"{", NAMED),
        ("in the event", [], event(NAMED), NAMED),
        ("the header counts first", [("traceparent", NAMED.encode())], event(OTHER), NAMED),
        ("a header that is none", [("traceparent", b"\xff00-1")], event(OTHER), OTHER),
        ("nowhere", [("id", b"1")], b'{"id": "1"}', None),
        ("no value", [], None, None),
        ("a trace of noughts", [], event(f"00-{'0' * 32}-b7ad6b7169203331-01"), None),
        ("a sender of noughts", [], event(f"00-{'a' * 32}-{'0' * 16}-01"), None),
        ("a version that is none", [], event(f"ff{NAMED[2:]}"), None),
    ],
)
def test_a_message_names_its_trace(
    situation: str, headers: list[tuple[str, bytes]], value: bytes | None, named: str | None
) -> None:
    assert traceparent_of(headers, value) == named, situation


def test_no_spans_are_made_unless_somebody_says_where_to_send_them() -> None:
    assert tracing("contacts", {}) is None
    assert tracing("contacts", {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}) is None
    assert tracing("contacts", ENDPOINT | {"OTEL_SDK_DISABLED": "true"}) is None


def test_whoever_wants_spans_without_the_library_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "shared.spans", None)
    with pytest.raises(SettingsError, match=r"install probation\[tracing\]"):
        tracing("contacts", ENDPOINT)
