"""Folder names from untrusted titles."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80  # characters; leaves room for a suffix within every file system's 255 bytes
RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
}  # Windows devices


def slug(text: str, *, otherwise: str) -> str:
    """A folder name that is safe everywhere: letters, digits and dashes; ``otherwise`` when nothing is left.

    >>> slug("OpenAI's 'Code Red' Problem", otherwise="episode")
    'openais-code-red-problem'
    >>> slug("../..", otherwise="episode")
    'episode'
    >>> slug("Über ⟂ 東京 / 5", otherwise="episode")
    'uber-東京-5'
    """
    plain = unicodedata.normalize("NFKD", text).replace("'", "").replace("’", "")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    name = re.sub(r"[^\w]+|_+", "-", plain.lower()).strip("-")
    while len(name.encode()) > LONGEST * 2 or len(name) > LONGEST:
        name = name[:-1]
    name = name.strip("-")
    return f"{name}-" if name in RESERVED else name or otherwise
