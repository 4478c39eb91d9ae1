"""What a rule concludes, made ready to be compared with what stands published."""

from __future__ import annotations

from typing import Any, NamedTuple

from shared.engine.assessment import Closing, Finding, Rule, View
from shared.engine.publication import finding_data


class Conclusion(NamedTuple):
    """A finding of a rule, and how it was closed, if it was.

    `name` is its type and key, by which it is known among what is published; `data` that of its event, empty
    if it is closed.
    """

    finding: Finding
    closing: Closing | None
    name: str
    data: bytes


def conclusions(view: View[Any, Any], rule: Rule) -> list[Conclusion]:
    """All findings of a rule on the view's day, standing or closed."""
    found: list[Conclusion] = []
    for finding in rule(view):
        closing = finding.closed(view.today)
        view.complete(finding, closing)
        event = finding.event
        name = f"{type(event).__name__} {finding.key}"
        found.append(Conclusion(finding, closing, name, finding_data(event) if closing is None else b""))
    return found
