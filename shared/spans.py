"""The spans that a program makes. Needs OpenTelemetry: import it only through `shared.tracing`.

A service makes a span for each batch, and one in the trace of each message that names one; the two link to
each other. FastStream's middleware does not serve here: of a batch it sees the first message only, and it
writes keys of messages into spans, which are case reference numbers. No span says anything about a person.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, SpanKind, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.engine.intake import Message
from shared.tracing import traceparent_of

_W3C = TraceContextTextMapPropagator()


def exported(program: str) -> Spans:
    """The spans of a program, sent by OTLP over HTTP. The last are sent when the interpreter ends."""
    return Spans(program, BatchSpanProcessor(OTLPSpanExporter()))


class Spans:
    """Makes the spans of one program."""

    def __init__(self, program: str, processor: SpanProcessor) -> None:
        self._ids = _Ids()
        resource = Resource.create({"service.name": f"probation-{program}"})
        provider = TracerProvider(resource=resource, id_generator=self._ids)
        provider.add_span_processor(processor)
        self._tracer = provider.get_tracer("probation")

    def batch(self, messages: Sequence[Message], seconds: float) -> None:
        """A batch was committed just now. It took so many seconds."""
        end = time.time_ns()
        begin = end - int(seconds * 1e9)
        named = ((message, traceparent_of(message.headers, message.value)) for message in messages)
        traced = [(message, _context(traceparent)) for message, traceparent in named if traceparent]
        batch = self._tracer.start_span(
            "batch",
            kind=SpanKind.CONSUMER,
            attributes={
                "messaging.system": "kafka",
                "messaging.destination.name": ", ".join(sorted({message.topic for message in messages})),
                "messaging.batch.message_count": len(messages),
            },
            links=[Link(get_current_span(context).get_span_context()) for _, context in traced],
            start_time=begin,
        )
        for message, context in traced:
            span = self._tracer.start_span(
                f"process {message.topic}",
                context=context,
                kind=SpanKind.CONSUMER,
                attributes={
                    "messaging.system": "kafka",
                    "messaging.destination.name": message.topic,
                    "messaging.destination.partition.id": str(message.partition),
                    "messaging.kafka.offset": message.offset,
                },
                links=[Link(batch.get_span_context())],
                start_time=begin,
            )
            span.end(end)
        batch.end(end)

    @contextlib.contextmanager
    def translation(self, topic: str, traceparent: str | None, message: bytes) -> Iterator[str]:
        """A feed translates a message. Gives the `traceparent` of the events that follow from it.

        That is the one with which it came. Without one a trace begins, whose ids follow from `message`,
        because an event that is published again must be the same.
        """
        if traceparent is None:
            self._ids.next = blake2b(message, digest_size=24).digest()
        with self._tracer.start_as_current_span(
            f"translate {topic}",
            context=_context(traceparent) if traceparent else Context(),
            kind=SpanKind.CONSUMER,
            attributes={"messaging.system": "kafka", "messaging.destination.name": topic},
            record_exception=False,  # its words could repeat what the message says
            set_status_on_exception=False,
        ):
            written: dict[str, str] = {}
            _W3C.inject(written)
            yield traceparent or written["traceparent"]


class _Ids(RandomIdGenerator):
    """Random ids, except that those of the next trace and its first span can be given, as 16 and 8 bytes."""

    next: bytes | None = None

    def generate_trace_id(self) -> int:
        """The id of a trace."""
        return int.from_bytes(self.next[:16]) if self.next else super().generate_trace_id()

    def generate_span_id(self) -> int:
        """The id of a span."""
        given, self.next = self.next, None
        return int.from_bytes(given[16:]) if given else super().generate_span_id()


def _context(traceparent: str) -> Context:
    return _W3C.extract({"traceparent": traceparent})
