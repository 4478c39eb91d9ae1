"""Events and findings in words, in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from schemas.envelope import CloudEvent
from services.dashboard.web.translation import N_, day_words, gettext
from shared.answers import describing
from shared.answers.open_items import TASKS

REASONS = {
    "corrected": N_("the facts changed: it never was so"),
    "resolved": N_("it has been dealt with"),
    "ended": N_("supervision, or the time for which it applied, ended"),
    "superseded": N_("a new finding replaces it"),
    "merged": N_("the person's record went into another's"),
    "policy": N_("it was assessed again under another policy"),
}
"""Why a finding was withdrawn."""
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})( \d{2}:\d{2})?")


def words_of(type: str) -> str:
    """An event's type in words, such as "Contact missed"."""
    return gettext(type_words(type))


def type_words(type: str) -> str:
    """The same in English."""
    if type in TASKS:
        return TASKS[type].title
    return _WORD.sub(" ", type).capitalize().replace("Rar ", "RAR ")


def describe(event: CloudEvent[Any]) -> str:
    """What an event says in a few words."""
    return _sentence(describing.details(event))


def details_words(details: str) -> str:
    """What an open item says in a few words, from the JSON in the read model."""
    return _sentence(msgspec.json.decode(details, type=list[describing.Detail]))


def _sentence(details: Iterable[describing.Detail]) -> str:
    """Details in words, with dates as people write them."""
    dated = (one if one.coded else one._replace(values=tuple(map(_day_words, one.values))) for one in details)
    return describing.sentence(dated, gettext)


def _day_words(value: str) -> str:
    found = _DAY.fullmatch(value)
    if found is None:
        return value
    day = day_words(date.fromisoformat(found[1]))
    return f"{day},{found[2]}" if found[2] else day
