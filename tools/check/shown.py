"""The result of a check as one JSON object, the same for the command line and over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tools.check.checking import Checked
from tools.check.conclusions import Conclusions


def as_object(found: Checked) -> dict[str, Any]:
    """The whole result. `lines` are all lines that have the mistake."""
    return {
        "ok": found.ok,
        "events": found.events,
        "valid": found.events - found.refused,
        "refused": found.refused,
        "people": found.people,
        "notes": found.notes,
        "mistakes": [
            {**mistake._asdict(), "count": len(lines), "lines": list(lines)}
            for mistake, lines in found.mistakes
        ],
        "conclusions": _concluded(found.conclusions) if found.conclusions else None,
    }


def _concluded(found: Conclusions) -> dict[str, Any]:
    return {
        "first_day": found.first.isoformat() if found.first else None,
        "last_day": found.last.isoformat() if found.last else None,
        "standing": found.standing,
        "withdrawn": found.withdrawn,
        "people": found.people,
        "not_assessed": found.not_assessed,
        "examples": [asdict(example) for example in found.examples],
    }
