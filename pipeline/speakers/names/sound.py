"""Whether two spellings can be one name that was heard: by sound and by form."""

from __future__ import annotations

import re

import jellyfish
from rapidfuzz import fuzz

MOST_EDITS_SHARE = 0.4
"""Edits, of the longer spelling's letters, up to which equal sounds are one name: Gin and Jin are at 0.33."""
LEAST_LETTERS = 3  # shorter words share a sound with too many others
LIKE_LETTERS = 0.85
"""Share of matching letters from which two whole names with one given name are one person's."""


def same_sound(one: str, other: str) -> bool:
    """Whether two words in small letters sound the same and are written almost the same.

    Same sound: equal Metaphone codes (Philips 1990) and as many syllables, since Metaphone leaves vowels out.

    >>> same_sound("jon", "john"), same_sound("mendez", "mendoza")
    (True, False)
    """
    if one == other:
        return True
    if not (one.isascii() and other.isascii() and one.isalpha() and other.isalpha()):
        return False
    longest = max(len(one), len(other))
    if min(len(one), len(other)) < LEAST_LETTERS or jellyfish.metaphone(one) != jellyfish.metaphone(other):
        return False
    if _syllables(one) != _syllables(other):
        return False
    return jellyfish.damerau_levenshtein_distance(one, other) <= max(1, MOST_EDITS_SHARE * longest)


def alike(one: str, other: str) -> float:
    """Share of letters that two spellings have in common and in order, 0..1."""
    return fuzz.ratio(one, other) / 100


def _syllables(word: str) -> int:
    return len(re.findall("[aeiouy]+", word))
