"""Makes the catalogue for another language of the pages, or brings it up to date::

    python -m tools.translations cy

It writes `services/dashboard/web/translations/cy/LC_MESSAGES/messages.po`, with every word of the pages and
the translations that it had. Pages offer the language as soon as one message is translated.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po
from pydantic import BaseModel

from schemas.catalogue import CATALOGUE
from schemas.topics import SERVICES, TOPICS
from services.dashboard.web import access, answers, case, translation
from services.dashboard.web import words as event_words
from services.dashboard.web.equalities import EVERY_GROUP
from shared.answers.counted import KINDS
from shared.answers.describing import WITHHELD, name_words
from shared.answers.listed import AREAS, MEASURES, NOW
from shared.answers.open_items import TASKS

WEB = Path(answers.__file__).parent


def words() -> Catalog:
    """Every word of the pages: those in templates and Python, and those that come from events."""
    found = Catalog()
    keywords: dict[str, Any] = {**DEFAULT_KEYWORDS, "N_": None}
    keywords |= {kind.__name__: None for kind in _kinds(translation.Said)}
    methods = [("**.py", "python"), ("**.html", "jinja2")]
    options = {"**.html": {"trimmed": "true"}}
    for file, line, message, comments, context in extract_from_dir(WEB, methods, options, keywords):
        found.add(message, None, [(file, line)], auto_comments=comments, context=context)
    for message in vocabulary():
        if message:
            found.add(message)
    return found


def vocabulary() -> Iterator[str]:
    """The words for types, fields, codes and places, and for what is to be done."""
    for task in TASKS.values():
        yield from (task.title, task.role, task.step)
    for type, entry in CATALOGUE.items():
        yield event_words.type_words(type)
        yield from _fields(entry.model)
    for measure in (*MEASURES, *NOW):
        yield from (measure.name, measure.definition)
    yield from (*AREAS, *EVERY_GROUP.values(), *KINDS)
    for region in access.REGIONS:
        yield translation.place_words(region)
    yield from (*SERVICES, *TOPICS, *get_args(case.Kind), "or")


def _fields(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name not in WITHHELD:
            yield name_words(name)
        yield from _codes(field.annotation)


def _codes(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        for code in get_args(annotation):
            if isinstance(code, str):
                yield from (translation.code_words(code), code.replace("_", " "))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _fields(annotation)
    else:
        for part in get_args(annotation):
            yield from _codes(part)


def _kinds(of: type[Exception]) -> Iterator[type[Exception]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def write(code: str, folder: Path = translation.CATALOGUES) -> Path:
    """Write the catalogue of a language. Raises `UnknownLocaleError` or `ValueError` for an unknown code."""
    path = folder / code / "LC_MESSAGES/messages.po"
    catalogue = Catalog(locale=Locale.parse(code))
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=code)
    catalogue.update(words())
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, sort_output=True)
    return path


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(prog="python -m tools.translations", description=__doc__)
    parser.add_argument("language", help="its code, such as cy for Welsh")
    try:
        print(write(parser.parse_args().language))
    except (UnknownLocaleError, ValueError):
        sys.exit("there is no language of that code: use one of two letters, such as cy for Welsh")


if __name__ == "__main__":
    main()
