"""The rules in words, as `docs/rules.md` has them: with source, confidence and functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

RULE_ID = re.compile(
    r"\b(?:SH|ALLOC|CONT|ENF|UPW|AP|SI|DF|CSTR|RAR|PROV|RES|REG|CRT|PERF|EQ|VIC|OUT|MGR|INFO|END)-\d+\b"
)
"""The id of a rule, such as CONT-2."""

PAGES = (Path(__file__).parents[2] / "docs/rules.md", Path(__file__).with_name("rules.txt"))
"""The page in a checkout of the project, and the copy that the wheel has of it (see `pyproject.toml`)."""

TITLE_LENGTH = 90
"""Longer rules have a title of their first words."""
_CLAUSE_LENGTH = 25
"""A shorter beginning says too little."""

NOT_BUILT = "not built yet"
"""What a page says of a rule that nothing implements."""

_COLUMN = re.compile(r"(?<!\\)\|")
_LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./)?([^)]+)\)")
_CLAUSE = re.compile(r"[.;:](?=\s)|\s->?\s")
_ASIDE = re.compile(r"\s*\([^()]*\)")


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule in words. `functions` are (name, path) of those that implement it; `elsewhere` says what does so
    where none does.
    """

    id: str
    words: str
    source: str
    confidence: str
    functions: tuple[tuple[str, str], ...]
    elsewhere: str

    @property
    def title(self) -> str:
        """The first clause without what is in brackets, in at most `TITLE_LENGTH` characters."""
        words = _ASIDE.sub("", self.words)
        ends = (found.start() for found in _CLAUSE.finditer(words))
        clause = words[: next((end for end in ends if end >= _CLAUSE_LENGTH), None)].rstrip(".,")
        if len(clause) <= TITLE_LENGTH:
            return clause
        return clause[: TITLE_LENGTH - 1].rsplit(" ", 1)[0].rstrip(",") + "…"


@cache
def rulebook() -> Mapping[str, RuleText]:
    """Every rule by its id. Raises `FileNotFoundError` if neither page is there: a broken installation."""
    page = next((path for path in PAGES if path.exists()), PAGES[0])
    return MappingProxyType(parsed(page.read_text(encoding="utf-8")))


def parsed(page: str) -> dict[str, RuleText]:
    """The rules on a page, in its order."""
    found = {}
    for line in page.splitlines():
        columns = [column.strip() for column in _COLUMN.split(line)[1:-1]]
        if len(columns) == 5 and RULE_ID.fullmatch(columns[0]):
            id, words, source, confidence, links = columns
            functions = tuple(_LINK.findall(links))
            elsewhere = "" if functions else _plain(links)
            found[id] = RuleText(id, _plain(words), _plain(source), confidence, functions, elsewhere)
    return found


def title(id: str) -> str:
    """The title of a rule; empty for an id that no rule has now, as in events of an older release."""
    rule = rulebook().get(id)
    return rule.title if rule else ""


def _plain(text: str) -> str:
    return text.replace("\\|", "|").replace("**", "").replace("`", "")
