"""The simple types of fields: identifiers, text, dates, instants and numbers.

At run time each is a plain ``str``, ``int``, ``float``, ``date`` or ``datetime``. Pydantic's core checks the
limits, and the JSON Schemas show them.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
    StringConstraints,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

CONTROL = r"\x00-\x1f\x7f-\x9f"
"""Control characters, for use inside a character class."""

DATE_PATTERN = r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
INSTANT_PATTERN = (
    r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
# The limits keep date arithmetic within the range of Python and PostgreSQL: there is no day after 9999-12-31.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
FIRST_INSTANT = datetime(1900, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(2200, 1, 1, tzinfo=UTC)


class _Written:
    """A date or an instant, with one fixed form in JSON.

    Needed because pydantic would also accept a Unix timestamp in a string ("1699920000"), which no sender
    means.
    """

    def __init__(self, name: str, pattern: str, value: Callable[..., CoreSchema], **limits: Any) -> None:
        self.name, self.pattern, self.value, self.limits = name, pattern, value, limits

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.str_schema(pattern=self.pattern, strict=True)
        return core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([written, self.value(strict=False, **self.limits)]),
            python_schema=self.value(strict=True, **self.limits),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": self.name, "pattern": self.pattern}


Date = Annotated[date, _Written("date", DATE_PATTERN, core_schema.date_schema, ge=FIRST_DAY, le=LAST_DAY)]
"""A date in Europe/London, only in the form ``"2026-12-24"``, from 1900 to 2199."""

Instant = Annotated[
    datetime,
    _Written(
        "date-time",
        INSTANT_PATTERN,
        core_schema.datetime_schema,
        ge=FIRST_INSTANT,
        le=LAST_INSTANT,
        tz_constraint="aware",
    ),
]
"""An RFC 3339 date and time with its offset, ``"2026-12-24T09:30:00Z"``, truncated to the microsecond."""

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,99}$"
CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,63}$"
CRN_PATTERN = r"^[A-Z][A-Z0-9-]{1,31}$"
LINE_255_PATTERN = rf"^[^{CONTROL}]{{1,255}}$"
NAME_PATTERN = rf"^[^{CONTROL}]{{1,200}}$"
URI_PATTERN = rf'^[^\s{CONTROL}<>"{{}}|\\^`]{{1,255}}$'
JSON_TYPE_PATTERN = r"^[A-Za-z]+/([A-Za-z0-9.-]+\+)?[Jj][Ss][Oo][Nn]\s*(;[ -~]{0,200})?$"
_SIGNS = "letters from A to Z, digits and . _ : @ + -, and begin with a letter or a digit"

PATTERN_MEANINGS = {
    DATE_PATTERN: "Input should be a date in the form YYYY-MM-DD, from 1900 to 2199",
    INSTANT_PATTERN: "Input should be a date and time like 2026-12-24T09:30:00Z, from 1900 to 2199",
    ID_PATTERN: f"Input should have 1 to 100 {_SIGNS}",
    CODE_PATTERN: f"Input should have 1 to 64 {_SIGNS}",
    CRN_PATTERN: "Input should be a case reference number like X123456: a capital letter, then capital "
    "letters, digits or hyphens, 2 to 32 characters in all",
    LINE_255_PATTERN: "Input should be one line of 1 to 255 characters, without control characters",
    NAME_PATTERN: "Input should be one line of 1 to 200 characters, without control characters",
    JSON_TYPE_PATTERN: "Input should be a JSON media type such as application/json",
    URI_PATTERN: "Input should be a URI like /feeds/court, without blanks and up to 255 characters",
}
"""Messages that people see in place of a pattern."""

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
"""An identifier that a source assigns: up to 100 letters, digits and ``. _ : @ + -``.

No slash, because correction keys use it as a separator."""

Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
"""A short code from a list kept elsewhere, such as a programme or a reason."""

Crn = Annotated[str, StringConstraints(pattern=CRN_PATTERN)]
"""A person's case reference number: normally a letter and six digits."""

EventId = Annotated[str, StringConstraints(pattern=LINE_255_PATTERN)]
"""The id of an event: any text of up to 255 characters without control characters."""

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""One line of up to 200 characters, such as a name or a place."""

Text = Annotated[str, StringConstraints(max_length=4000)]
"""Free text of up to 4,000 characters. No rule reads it."""

MOST_COUNTED = 1_000_000
Count = Annotated[int, Field(ge=0, le=MOST_COUNTED)]
"""A count: zero or more."""

Amount = Annotated[int, Field(ge=0, le=10_000)]
"""Hours, days or sessions of a requirement. Converted to minutes it still fits into `Count`."""

Minutes = Annotated[int, Field(ge=0, le=1440)]
"""Minutes within one day."""

Percent = Annotated[float, Field(ge=0, le=100)]
"""A percentage."""

Score = Annotated[int, Field(ge=0, le=100)]
"""A whole number from 0 to 100."""


def _not_a_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "Input should be a whole number")
    return value


NotAFlag = BeforeValidator(_not_a_flag)
"""For a list of whole numbers: in Python true is 1, in JSON it is not."""

OPEN_LIST: dict[str, JsonValue] = {"x-extensible-enum": True}
"""For `Field(json_schema_extra=...)`: values may be added, so consumers must accept unknown ones."""
