"""Topic ``prison``: releases and stays in custody."""

import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.envelope import Data, Upstream
from schemas.scalars import Date, Id
from schemas.words import ConditionKind


def _check_ends(start: datetime.date, licence: datetime.date, supervision: datetime.date | None) -> None:
    if supervision is not None and supervision < licence:
        raise ValueError("pss_ends_on is before licence_ends_on")
    # A recall may last until the licence ends; then only post-sentence supervision follows.
    if (supervision or licence) < start:
        raise ValueError("supervision ends before the release")


class ReleasePlanned(Upstream):
    """A release date was planned."""

    sentence_id: Id = Field(description="The sentence.")
    release_on: Date = Field(description="Planned date of release.")
    licence_ends_on: Date = Field(description="Last day of the licence.")
    pss_ends_on: Date | None = Field(
        default=None, description="Last day of post-sentence supervision; null if there is none."
    )
    stay: Literal["short_term", "long_term"] = Field(description="Short-term or long-term prisoner.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_ends(self.release_on, self.licence_ends_on, self.pss_ends_on)
        return self


class Condition(Data):
    """A condition of a licence."""

    condition_id: Id = Field(description="The condition.")
    kind: ConditionKind = Field(description="What it requires or forbids.")


class PersonReleased(Upstream):
    """The person was released on licence."""

    sentence_id: Id = Field(description="The sentence.")
    released_on: Date = Field(description="Date of release: the first day of the licence.")
    licence_ends_on: Date = Field(description="Last day of the licence.")
    pss_ends_on: Date | None = Field(
        default=None, description="Last day of post-sentence supervision; null if there is none."
    )
    conditions: list[Condition] = Field(default=[], max_length=50, description="Conditions of the licence.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_ends(self.released_on, self.licence_ends_on, self.pss_ends_on)
        return self


class PersonTakenIntoCustody(Upstream):
    """The person was taken into custody."""

    custody_id: Id = Field(description="The stay in custody.")
    taken_on: Date = Field(description="First day in custody.")
    reason: Literal["recall", "remand", "new_sentence"] = Field(description="Why.")
    sentence_id: Id | None = Field(default=None, description="The licence recalled; null otherwise.")


class PersonLeftCustody(Upstream):
    """The person left custody."""

    custody_id: Id = Field(description="The stay that ended.")
    left_on: Date = Field(description="Date of leaving custody.")


class TemporaryReleaseGranted(Upstream):
    """The person may leave prison for a time, on licence."""

    grant_id: Id = Field(description="The grant.")
    sentence_id: Id = Field(description="The sentence.")
    from_: Date = Field(alias="from", description="First day of the temporary release.")
    until: Date = Field(description="Last day of the temporary release.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.until < self.from_:
            raise ValueError("until is before from")
        return self
