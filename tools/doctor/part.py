"""One part of the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Part:
    """What was looked at. `lines` say how it is, `troubles` what somebody must do; `data` is for programs."""

    name: str
    lines: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)

    def as_object(self) -> dict[str, Any]:
        """The part for JSON."""
        return {**self.data, "troubles": self.troubles}
