"""Words to the small units in which ads are looked for: clauses of a few seconds, with or without punctuation.

A recogniser may write full stops or none at all, "60 %" or "60%", "linkedin .com" or "linkedin.com". What is said is
the same, so units are cut at whatever the text offers (stops, pauses, length) and read through ``tokens_of``, which
forgets case, punctuation and the digits of a number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.timeline import Span, Word

LONGEST_UNIT_WORDS = 22  # about eight seconds: no edge is further than that from a unit's edge
SHORTEST_UNIT_WORDS = 3  # "Yeah." alone says nothing: it joins what follows
SOFT_UNIT_WORDS = 12  # from here on a comma or a short pause is enough
LONG_PAUSE_S = 1.2
SHORT_PAUSE_S = 0.3

_TOP_LEVEL = "(?:com|org|net|co|io|fm|tv|ai|app|gov|edu|us|uk|me|ly|shop|health|deals|gg)"
_DOMAIN = re.compile(rf"^(?:www\.)?([a-z0-9][\w&-]*(?:\.[\w-]+)*?)\.{_TOP_LEVEL}$")
_NAKED_DOMAIN = re.compile(rf"^\.{_TOP_LEVEL}$")
_EDGES = re.compile(r"^[^\w$£€%#@&.]+|[^\w$£€%+]+$")
_STOP = re.compile(r"[.?!…]['\")\]\u2019\u201d]*$")
_SMALL_NUMBERS = frozenset(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
_BIG_NUMBERS = frozenset(
    (
        *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        *("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
        *("hundred", "thousand", "million", "billion"),
    )
)
_ABBREVIATION = re.compile(r"^(?:[A-Za-z]\.)+$|^(?:Mr|Mrs|Ms|Dr|St|vs|Jr|Sr|No|Inc|etc)\.$")


@dataclass(frozen=True, slots=True)
class Unit(Span):
    """A clause: the words ``first`` to ``last`` (exclusive) of the transcript, and how they are read."""

    first: int
    last: int
    tokens: tuple[str, ...]


def split_units(words: Sequence[Word]) -> tuple[Unit, ...]:
    """Every word in exactly one unit, in order.

    >>> words = [Word(i / 3, (i + 1) / 3, t) for i, t in enumerate("This show is free. Go to acme .com today.".split())]
    >>> [unit.tokens for unit in split_units(words)]
    [('this', 'show', 'is', 'free'), ('go', 'to', 'acme', '<dotcom>', 'today')]
    """
    units: list[Unit] = []
    first = 0
    for index in range(len(words)):
        if index + 1 == len(words) or _ends_unit(words, first, index):
            units.append(_unit(words, first, index + 1))
            first = index + 1
    return tuple(units)


def spoken_units(words: Sequence[Word]) -> tuple[tuple[Unit, ...], tuple[Word, ...]]:
    """The units of the words that say anything, and those words: "." or "..." alone is a recogniser's filler."""
    spoken = tuple(word for word in words if tokens_of(word.text))
    return split_units(spoken), spoken


def _ends_unit(words: Sequence[Word], first: int, index: int) -> bool:
    length = index + 1 - first
    word, following = words[index], words[index + 1]
    pause = following.start - word.end
    if pause >= LONG_PAUSE_S or length >= LONGEST_UNIT_WORDS:
        return True
    if following.text.startswith("."):
        return False
    stops = _is_stop(word)
    if length < SHORTEST_UNIT_WORDS:  # the tail of a cut sentence does not join the next one
        return stops and first > 0 and not _is_stop(words[first - 1])
    if stops:
        return True
    return length >= SOFT_UNIT_WORDS and (word.text.endswith((",", ";", ":", "—")) or pause >= SHORT_PAUSE_S)


def _is_stop(word: Word) -> bool:
    return bool(_STOP.search(word.text)) and not _ABBREVIATION.match(word.text)


def _unit(words: Sequence[Word], first: int, last: int) -> Unit:
    chosen = words[first:last]
    tokens = join_spoken([token for word in chosen for token in tokens_of(word.text)])
    return Unit(chosen[0].start, max(chosen[0].start, max(w.end for w in chosen)), first, last, tuple(tokens))


@lru_cache(maxsize=65536)
def tokens_of(text: str) -> tuple[str, ...]:
    """One written word as it is read: lower case, numbers by kind, an address by its name.

    >>> tokens_of("LinkedIn.com,"), tokens_of("$5,000"), tokens_of("60%"), tokens_of("It\u2019s")
    (('linkedin', '<dotcom>'), ('<money>',), ('<percent>',), ("it's",))
    """
    plain = _EDGES.sub("", text.lower().replace("\u2019", "'")).removeprefix("-")
    if _NAKED_DOMAIN.match(plain):
        return ("<dotcom>",)
    if domain := _DOMAIN.match(plain):
        return (domain[1], "<dotcom>")
    plain = plain.strip(".")
    if any(c.isdigit() for c in plain):
        return (_number(plain),)
    if plain in ("%", "percent"):
        return ("<percent>",)
    return tuple(part for part in re.split(r"[^\w'&]+", plain) if part)


def _number(plain: str) -> str:
    if plain[0] in "$£€" or plain.endswith(("$", "£", "€")):
        return "<money>"
    if plain.endswith("%"):
        return "<percent>"
    if plain.isalpha() or any(c.isalpha() for c in plain):
        return "<mixed>"
    digits = sum(c.isdigit() for c in plain)
    return "<number>" if digits < 5 else "<long-number>"


def join_spoken(tokens: list[str]) -> list[str]:
    """ "dot com" as one token, "20 percent" as one, "5 dollars" as one, and a number in words as its digits.

    >>> join_spoken("twenty five <percent> off for <number> dollars at acme dot com".split())
    ['<percent>', 'off', 'for', '<money>', 'at', 'acme', '<dotcom>']
    """
    joined: list[str] = []
    for token in tokens:
        previous = joined[-1] if joined else ""
        token = "<number>" if token in _BIG_NUMBERS else token
        if previous == "dot" and token in ("com", "org", "net", "co", "io", "fm"):
            joined[-1] = "<dotcom>"
        elif token == "<number>" and previous in ("<number>", "<money>"):
            continue  # "five thousand", "$5 ,000"
        elif previous == "<number>" and token in _SMALL_NUMBERS:
            continue  # "twenty five"
        elif token == "<number>" and previous in _SMALL_NUMBERS:
            joined[-1] = token  # "two hundred"
        elif previous == "<number>" and token == "<percent>":
            joined[-1] = "<percent>"
        elif previous == "<number>" and token in ("dollars", "bucks", "pounds", "euros"):
            joined[-1] = "<money>"
        else:
            joined.append(token)
    return joined
