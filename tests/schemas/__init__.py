"""Tests of the published language."""

import json
from pathlib import Path
from typing import Any

from schemas.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
LINES = Path(__file__).with_name("golden.jsonl").read_bytes().splitlines()
"""An example event of every type in every major version, one a line, as it goes over the wire."""

GOLDEN = {"{1}.{2}".format(*json.loads(line)["dataschema"].rsplit("/", 2)): line for line in LINES}
"""The same by type and version: `ContactMissed.1`."""


def golden(type: str) -> dict[str, Any]:
    """The example event of a type, as published. It must always be accepted."""
    event: dict[str, Any] = json.loads(GOLDEN[f"{type}.{CATALOGUE[type].version}"])
    return event


def encode(event: Any) -> bytes:
    """An event as bytes."""
    return json.dumps(event, ensure_ascii=False).encode()
