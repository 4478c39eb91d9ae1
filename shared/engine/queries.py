"""The statements of `queries.sql`, by name."""

import re
from pathlib import Path

_NAMED = re.compile(r"^-- (\w+)\n(?:--[^\n]*\n)*(.+?);\s*$", re.MULTILINE | re.DOTALL)


def load(path: Path) -> dict[str, str]:
    """The statements of a file of named SQL (`-- name`, a comment, the statement, a semicolon)."""
    return {name: statement.strip() for name, statement in _NAMED.findall(path.read_text("utf-8"))}


SQL = load(Path(__file__).with_name("queries.sql"))
