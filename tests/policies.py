"""A service's policy with some of its values changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.engine.service import Service
from shared.policy import Policy

Fields = Mapping[str, str]
BLOCK = "[[value]]\n"


def changed(
    service: Service, folder: Path, more: str = "", **values: str | Fields | Sequence[Fields]
) -> Policy:
    """The policy with other values, and with what `more` adds as TOML.

    A value is given as TOML, or with other fields of it: `allocation_days={"unit": '"calendar_days"'}`.
    Several are in place of the one, each with its dates. The file is `<service>.toml` in `folder`, as
    `probation replay` looks for it.
    """
    blocks = service.policy.read_text(encoding="utf-8").split(BLOCK)
    for name, given in values.items():
        one = {"value": given} if isinstance(given, str) else given
        several = [one] if isinstance(one, Mapping) else one
        mine = [n for n, block in enumerate(blocks) if block.startswith(f'name = "{name}"\n')]
        assert mine, f"{service.name} has no policy value {name}"
        for n in mine:
            blocks[n] = BLOCK.join(_with(blocks[n], fields) for fields in several)
    file = folder / f"{service.name}.toml"
    file.write_text(f"{BLOCK.join(blocks)}\n{more}", encoding="utf-8")
    return service.load_policy(file)


def _with(block: str, fields: Fields) -> str:
    for field, value in fields.items():
        name, _, rest = block.partition("\n")
        without = re.sub(rf"^{field} = .*\n", "", rest, flags=re.MULTILINE)
        block = f"{name}\n{field} = {value}\n{without}"
    return block
