"""Bytes of a text file to text: what exports of other programs are encoded in."""

from __future__ import annotations

import codecs
import unicodedata

LOOKED_AT = 100_000
"""Bytes from which an encoding is guessed; a megabyte tells no more and takes a second."""
ZERO_SHARE = 0.2
"""Share of zero bytes from which bytes are UTF-16: Latin text has a half, Japanese with spaces and line ends less."""
DAMAGED_SHARE = 0.1
"""Share of the characters beyond ASCII that may be damaged in UTF-8; in any other encoding nearly all of them are."""
WESTERN = "cp1252"

_MARKED = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode_text(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 and UTF-32 with or without a mark, else the code page it was written in.

    A byte that the encoding does not have becomes U+FFFD. Code pages are told apart by charset-normalizer; where it
    finds a Latin one, Windows' own is taken, because on short texts it mixes up the Latin ones.

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
    from charset_normalizer import from_bytes

    found = from_bytes(data[:LOOKED_AT]).best()
    if found is None or _is_latin(str(found)):
        return data.decode(WESTERN, errors="replace")
    return data.decode(found.encoding, errors="replace")


def _is_latin(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    latin = sum(c.isascii() or unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return latin * 2 >= len(letters)
