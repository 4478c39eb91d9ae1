"""Which functions implement which rule: the docstring of a rule's function starts with its ids."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.answers.rulebook import RULE_ID
from shared.policy_file import Entry, read
from tools.services import POLICIES

ROOT = Path(__file__).parent.parent
_WHERE = (
    "services/**/*.py",
    "shared/answers/**/*.py",
    "shared/probation/**/*.py",
    "shared/calendar.py",
    "shared/policy.py",
)


@dataclass(frozen=True)
class Implementation:
    """A function whose docstring has rule ids. `texts` are those in its code, such as names of values."""

    path: Path
    name: str
    ids: tuple[str, ...]
    texts: frozenset[str]


@cache
def implementations() -> list[Implementation]:
    """All functions of services, common rules, answers and calendar with rule ids in their docstrings."""
    found = []
    for path in (p for where in _WHERE for p in sorted(ROOT.glob(where))):
        for name, node in _functions(ast.parse(path.read_text(encoding="utf-8"))):
            ids = RULE_ID.findall(ast.get_docstring(node) or "")
            if ids:
                texts = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
                found.append(
                    Implementation(
                        path.relative_to(ROOT),
                        name,
                        tuple(dict.fromkeys(ids)),
                        frozenset(text for text in texts if isinstance(text, str)),
                    )
                )
    return found


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node


def policy_values(id: str) -> list[tuple[str, Entry]]:
    """The policy values of a rule, as (file and name, value by date and region).

    They are those whose source names the rule, and of those whose source names none, the ones that its
    functions look up by name.
    """
    asked = {word for each in implementations() if id in each.ids for word in each.texts}
    return [
        (f"{file.removesuffix('.toml')}.{entry.name}", entry)
        for file, path in POLICIES.items()
        for entry in read(path)
        if id in (named := RULE_ID.findall(entry.source)) or (not named and entry.name in asked)
    ]
