"""Tests of the published language."""

import json
from pathlib import Path
from typing import Any

from schemas.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"


def golden(type: str) -> dict[str, Any]:
    """The example event of a type, as published. It must always be accepted."""
    file = GOLDEN / f"{type}.{CATALOGUE[type].version}.json"
    event: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return event


def encode(event: Any) -> bytes:
    """An event as bytes."""
    return json.dumps(event, ensure_ascii=False).encode()
