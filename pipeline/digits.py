"""Whole numbers in texts from outside: the one place where digits become a number."""

from __future__ import annotations

LARGEST = 10**15
"""No size, count or time here is larger; Python takes minutes for the longest numbers that could be sent."""


def whole_number(text: object, *, most: int = LARGEST) -> int | None:
    """The number that a text of plain digits says; None for anything else, and for more than ``most``.

    >>> [whole_number(text) for text in ("12", " 7 ", "", "-1", "1.5", "\\u00b2", "\\u0663", "9" * 99)]
    [12, 7, None, None, None, None, None, None]
    """
    digits = str(text).strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits.lstrip("0")) <= len(str(most))):
        return None
    number = int(digits)
    return number if number <= most else None
