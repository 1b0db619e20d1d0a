"""Where an ad sends its listener, and with which code: for the notes, which keep what the sound has lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.ads.evidence import plain_word
from pipeline.timeline import Span, Word
from pipeline.words.links import find_links
from pipeline.words.lists import listed

_NO_CODE = listed("at for to and or the a is when you your in of on with that this it today now from get")
SPELT_LETTERS = 12  # a code of letters said one by one is no longer


@dataclass(frozen=True, slots=True)
class Offer:
    """The addresses an ad names, each once, and its code; empty where it has none."""

    addresses: tuple[str, ...] = ()
    code: str = ""

    def __str__(self) -> str:
        return ", ".join([*self.addresses, *([f"code {self.code}"] if self.code else [])])


def find_offer(words: Sequence[Word], span: Span) -> Offer:
    """The offer of an ad.

    >>> said = "Go to zestora.com slash river and use code RIVER. Zestora dot com slash river.".split()
    >>> str(find_offer([Word(i, i + 1, text) for i, text in enumerate(said)], Span(0, 99)))
    'zestora.com/river, code RIVER'
    """
    inside = [word for word in words if span.contains(word.middle)]
    said = list(dict.fromkeys(link.text for link in find_links(inside)))
    addresses = [one for one in said if not any(other != one and other.startswith(f"{one}/") for other in said)]
    return Offer(tuple(addresses), _code(inside))


def _code(words: Sequence[Word]) -> str:
    """What follows "code": a word, or letters said one by one."""
    for n, word in enumerate(words[:-1]):
        if plain_word(word) != "code" or word.text[-1:] in ".!?":
            continue
        first = re.sub(r"[^\w-]", "", words[n + 1].text)
        if not first or first.lower() in _NO_CODE:
            continue
        letters = [first]
        while len(first) == 1 and n + 1 + len(letters) < len(words) and len(letters) < SPELT_LETTERS:
            letter = plain_word(words[n + 1 + len(letters)])
            if len(letter) != 1 or words[n + len(letters)].text[-1:] in ".!?":
                break
            letters.append(letter)
        return "".join(letters).upper()
    return ""
