"""Generates from the code which function implements which rule, in `docs/rules.md` and the services' READMEs.

The docstring of a rule's function starts with the rule's ids. `docs/rules.md` has each rule in words, with
source and confidence. Its last column and the tables in the READMEs are generated. Where no function names a
rule, the column keeps what was written there by hand::

    python -m tools.rules write
    python -m tools.rules check
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.answers.rule_code import ROOT, implementations
from shared.answers.rulebook import NOT_BUILT, RULE_ID
from shared.engine.service import Service
from tools.services import SERVICES

CATALOGUE = ROOT / "docs/rules.md"

_ROW = re.compile(rf"\| ({RULE_ID.pattern}) \|(.*)\|([^|]*)\|$")
_BEGIN, _END = "<!-- rules: written from the code -->", "<!-- end of rules -->"


def catalogue() -> str:
    """`docs/rules.md` with the functions that now implement each rule."""
    by_id: dict[str, list[str]] = {}
    for implementation in implementations():
        if implementation.name.rpartition(".")[2].startswith("_"):
            continue
        for id in implementation.ids:
            by_id.setdefault(id, []).append(f"[{implementation.name}](../{implementation.path.as_posix()})")
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()
    return "".join(_filled(line, by_id) + "\n" for line in lines)


def _filled(line: str, by_id: dict[str, list[str]]) -> str:
    row = _ROW.match(line)
    if row is None:
        return line
    links = ", ".join(by_id.get(row.group(1), ())) or _written(row.group(3))
    return f"| {row.group(1)} |{row.group(2)}| {links} |"


def _written(column: str) -> str:
    """What somebody wrote where no function names the rule; it is theirs to keep true."""
    text = column.strip()
    return text if text and not text.startswith("[") else NOT_BUILT


def rules_of(service: Service) -> list[Callable[..., Any]]:
    """All rules of a service in the order listed: for cases, for months, and for decisions."""
    found: list[Callable[..., Any]] = []
    for model in service.models:
        found += model.rules
        if model.months:
            found += (*model.months.rules.rules, *model.months.period_rules.rules)
    if service.decide:
        found.append(service.decide)
    return list(dict.fromkeys(found))  # a rule may be for cases and for months


def publishes(rule: Callable[..., Any]) -> list[str]:
    """The types of the findings that a rule's code names."""
    calls = (node for node in ast.walk(_tree(rule)) if isinstance(node, ast.Call))
    events = [
        k.value for call in calls if _called(call) == "Finding" for k in call.keywords if k.arg == "event"
    ]
    names = [_called(event) for event in events if isinstance(event, ast.Call)]
    return list(dict.fromkeys(name for name in names if name))


def cited(rule: Callable[..., Any]) -> set[str]:
    """The ids in a rule's `rules=`, as text or as a constant of its module."""
    found: set[str] = set()
    for node in ast.walk(_tree(rule)):
        if isinstance(node, ast.Call) and _called(node) == "Finding":
            for keyword in node.keywords:
                if keyword.arg == "rules":
                    found |= _ids(keyword.value, rule)
    return found


def _ids(expression: ast.expr, rule: Callable[..., Any]) -> set[str]:
    text = ast.unparse(expression)
    constants = (
        vars(inspect.getmodule(rule)).get(n.id) for n in ast.walk(expression) if isinstance(n, ast.Name)
    )
    return set(RULE_ID.findall(text)) | {
        id for constant in constants for id in RULE_ID.findall(repr(constant))
    }


def _tree(rule: Callable[..., Any]) -> ast.AST:
    return ast.parse(inspect.getsource(rule))


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr == "model_validate":
        function = function.value
    return function.id if isinstance(function, ast.Name) else ""


def table(service: Service) -> str:
    """The rule table for a service's README: what each rule publishes, its ids and its first sentence."""
    rows = ["| publishes | rules | in words |", "|---|---|---|"]
    for rule in rules_of(service):
        doc = inspect.getdoc(rule) or ""
        ids = ", ".join(dict.fromkeys(RULE_ID.findall(doc)))
        path = Path(inspect.getfile(rule)).relative_to(ROOT / "services" / service.name).as_posix()
        events = ", ".join(f"`{event}`" for event in publishes(rule)) or f"`{rule.__name__}`"
        rows.append(f"| [{events}]({path}) | {ids} | {_words(doc)} |")
    return "\n".join(rows)


def _words(doc: str) -> str:
    """The first paragraph of a docstring without the ids at its start."""
    first = " ".join(doc.split("\n\n")[0].split())
    return re.sub(rf"^(?:{RULE_ID.pattern}(?:, )?)+: ", "", first).replace("|", "\\|")


def readme(service: Service) -> str:
    """A service's README with an up-to-date rule table."""
    text = _readme_path(service).read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{table(service)}\n{_END}{after}"


def _readme_path(service: Service) -> Path:
    return service.policy.with_name("README.md")


def generated() -> dict[Path, str]:
    """Path -> content of every generated page."""
    return {CATALOGUE: catalogue()} | {_readme_path(service): readme(service) for service in SERVICES}


def main(command: str) -> int:
    """`write` the pages, or `check` that they are up to date. Returns the exit code."""
    stale = [path for path, text in generated().items() if path.read_text(encoding="utf-8") != text]
    for path in stale:
        if command == "write":
            path.write_text(generated()[path], encoding="utf-8")
        else:
            print(f"{path.relative_to(ROOT)} is stale: run `make docs`", file=sys.stderr)
    return 1 if stale and command == "check" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
