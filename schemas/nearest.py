"""Finds the name that was probably meant."""

import difflib
from collections.abc import Iterable

_CUTOFF = 0.75
"""How alike two names must be, from 0 to 1 (see `difflib`)."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be; None if none is close.

    Capitals, blanks, hyphens and underscores make no difference: `recordedTime` is `recordedtime`.
    """
    by_letters = {_letters(one): one for one in known}
    close = difflib.get_close_matches(_letters(name), by_letters, n=1, cutoff=_CUTOFF)
    return by_letters[close[0]] if close else None


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
