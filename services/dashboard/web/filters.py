"""Filters as they are in an address: what is chosen, and the address with some of it changed."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar
from urllib.parse import urlencode

from services.dashboard.web.translation import Said

LONGEST = 200
"""Longer words in an address are cut off."""
_PAGES = 100_000


class WrongFilter(Said):
    """A filter in the address has no such value."""


@dataclass(frozen=True, slots=True)
class InAddress:
    """The filters of a page. Its fields are words, empty if nothing is chosen, and the page of its list."""

    page: int = 1

    @property
    def chosen(self) -> dict[str, str]:
        """Those that are set, without the page."""
        found = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "page"}
        return {name: value for name, value in found.items() if value}

    def address(self, path: str = "/", **changed: Any) -> str:
        """The address with these filters, some of them changed."""
        values = {name: value for name, value in {**self.chosen, **changed}.items() if value}
        return f"{path}?{urlencode(values)}" if values else path


F = TypeVar("F", bound=InAddress)


def filters_in(kind: type[F], given: Mapping[str, str], known: Mapping[str, Container[str]]) -> F:
    """The filters in an address. `known` are the words that some of them can have. Raises `WrongFilter`."""
    words = {f.name: given.get(f.name, "").strip()[:LONGEST] for f in fields(kind) if f.name != "page"}
    for name, values in known.items():
        if words[name] and words[name] not in values:
            raise WrongFilter("There is no such filter. Choose from the lists on the page.")
    page = given.get("page", "1")
    if not page.isascii() or not page.isdigit() or not 1 <= int(page) <= _PAGES:
        raise WrongFilter("There is no such page of the list.")
    return kind(**words, page=int(page))
