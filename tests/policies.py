"""A service's policy with some of its values changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.engine.service import Service
from shared.policy import Policy
from tools.services import policy_name

Fields = Mapping[str, str]
BLOCK = "[[value]]\n"


def changed(
    service: Service, folder: Path, more: str = "", **values: str | Fields | Sequence[Fields]
) -> Policy:
    """The policy with changed values, plus the TOML in `more`.

    A value is TOML, or some of its fields: `allocation_days={"unit": '"calendar_days"'}`. Several values
    replace the one, each with its dates. The files are written to `folder` with the names that
    `probation replay` expects.
    """
    files = {path: path.read_text(encoding="utf-8") for path in (service.policy, *service.common_policy)}
    for name, given in values.items():
        one = {"value": given} if isinstance(given, str) else given
        several = [one] if isinstance(one, Mapping) else one
        holds = [path for path, text in files.items() if f'name = "{name}"\n' in text]
        assert holds, f"{service.name} has no policy value {name}"
        blocks = files[holds[0]].split(BLOCK)
        for n, block in enumerate(blocks):
            if block.startswith(f'name = "{name}"\n'):
                blocks[n] = BLOCK.join(_with(block, fields) for fields in several)
        files[holds[0]] = BLOCK.join(blocks)
    files[service.policy] += f"\n{more}"
    for path, text in files.items():
        (folder / policy_name(path)).write_text(text, encoding="utf-8")
    own, *common = (folder / policy_name(path) for path in files)
    return Policy.load(own, service.name, *common)


def _with(block: str, fields: Fields) -> str:
    for field, value in fields.items():
        name, _, rest = block.partition("\n")
        without = re.sub(rf"^{field} = .*\n", "", rest, flags=re.MULTILINE)
        block = f"{name}\n{field} = {value}\n{without}"
    return block
