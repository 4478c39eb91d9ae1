"""The read models that there are: the one that serves, and perhaps one that is being built to replace it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shared.answers import (
    counted,
    describing,
    groups,
    listed,
    measures,
    open_items,
    placing,
    responsible,
    standing,
)

_TABLES = Path(__file__).with_name("tables.sql")
_CODE = ("adding", "counting", "letters", "parts", "people", "rows", "taking", "writing")
_ANSWERS = (counted, describing, groups, listed, measures, open_items, placing, responsible, standing)


@cache  # what runs is the code as it was, even if its files have been replaced since
def version() -> str:
    """Names the tables and the code that fills them: with another version, a model is built anew."""
    files = [_TABLES, *(Path(__file__).with_name(f"{name}.py") for name in _CODE)]
    files += [Path(str(module.__file__)) for module in _ANSWERS]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Model:
    """A read model. `schema` is its schema in the database."""

    id: int
    version: str
    serving: bool

    @property
    def schema(self) -> str:
        """Its schema in the database."""
        return f"model_{self.id}"


async def models(connection: Any) -> Sequence[Model]:
    """All models, the oldest first."""
    rows = await connection.fetch("select id, version, state from models order by id")
    return [Model(row["id"], row["version"], row["state"] == "serving") for row in rows]


async def build(connection: Any) -> Model:
    """Begin a new model, to be filled from the topics."""
    async with connection.transaction():
        id = await connection.fetchval(
            "insert into models (version, state) values ($1, 'building') returning id", version()
        )
        model = Model(id, version(), serving=False)
        await connection.execute(f"create schema {model.schema}")
        await connection.execute(f"set local search_path to {model.schema}")
        await connection.execute(_TABLES.read_text("utf-8"))
    return model


async def prepare(connection: Any) -> Sequence[Model]:
    """The models that this release fills; begins one if there is none. A model of another release is left as
    it is, and serves until one of this release is ready."""
    mine = [model for model in await models(connection) if model.version == version()]
    return mine or [await build(connection)]


async def serve(connection: Any, model: Model) -> None:
    """Let this model serve from now on, and remove those before it."""
    async with connection.transaction():
        older = [other for other in await models(connection) if other.id < model.id]
        await connection.execute("delete from models where id < $1", model.id)
        await connection.execute("update models set state = 'serving' where id = $1", model.id)
    for other in older:  # afterwards, as it waits for those who still read them
        await connection.execute(f"drop schema if exists {other.schema} cascade")
