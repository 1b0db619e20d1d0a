"""Bytes of a text file to text: what exports of other programs are encoded in."""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache

LOOKED_AT = 100_000
"""Bytes from which an encoding is guessed; a megabyte tells no more and takes a second."""
ZERO_SHARE = 0.2
"""Share of zero bytes from which bytes are UTF-16: Latin text has a half, Japanese with spaces and line ends less."""
DAMAGED_SHARE = 0.1
"""Share of the characters beyond ASCII that may be damaged in UTF-8; in any other encoding nearly all of them are."""
WESTERN = "cp1252"
MORE_LIKELY = 2.0
"""How much likelier another Latin code page must look to chardet: in a sentence of Western Europe another does by 1.9,
and the right one of Central Europe, the Baltic or Turkey by 2.2 or more in five of six that were tried."""
LATIN = (
    *(
        WESTERN,
        "mac-roman",
        "cp1250",
        "iso8859-2",
        "cp1254",
        "cp1257",
        "cp1258",
        "iso8859-15",
        "cp850",
        "cp852",
        "cp437",
    ),
    "mac-latin2",
)
PAGES = (
    *LATIN,
    *("cp1251", "koi8-r", "koi8-u", "cp866", "cp1253", "cp1255", "cp1256", "cp874"),
    *("gb18030", "big5hkscs", "cp932", "euc_jis_2004", "iso2022_jp_2", "cp949"),
)
"""The code pages that programs which export text have written in, of each standard the widest."""
IN_WORDS = "\u2019\u2018\u2010\u2011\u2013\u2014\u2026\u00b7\u00ad\u02bc"
"""Signs inside a word: apostrophes, dashes, an ellipsis, the Catalan dot, a soft hyphen."""
NEVER = "\u00a4\ufffd\u2021\u02c6\u00b8"

_MARKED = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode_text(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 and UTF-32 with or without a mark, else the code page it was written in.

    A byte that the encoding does not have becomes U+FFFD. Code pages are told apart by chardet; of the Latin ones, that
    which reads best.

    >>> decode_text("A café in Zürich.".encode("cp1252")), decode_text("Zürich".encode("utf-16"))
    ('A café in Zürich.', 'Zürich')
    """
    for mark, encoding in _MARKED:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    head = data[:LOOKED_AT]
    if head.count(0) > ZERO_SHARE * len(head):
        odd = head[1::2].count(0)
        return data.decode("utf-16-le" if odd * 2 >= head.count(0) else "utf-16-be", errors="replace")
    text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    other = sum(not c.isascii() for c in text) if damaged else 0
    return text if damaged <= DAMAGED_SHARE * other else _by_code_page(data)


def _by_code_page(data: bytes) -> str:
    """The text by the code page that it reads best in.

    Of Latin ones chardet's order alone is little worth in a short text: most have a letter for every byte. So what no
    word has is counted first (``_oddities``), then Windows' own comes before others that are hardly likelier.
    """
    from chardet import detect_all

    head = data[:LOOKED_AT]
    found = detect_all(head, ignore_threshold=True, prefer_superset=False, compat_names=False, include_encodings=PAGES)
    chances = {str(guess["encoding"]): float(guess["confidence"]) for guess in found}
    best = max(chances, key=lambda name: chances[name], default=WESTERN)
    if best not in PAGES:
        best = WESTERN
    if _is_latin(head.decode(best, errors="replace")):
        chances[WESTERN] = MORE_LIKELY * chances.get(WESTERN, 0.0)
        tried = [name for name in PAGES if name in chances and name in LATIN]
        best = min(tried, key=lambda name: (_oddities(head.decode(name, errors="replace")), -chances[name]))
    return data.decode(best, errors="replace")


def _is_latin(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return sum(_is_latin_letter(c) for c in letters) * 2 >= len(letters)


@cache
def _is_latin_letter(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")


def _oddities(text: str) -> int:
    """How many characters beyond ASCII stand where no spelling has them.

    >>> [_oddities(text) for text in ("Z\u00fcrich \u2013 it\u2019s", "Z\u0178rich", "Stra\u00a7e", "\u00ecHi")]
    [0, 1, 1, 1]
    """
    return sum(
        _is_odd(*(text[at : at + 1] if at >= 0 else "" for at in range(place - 1, place + 2)))
        for place in _beyond(text)
    )


def _beyond(text: str) -> list[int]:
    return [match.start() for match in re.finditer(r"[^\x00-\x7f]", text)]


def _is_odd(before: str, character: str, after: str) -> bool:
    """Whether a character cannot stand between its neighbours: small before capital, a sign inside a word."""
    if not character.isalpha():
        inside = before.isalpha() and after.isalpha() and character not in IN_WORDS
        return inside or character in NEVER or unicodedata.category(character) in ("Cc", "Co", "Cn")
    neighbours = [side for side in (before, after) if side.isalpha()]
    if not all(_is_latin_letter(side) == _is_latin_letter(character) for side in neighbours):
        return True
    capital = character.isupper() and (before.islower() or (before.isalpha() and after.islower()))
    return capital or (character.islower() and after.isupper()) or before in tuple(",.?!;")
