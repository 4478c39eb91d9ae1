"""Ids that each provider gives for itself: two providers may both have a "session 1".

Such an id counts together with its source. What the feed's own source (``/feeds/providers``) says keeps its
ids as they are; the ids of a provider that sends under a source of its own (``/feeds/providers/acme``) are
read as ``1@acme`` everywhere: in the correction key, by the rules and in what the services publish.
"""

import hashlib
import re
from typing import Any

from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent
from schemas.topics import SOURCES

_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_LONGEST_ID = 100
_DIGITS = 16
"""Hexadecimal digits of a hash in place of what is too long or has other signs."""


def with_own_id(event: CloudEvent[Any]) -> CloudEvent[Any]:
    """The event, in which an id that its source gives for itself is unique among all sources."""
    entry = CATALOGUE[event.type]
    field = entry.own_id
    if field is None or event.source == SOURCES[entry.topics[0]]:
        return event
    own = getattr(event.data, field)
    data = event.data.model_copy(update={field: _unique(own, event.source, SOURCES[entry.topics[0]])})
    return event.model_copy(update={"data": data})


def _unique(id: str, source: str, feed: str) -> str:
    """The id with the name of its source; as it is if it has it already."""
    name = source.removeprefix(f"{feed}/")
    end = f"@{name if _SHORT.fullmatch(name) else _hash(source)}"
    if id.endswith(end):
        return id
    return f"{id if len(id) + len(end) <= _LONGEST_ID else _hash(id)}{end}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
