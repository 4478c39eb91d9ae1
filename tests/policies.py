"""A service's policy with some of its values changed."""

from __future__ import annotations

import re
from pathlib import Path

from shared.engine.service import Service
from shared.policy import Policy


def changed(service: Service, folder: Path, more: str = "", **values: str) -> Policy:
    """The policy with those values, each as TOML, in place of all that stand under that name.

    What follows a value on further lines (`effective_to = 2026-06-30`) dates it; `more` are further values,
    each beginning with `[[value]]`. The file is written into `folder`.
    """
    text = service.policy.read_text(encoding="utf-8")
    for name, value in values.items():
        there = re.compile(rf'^name = "{name}"\nvalue = .*$', re.MULTILINE)
        text, found = there.subn(f'name = "{name}"\nvalue = {value}'.replace("\\", r"\\"), text)
        assert found, name
    file = folder / "policy.toml"
    file.write_text(f"{text}\n{more}", encoding="utf-8")
    return Policy.load(file, service.name)
