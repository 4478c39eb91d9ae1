"""The pages in another language: every word that people see can be translated."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.messages.pofile import read_po, write_po

from services.dashboard.web import translation
from tests.dashboard.conftest import Caseload
from tests.dashboard.site import Site, a_person
from tools.translations import words, write

LETTERS = {letter: letter + 0xFEE0 for letter in map(ord, string.ascii_letters)}
"""Each letter as one that looks alike and is no letter of English."""
KEPT = re.compile(r"%\(\w+\)s|%s|%%|<[^>]+>")
"""Parts of a message that a translation keeps."""
WORD = re.compile(r"[A-Za-z]{2,}")
CODES = re.compile(
    r"\b[A-Z]{2,5}-\d+\b|/(?:feeds|services)/\w+|\b\w+@[\w.-]+|\b[0-9a-f]{8}-[0-9a-f-]{20,}\b|\bday-\d\d\S*"
)
"""Rules, sources, policies and ids, which are the same in every language."""
MONTHS = re.compile("|".join(Locale("cy").months["format"]["wide"].values()))
NAMES = {"id", "subject", "pdu", "withdraws", "evidence", "key"}
"""Fields with ids and names."""
OPEN_CODES = {"task", "outcome", "desired_outcomes", "programme", "eligible"}
"""Fields with codes that whoever sends events chooses: no list of ours has them."""
SHOWN = {"aria-label", "title", "alt", "placeholder"}


def pseudo(message: str) -> str:
    """A message with all its words in other letters."""
    kept = KEPT.findall(message)
    return "".join(
        text.translate(LETTERS) + (kept[n] if n < len(kept) else "")
        for n, text in enumerate(KEPT.split(message))
    )


@pytest.fixture
def translated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of a language that has all words, in other letters. Its dates are Welsh."""
    path = write("cy", tmp_path)
    with path.open("rb") as file:
        catalogue = read_po(file, locale="cy")
    for message in catalogue:
        if message.id:
            one = message.id if isinstance(message.id, str) else message.id[1]
            many = catalogue.num_plurals if message.pluralizable else 0
            message.string = (pseudo(one),) * many if many else pseudo(one)
    with path.open("wb") as file:
        write_po(file, catalogue)
    monkeypatch.setattr(translation, "CATALOGUES", tmp_path)
    return tmp_path


class Text(HTMLParser):
    """What people see of a page, without parts in a language of their own."""

    EMPTY = {"meta", "link", "input", "br", "hr"}

    def __init__(self, page: str) -> None:
        super().__init__()
        self._own: list[bool] = []
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag not in self.EMPTY:
            self._own.append("lang" in given and tag != "html")
        self.found += [given[name] for name in SHOWN & given.keys()]

    def handle_endtag(self, tag: str) -> None:
        self._own.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._own):
            self.found.append(data)


def names(value: Any, key: str = "") -> Iterator[str]:
    """The ids and names in an event."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from names(inner, name)
        case list():
            for inner in value:
                yield from names(inner, key)
        case str() if key in NAMES | OPEN_CODES or key.endswith(("_id", "_pdu")):
            yield value.replace("_", " ") if key in OPEN_CODES else value


@pytest.fixture
def data(played: Caseload) -> set[str]:
    """The ids and names in the caseload."""
    return {name for line in played.lines for name in names(json.loads(line)) if len(name) > 1}


def english(page: str, data: set[str]) -> list[str]:
    """The English words on a page that are neither ids nor names."""
    left = []
    for text in Text(page).found:
        text = MONTHS.sub(" ", CODES.sub(" ", text))
        for name in sorted(data, key=len, reverse=True):
            text = text.replace(name, " ")
        left += [text.strip()] if WORD.search(text.replace("CSV", "")) else []
    return left


async def test_in_another_language_no_english_word_is_left(
    translated: Path, site: Site, data: set[str]
) -> None:
    person = await a_person(site)
    who = site.region(person["region"], cookie="lang=cy")
    day = (await site.read.rows("select max(known_on) - 30 as day from events"))[0]["day"]
    case = f"/cases/{person['token']}"
    for address in (
        "/",
        "/?when=overdue",
        "/performance",
        "/performance/requirements-completed",
        "/equalities",
        "/needs",
        "/workload",
        case,
        f"{case}?day={day}",
        "/system",
        "/nothing",
        "/?page=0",
    ):
        page = await site.get(address, **who)
        assert 'lang="cy"' in page.text, address
        assert english(page.text, data) == [], address


async def test_every_case_can_be_told_in_another_language(
    translated: Path, site: Site, data: set[str]
) -> None:
    for person in await site.read.rows(
        "select distinct on (subject) s.token, r.region from responsible r join subjects s using (subject)"
    ):
        page = await site.get(f"/cases/{person['token']}", **site.region(person["region"], cookie="lang=cy"))
        assert english(page.text, data) == []


async def test_dates_are_in_the_language_of_the_page(translated: Path, site: Site) -> None:
    person = await a_person(site)
    await site.read.rows("update state set day = '2026-01-05'")
    who = site.region(person["region"])
    assert "5 January 2026" in (await site.get("/", **who)).text
    assert "5 Ionawr 2026" in (await site.get("/", **who, cookie="lang=cy")).text


async def test_the_language_that_was_chosen_is_kept_with_the_filters(translated: Path, site: Site) -> None:
    who = site.region("london")
    page = await site.get("/?region=london", **who)
    assert 'href="?region=london&amp;lang=cy" lang="cy" hreflang="cy">Cymraeg</a>' in page.text
    chosen = await site.get("/?region=london&lang=cy", **who)
    assert (chosen.status, chosen.headers["location"]) == (303, "?region=london")
    assert chosen.headers["set-cookie"].startswith(
        "lang=cy; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax"
    )


async def test_choosing_a_language_leads_to_no_other_site(translated: Path, site: Site) -> None:
    chosen = await site.get("//elsewhere.example/?lang=cy", **site.region("london"))
    assert chosen.headers["location"] == "?"


async def test_no_language_is_offered_of_which_nothing_is_translated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("cy", tmp_path)
    assert list(translation.languages(tmp_path)) == ["en"]


def test_bringing_a_catalogue_up_to_date_keeps_its_translations(translated: Path) -> None:
    write("cy", translated)
    assert translation.languages(translated)["cy"].words.gettext("Workload") == pseudo("Workload")


@pytest.mark.parametrize("kind", ["NotSignedIn", "Forbidden", "Missing", "WrongFilter"])
def test_what_is_said_is_written_out_so_that_it_can_be_found(kind: str) -> None:
    for path in translation.CATALOGUES.parent.glob("*.py"):
        for call in re.findall(rf"raise {kind}\((.)", path.read_text(encoding="utf-8")):
            assert call in '"\n', path.name


def test_the_words_of_the_pages_are_found_where_they_are_used() -> None:
    found: Callable[[str], Any] = words().get
    for message in (
        "What needs doing today",
        "Enter a case reference number, such as X123456.",
        "north east",
    ):
        assert found(message) or found(message.title()), message
