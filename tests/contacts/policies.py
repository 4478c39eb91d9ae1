"""The service's policy with some of its values changed."""

from __future__ import annotations

import re
from pathlib import Path

from services.contacts.app import SERVICE
from shared.policy import Policy


def changed(folder: Path, **values: str) -> Policy:
    """The policy with those values, each as TOML, in place of all that stand under that name."""
    text = SERVICE.policy.read_text()
    for name, value in values.items():
        text, found = re.subn(
            rf'^name = "{name}"\nvalue = .*$', f'name = "{name}"\nvalue = {value}', text, flags=re.MULTILINE
        )
        assert found, name
    file = folder / "policy.toml"
    file.write_text(text)
    return SERVICE.load_policy(file)
