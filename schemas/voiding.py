"""What an event must say that voids another: the fields that say which one, and no more."""

from functools import cache
from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, create_model, model_serializer
from pydantic.fields import FieldInfo

from schemas.catalogue import Entry
from schemas.envelope import Data, Upstream


class Voided(Data):
    """The base of the data of an event that never happened. What it does not give is None."""

    voided: Literal[True] = Field(description="True: it never happened.")

    @model_serializer(mode="wrap")
    def _as_given(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        aliases = {name: field.alias or name for name, field in type(self).model_fields.items()}
        given = {aliases[name] for name in self.model_fields_set}
        return {name: value for name, value in write(self).items() if name in given}


def needed(entry: Entry) -> tuple[str, ...]:
    """The fields, as messages write them, that even an event which voids another must have."""
    fields = entry.model.model_fields
    named = entry.subject_field
    names = (*entry.key, *([named] if named and fields[named].is_required() else []))
    return tuple(dict.fromkeys(fields[name].alias or name for name in names))


def may_be_voided(entry: Entry) -> bool:
    """Whether the source corrects events of this type, and so may void them."""
    return issubclass(entry.model, Upstream)


@cache  # made when the first such event comes: it takes long, and most programs never see one
def voided(entry: Entry) -> type[Voided]:
    """The model of the data of an event that voids another of this type."""
    fields: dict[str, Any] = {}
    for name, field in entry.model.model_fields.items():
        if name != "voided":
            optional = field.is_required() and (field.alias or name) not in needed(entry)
            fields[name] = (
                field.annotation,
                FieldInfo.merge_field_infos(field, default=None) if optional else field,
            )
    return create_model(f"Voided{entry.type}", __base__=Voided, **fields)
