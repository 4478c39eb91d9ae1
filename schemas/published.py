"""What the services publish: records, open items and decisions; and where a sentence is supervised."""

from typing import ClassVar

from pydantic import Field

from schemas.envelope import Published
from schemas.scalars import Name
from schemas.words import Region


class Record(Published):
    """What happened or was missed. It stands for good, unless it is corrected or superseded."""

    x_kind: ClassVar = "record"


class OpenItem(Published):
    """Something that waits for someone. It is withdrawn when it is resolved or ended.

    Each has the field ``due_on``: the date by which it is to be done, null where no rule sets one.
    """

    x_kind: ClassVar = "open_item"


class Decision(Published):
    """A choice that was made once and recorded as a fact. It stands until what it was about never was."""

    x_kind: ClassVar = "decision"


class OfSentence(Published):
    """A finding about a sentence. The engine adds ``region`` and ``pdu``: rules leave them out.

    A record keeps those of its own date, which is in the field that ``dated`` names. An open item has those
    of today: after a transfer it is published anew.
    """

    dated: ClassVar[str | None] = None

    region: Region | None = Field(
        default=None, description="Region in which the sentence is supervised, as transferred."
    )
    pdu: Name | None = Field(
        default=None, description="Probation delivery unit in which it is supervised, as transferred."
    )
