"""Published events as tests of answers tell them: a type, a day and what the event says."""

from __future__ import annotations

import json
from typing import Any

from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent, Withdrawn
from tests import facts as f
from tests.casebook import event_of
from tests.facts import PLACE, Fact
from tests.facts.base import WHY

S1 = {"sentence_id": "S1", **PLACE}


def said(type: str, day: str, **data: Any) -> CloudEvent[Any]:
    """A finding of a service, by default about the sentence S1 in Camden."""
    model = CATALOGUE[type].model
    known = {field.alias or name for name, field in model.model_fields.items()}
    given = {**S1, **data, "why": WHY}
    content = {name: value for name, value in given.items() if name in known or name in data}
    return event_of(f.fact(type, day, content, {}))


def fact(told: Fact) -> CloudEvent[Any]:
    """What a feed tells."""
    return event_of(told)


def withdrawn(event: CloudEvent[Any], reason: str, closed_on: str | None = None) -> CloudEvent[Any]:
    """Its service takes the event back."""
    data = Withdrawn.model_validate_json(
        json.dumps(
            {
                "withdraws": event.id,
                "withdrawn_type": event.type,
                "key": "K",
                "reason": reason,
                "closed_on": closed_on,
                "why": WHY,
            }
        )
    )
    return event.model_copy(update={"id": f"{event.id}-withdrawn", "type": "Withdrawn", "data": data})
