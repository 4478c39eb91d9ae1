"""Messages that can no longer be read: what people are told, as a dead letter of its own."""

from __future__ import annotations

import dataclasses

from shared.engine.intake import DeadLetter, Message

GAPS = ("removed_unread", "log_went_back")
"""The reasons of these dead letters. While one is open, the service is not ready."""


def removed_unread(message: Message, start: int) -> DeadLetter:
    """Retention removed the messages from this one up to `start`, where the log now begins."""
    words = (
        f"up to {start - message.offset} messages (offsets {message.offset} to {start - 1}) were removed "
        "from the topic before this service read them: have them sent again, then close this with "
        "`probation dead-letters discard`"
    )
    return DeadLetter(dataclasses.replace(message, offset=start - 1), "removed_unread", words)


def log_went_back(message: Message, end: int) -> DeadLetter:
    """The log ends at `end`, before the message that should be next."""
    words = (
        f"the topic ends at offset {end}, but offset {message.offset - 1} was read already: Kafka lost "
        "messages, or was restored from an older copy. The partition is being read again from its start, "
        "which repeats nothing. See docs/operations.md, then close this with `probation dead-letters discard`"
    )
    return DeadLetter(message, "log_went_back", words)
