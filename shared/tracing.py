"""Traces with OpenTelemetry. Off unless OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_ENDPOINT) is set.

An event names its trace in `traceparent`, in its attributes and in a header of its message. What follows from
it is in the same trace: each service copies `traceparent` from a fact to the findings. It stays that of the
first sender, as CloudEvents' extension for distributed tracing says. So what services publish is the same
with and without tracing. A trace begins with the sender, or else with the feed that translates its message.

`shared.spans`, which needs OpenTelemetry, is imported only if tracing is on. Whatever else OpenTelemetry can
be told is in its own environment variables, `OTEL_…`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shared.settings import SettingsError

if TYPE_CHECKING:
    from shared.spans import Spans

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_HEADERS = ("traceparent", "ce_traceparent")
_ATTRIBUTE = re.compile(rb'"traceparent"\s*:\s*"([0-9a-f-]{55})"')
_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def valid(traceparent: str | None) -> str | None:
    """A `traceparent` that follows W3C Trace Context; None if it does not."""
    return traceparent if traceparent and _FORM.fullmatch(traceparent) else None


def traceparent_of(headers: Sequence[tuple[str, bytes]], value: bytes | None) -> str | None:
    """The `traceparent` that a message names, in a header or in its event; None if it names none."""
    for name, text in headers:
        if name in _HEADERS and (found := valid(text.decode("ascii", "replace"))):
            return found
    written = _ATTRIBUTE.search(value or b"")
    return valid(written[1].decode()) if written else None


def tracing(program: str, environment: Mapping[str, str] = os.environ) -> Spans | None:
    """What makes the spans of a program; None if tracing is off.

    Raises `SettingsError` if it is on and OpenTelemetry is not installed.
    """
    off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if off or not any(environment.get(name) for name in _ENDPOINTS):
        return None
    try:
        from shared.spans import exported
    except ImportError:
        what = "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed"
        raise SettingsError(f"{what}: install probation[tracing], or unset it") from None
    return exported(program)
