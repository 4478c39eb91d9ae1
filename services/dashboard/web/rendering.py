"""The templates, and what they can use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.dashboard.web import translation
from services.dashboard.web.access import REGIONS
from services.dashboard.web.today import PAGE, PAGES, WHEN
from services.dashboard.web.words import details_words, words_of
from shared.answers.open_items import TASKS

FOLDER = Path(__file__).with_name("templates")


def environment() -> Environment:
    """The templates. Their words are translated when a page is shown."""
    found: Any = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.install_gettext_callables(translation.gettext, translation.ngettext, newstyle=True)
    found.policies["ext.i18n.trimmed"] = True
    found.filters |= {
        "day": translation.day_words,
        "place": translation.in_words,
        "lower_words": translation.lower_words,
        "number": translation.number,
        "month": translation.month_words,
        # Unlike _(), which takes words for HTML, this is safe for words that come from events.
        "translated": translation.gettext,
        "details": details_words,
    }
    found.globals |= {
        "REGIONS": sorted(REGIONS),
        "TASKS": TASKS,
        "WHEN": WHEN,
        "PAGE": PAGE,
        "PAGES": PAGES,
        "type_words": words_of,
        "language": translation.current,
        "language_links": translation.links,
    }
    environment: Environment = found
    return environment
