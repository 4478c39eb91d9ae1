"""Help in plain words: Typer would show `{crn}`, `<int range>` and `<bool>`, and has no setting for that."""

from __future__ import annotations

from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperOption

from schemas.topics import SERVICES

_TYPES = {
    "int": "NUMBER",
    "int range": "NUMBER",
    "list[int]": "NUMBERS",
    "str": "TEXT",
    "list[str]": "NAMES",
    "file": "FILE",
    "path": "FILE",
    "dir": "FOLDER",
    "directory": "FOLDER",
    "bool": "",
}
_CHOICES = {"SERVICE": " | ".join(SERVICES)}
"""What may be written for an argument, by its name."""

_typer_type = TyperOption.display_type
_typer_usage = TyperCommand.collect_usage_pieces


def _type(parameter: Any, context: Any) -> str:
    shown = _typer_type(parameter, context).strip("<>")
    return _CHOICES.get(parameter.metavar) or _TYPES.get(shown, shown)


def _usage(command: TyperCommand, context: Any) -> list[str]:
    return [piece.replace("{", "").replace("}", "") for piece in _typer_usage(command, context)]


def use_plain_words() -> None:
    """Make all help say what to write in plain words."""
    for kind in (TyperOption, TyperArgument):
        kind.display_type = _type  # type: ignore[method-assign, assignment]
    TyperCommand.collect_usage_pieces = _usage  # type: ignore[method-assign, assignment]
