"""Names that people type, such as that of a delivery unit, as keys."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4_096)  # there are a few hundred units
def name_key(name: str) -> str:
    """SH-11: two names are the same whatever their capitals, blanks and Unicode forms.

    "Ynys Môn " and "ynys môn" have one key. It is for comparing only: what is published keeps the spelling of
    the fact that it comes from.
    """
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return " ".join(composed.split())
