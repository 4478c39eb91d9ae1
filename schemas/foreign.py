"""Recognises what other systems send in place of a CloudEvent, and says what to do about it."""

from pydantic_core import from_json

from schemas.nearest import nearest

_REGISTRY_PREFIX = 5
"""Bytes before the value that a schema registry's serialiser adds: a zero and the number of the schema."""

_SEND = "send a CloudEvent in structured mode (content-type: application/cloudevents+json)"

_OBJECTS: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"Type", "MessageId", "Message"}),
        "it is an SNS notification: make a CloudEvent of what its Message holds, or use raw message delivery",
    ),
    (
        frozenset({"Message", "MessageAttributes"}),
        "it is an SNS notification: make a CloudEvent of what its Message holds, or use raw message delivery",
    ),
    (
        frozenset({"Records"}),
        "it is a batch of records from SQS or S3: send each record's body as a CloudEvent of its own",
    ),
    (
        frozenset({"receiptHandle"}),
        "it is an SQS message: make a CloudEvent of what its body holds",
    ),
    (
        frozenset({"ReceiptHandle"}),
        "it is an SQS message: make a CloudEvent of what its Body holds",
    ),
    (
        frozenset({"detail-type", "detail"}),
        "it is an EventBridge event: make a CloudEvent of its detail",
    ),
    (
        frozenset({"schema", "payload"}),
        "it is a Kafka Connect record with its schema: set value.converter.schemas.enable=false, and send a "
        "CloudEvent as the value",
    ),
    (
        frozenset({"before", "after", "op"}),
        "it is a Debezium change record: publish what happened as a CloudEvent, for example from an outbox",
    ),
    (
        frozenset({"hearing"}),
        "it is a hearing as Common Platform sends it: make a CloudEvent of each result (SentenceImposed, "
        "BreachHearingResulted, ...)",
    ),
    (
        frozenset({"eventType"}),
        "it is an HMPPS domain event (eventType, detailUrl): fetch what it points to, and send that as a "
        "CloudEvent with a type from the catalogue",
    ),
)
"""What an object with all of these names is, and what to do."""


def of_bytes(raw: bytes) -> str | None:
    """What a message is that is no JSON, and what to do; None if it is not recognised."""
    if raw[:1] == b"\x00" and len(raw) > _REGISTRY_PREFIX:
        return (
            "it begins with a schema registry's prefix (a zero byte and the number of a schema): send plain "
            "JSON, without the registry's serialiser"
        )
    if raw[:3] == b"\xef\xbb\xbf":
        return "it begins with a byte order mark: send UTF-8 without one"
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "it is UTF-16: send UTF-8"
    if raw[:2] == b"\x1f\x8b":
        return "it is compressed with gzip: send plain JSON, and let the producer compress (compression.type)"
    if raw[:1] == b"<":
        return f"it is XML: {_SEND}"
    if raw[:4] == b"Obj\x01":
        return f"it is an Avro file: {_SEND}"
    return None


def of_json(raw: bytes) -> str | None:
    """What JSON is that is no CloudEvent, and what to do; None if it is not recognised."""
    try:
        value = from_json(raw)
    except ValueError:
        return None
    if isinstance(value, list):
        return "it is a list (batch mode): send each event as a message of its own"
    if isinstance(value, str):
        return "it is a text that holds JSON: it was encoded twice; send the object itself"
    if not isinstance(value, dict):
        return None
    for names, what in _OBJECTS:
        if names <= value.keys() and "specversion" not in value:
            return what
    if not {"specversion", "type", "source", "id"} & value.keys():
        return f"it has no attribute of a CloudEvent (specversion, id, source, type): {_SEND}"
    meant = next((name for name in value if nearest(name, ("type",))), None) if "type" not in value else None
    return "names of attributes have small letters only" if meant else None
