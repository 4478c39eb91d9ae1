"""Topics ``<service>.warning``: messages that a service took although something in them is doubtful."""

from pydantic import Field

from schemas.envelope import Data, WarningKind
from schemas.scalars import OPEN_LIST, Count, EventId, Name, Text


class MessageWarned(Data):
    """A message was taken, but something in it has no effect or can hardly be right.

    The subject is that of the message. It says ids and names of fields, never a value.
    """

    kind: WarningKind = Field(description="What is doubtful.", json_schema_extra=OPEN_LIST)
    event_source: EventId = Field(description="Source of the event that the warning is about.")
    event_id: EventId = Field(description="Id of that event.")
    event_type: EventId = Field(description="Type of that event.")
    topic: Name = Field(description="Topic on which it came, without the prefix.")
    partition: Count = Field(description="Partition of the topic.")
    offset: int = Field(
        ge=-1, le=2**63 - 1, description="Offset in the partition; -1 if a dead letter was redriven."
    )
    field: Text | None = Field(default=None, description="The field or attribute, with its path.")
    meant: Text | None = Field(default=None, description="The name that was probably meant.")
    explanation: Text = Field(description="What is doubtful and what to do, in words.")
