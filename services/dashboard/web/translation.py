"""The language of a page: words by gettext, dates by Babel.

Words are written in English where they are used. A catalogue `translations/<code>/LC_MESSAGES/messages.po`
adds a language (see tools/translations.py): pages then offer it. What it lacks stays English.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

CATALOGUES = Path(__file__).with_name("translations")
ENGLISH = "en"
COOKIE = "lang"
"""The name of the cookie, and of the parameter in addresses."""
COOKIE_SECONDS = 365 * 24 * 3600


class Said(Exception):
    """Something to tell the viewer. `words` are English, with places such as %(name)s for `values`."""

    def __init__(self, words: str, **values: Any) -> None:
        super().__init__(words % values if values else words)
        self._words = words
        self._values = values

    @property
    def translated(self) -> str:
        """The words in the language of the page."""
        return gettext(self._words) % self._values if self._values else gettext(self._words)


@dataclass(frozen=True, slots=True)
class Language:
    """A language in which pages can be shown. `name` is what its speakers call it."""

    code: str
    name: str
    words: NullTranslations

    @property
    def tag(self) -> str:
        """What HTML calls it."""
        return "en-GB" if self.code == ENGLISH else self.code


_ENGLISH = Language(ENGLISH, "English", NullTranslations())
_current: ContextVar[Language] = ContextVar("language", default=_ENGLISH)
_links: ContextVar[list[tuple[Language, str]] | None] = ContextVar("language_links", default=None)


def languages(folder: Path) -> Mapping[str, Language]:
    """The languages there are, by code: English, and one for each catalogue in the folder."""
    found = {ENGLISH: _ENGLISH}
    for path in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        code = path.parents[1].name
        with path.open("rb") as source:
            catalogue = read_po(source, locale=code)
        if not any(message.id and any(message.string or ()) for message in catalogue):
            continue
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        name = Locale.parse(code).get_display_name() or code
        found[code] = Language(code, name.capitalize(), GNUTranslations(compiled))
    return found


@contextmanager
def speaking(language: Language, others: Iterable[Language] = (), query: Any = ()) -> Iterator[None]:
    """Show pages in this language inside the block. They link to the same page in the other languages."""
    kept = [(name, value) for name, value in query if name != COOKIE]
    links = [(one, "?" + urlencode([*kept, (COOKIE, one.code)])) for one in others]
    before = _current.set(language), _links.set(links)
    try:
        yield
    finally:
        _current.reset(before[0])
        _links.reset(before[1])


def remember(request: Request, code: str) -> Response:
    """Keep a language in a cookie, and show the same page."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != COOKIE]
    # A relative address leads to no other site.
    answer = RedirectResponse("?" + urlencode(rest), 303)
    answer.set_cookie(COOKIE, code, max_age=COOKIE_SECONDS, httponly=True, samesite="lax")
    return answer


def current() -> Language:
    """The language of the page."""
    return _current.get()


def links() -> list[tuple[Language, str]]:
    """The other languages, with the address of this page in each."""
    return _links.get() or []


def gettext(words: str) -> str:
    """These words in the language of the page."""
    return _current.get().words.gettext(words) if words else ""


def ngettext(one: str, many: str, number: int) -> str:
    """The words for one or for many, in the language of the page."""
    return _current.get().words.ngettext(one, many, number)


def N_(words: str) -> str:  # noqa: N802 - gettext's name for it
    """Mark words for translation that are translated when they are shown."""
    return words


def day_words(day: date | None) -> str:
    """A date as people write it, such as 5 January 2026."""
    return _day_words(day, current().tag) if day else ""


@lru_cache(maxsize=4096)
def _day_words(day: date, tag: str) -> str:
    return format_date(day, "d MMMM y", Locale.parse(tag, sep="-"))


def month_words(month: str) -> str:
    """A month such as 2026-01 as people write it: January 2026."""
    return format_date(date.fromisoformat(f"{month}-01"), "MMMM y", Locale.parse(current().tag, sep="-"))


def in_words(code: str | None) -> str:
    """The code of a place, such as `north_east`, as people read it."""
    return gettext(place_words(code))


def lower_words(code: str | None) -> str:
    """A code in lower case, such as community order; abbreviations stay."""
    return gettext(code_words(code))


def place_words(code: str | None) -> str:
    """The code of a place in English."""
    words = (code or "").replace("_", " ")
    return words.title().replace(" And ", " and ").replace(" The ", " the ").replace(" Of ", " of ")


def code_words(code: str | None) -> str:
    """Any other code in English."""
    return "RAR" if code == "rar" else (code or "").replace("_", " ")


def number(value: float | None) -> str:
    """A number with at most one decimal."""
    return "" if value is None else f"{value:,.1f}".removesuffix(".0")
