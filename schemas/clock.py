"""Topic ``clock``: the days."""

from pydantic import Field

from schemas.envelope import Data
from schemas.scalars import Date


class DayStarted(Data):
    """A day has begun in Europe/London. Only the ticker says so, one day after the other."""

    date: Date = Field(description="The day, Europe/London.")
