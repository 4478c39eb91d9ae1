"""Names in a message that nobody reads, and what was probably meant by them."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel

from schemas.catalogue import CATALOGUE
from schemas.envelope import ATTRIBUTES
from schemas.nearest import nearest

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,49}")

EXTENSIONS = frozenset(
    {
        *("authid", "authtype", "dataref", "expirytime", "sampledrate", "sequencetype", "tracestate"),
        *("severitynumber", "severitytext", "bamcorrelationid"),
        *("deprecated", "deprecationtime", "deprecationsunset", "deprecationmigration"),
    }
)
"""Documented CloudEvents extensions that have no effect here: senders add them for others."""


class Unknown(NamedTuple):
    """A name in a message that nobody reads: an attribute of the envelope, or a field of the data.

    `path` says where it is, as far as it is a name and not a value; `meant` which name was probably meant.
    """

    path: str
    meant: str | None

    @property
    def is_attribute(self) -> bool:
        """Is it an attribute of the envelope?"""
        return not self.path.startswith("data.")


def unknown_names(places: Iterable[tuple[int | str, ...]]) -> tuple[Unknown, ...]:
    """The names at these places (type, then the path in the message), without documented extensions."""
    found = []
    for type, *parts in places:
        if parts[0] not in EXTENSIONS:
            *to, last = map(_shown, parts)
            meant = nearest(last, _names_at(str(type), parts[:-1]))
            found.append(Unknown(".".join([*to, last]), ".".join([*to, meant]) if meant else None))
    return tuple(found)


def _shown(part: int | str) -> str:
    """A part of a path, if it is the name of a field rather than something that the sender said."""
    return str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "?"


def _names_at(type: str, to: list[int | str]) -> Iterable[str]:
    """The names that an object in a message of that type may have."""
    if not to:
        return (*ATTRIBUTES, "data")
    model: Any = CATALOGUE[type].model
    for part in to[1:]:
        if isinstance(part, str):
            model = _model_in(
                next(f.annotation for n, f in model.model_fields.items() if part in (n, f.alias))
            )
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    """The model in an annotation such as ``list[Requirement] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
