"""Writes what is generated from the models and the catalogue, and checks that it is up to date.

``schemas/json`` and ``schemas/asyncapi.yaml`` are generated from the models,
``deploy/kubernetes/strimzi`` from the catalogue. ``schemas/frozen`` has the released schemas. A released type
may change only as ``tools.compatibility`` allows; others may change freely.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from schemas.catalogue import CATALOGUE
from schemas.envelope import Published
from schemas.generate import asyncapi, json_schemas
from tools import strimzi
from tools.asyncapi_page import page
from tools.compatibility import incompatible
from tools.services import SERVICES


class _Plain(yaml.SafeDumper):
    """Writes no anchors, because some AsyncAPI tools do not support them."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def files() -> dict[str, str]:
    """Path below the root -> content, for all generated files."""
    content = {f"schemas/json/{name}": _json(schema) for name, schema in json_schemas().items()}
    content["schemas/asyncapi.yaml"] = _yaml("schemas/*.py", _asyncapi())
    content |= {
        f"deploy/kubernetes/strimzi/{name}.yaml": _yaml("tools/strimzi.py", *resources)
        for name, resources in strimzi.resources().items()
    }
    return content


def _yaml(source: str, *documents: Any) -> str:
    text = yaml.dump_all(documents, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)
    return f"# Generated from {source} by: probation schemas write\n{text}"


def asyncapi_page() -> str:
    """The AsyncAPI document as an HTML page that needs nothing else."""
    return page(_asyncapi())


def _asyncapi() -> dict[str, Any]:
    return asyncapi({service.name: service.reads for service in SERVICES})


def _json(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def stale(root: Path) -> list[str]:
    """The differences between the generated files below ``root`` and the models, one line each."""
    expected = files()
    problems = []
    for path, content in expected.items():
        file = root / path
        if not file.exists():
            problems.append(f"{path} is missing: run probation schemas write")
        elif file.read_text(encoding="utf-8") != content:
            problems.append(f"{path} is stale: run probation schemas write")
    for file in sorted((root / "schemas/json").glob("*")):
        if f"schemas/json/{file.name}" not in expected:
            problems.append(f"schemas/json/{file.name} belongs to no event type: run probation schemas write")
    return problems


def broken(root: Path) -> list[str]:
    """The incompatible changes to the schemas in ``schemas/frozen``, one line each."""
    current = json_schemas()
    problems = []
    for file in sorted((root / "schemas/frozen").glob("*.json")):
        if file.name not in current:
            problems.append(
                f"{file.stem}: was released and has been removed, but old events must still be readable"
            )
            continue
        frozen = json.loads(file.read_text(encoding="utf-8"))
        published = _is_published(file.stem.split(".")[0])
        problems += incompatible(file.stem, frozen, current[file.name], published=published)
    return problems


def _is_published(type: str) -> bool:
    """Whether consumers elsewhere read it, as they do the envelope."""
    return type not in CATALOGUE or issubclass(CATALOGUE[type].model, Published)


def check(root: Path) -> list[str]:
    """All problems with the schema files below ``root``. Empty if there are none."""
    return stale(root) + broken(root)


def write(root: Path, *, release: bool = False) -> list[str]:
    """Write the generated files below ``root``. With ``release``, freeze them too.

    If a released schema would change incompatibly, writes nothing and returns the reasons.
    """
    if problems := broken(root):
        return problems
    content = files()
    if release:
        content |= {p.replace("/json/", "/frozen/"): c for p, c in content.items() if "/json/" in p}
    for file in (root / "schemas/json").glob("*.json"):
        if f"schemas/json/{file.name}" not in content:
            file.unlink()
    for path, text in content.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return []
