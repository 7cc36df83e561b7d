"""The order of names: a stored key, compared byte by byte, that puts Lithuanian and Spanish letters in their place."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

LEVEL = "\t"  # between the letters and the accents: smaller than any letter, so that Ana stands before Ana María
AFTER_ALL_LETTERS = "~"  # č, š, ž and ñ are letters of their own, behind c, s, z and n
OWN_LETTERS = {
    unicodedata.normalize("NFC", letter): letter[0] + AFTER_ALL_LETTERS
    for letter in ("c\u030c", "s\u030c", "z\u030c", "n\u0303")
}
WITHOUT_STROKE = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
LITHUANIAN = "lt"
LONGEST = 120  # characters of each level: an index takes about 2,700 bytes


@lru_cache(maxsize=4096)
def sort_key(name: str, language: str = "en") -> str:
    """The text to store beside a name and to order by.

    Case and punctuation do not count; accents count last; č, š, ž and ñ follow c, s, z and n. In a Lithuanian
    name (`language` of its owner) y stands with i and į, elsewhere at its place before z.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    words = " ".join("".join(_kept(character) for character in folded).split())
    letters = "".join(_letter(character) for character in words)
    if language == LITHUANIAN:
        letters = letters.replace("y", "i")
    return (letters or folded)[:LONGEST] + LEVEL + words[:LONGEST]


def _kept(character: str) -> str:
    """Punctuation and what cannot be seen is left out; what joins two words becomes a blank."""
    category = unicodedata.category(character)
    if category == "Pd":
        return " "
    return "" if category[0] in "PC" and not character.isspace() else character


def _letter(character: str) -> str:
    """A Latin letter without its accent; any other character as it is."""
    if character < "\x7f":
        return character
    if character in OWN_LETTERS:
        return OWN_LETTERS[character]
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() else character.translate(WITHOUT_STROKE)
