"""Topic ``clock``: the days."""

from pydantic import Field

from schemas.envelope import Data
from schemas.scalars import Date


class DayStarted(Data):
    """A day has begun in Europe/London. Only the ticker publishes this, one day at a time and in order."""

    date: Date = Field(description="The date in Europe/London.")
