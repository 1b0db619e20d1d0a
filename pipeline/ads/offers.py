"""Where an ad sends its listener, and with which code: for the notes, which keep what the sound has lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.ads.finding.evidence import plain_word
from pipeline.result import AdSpan
from pipeline.timeline import Word, join_words
from pipeline.words.links import Link, find_links
from pipeline.words.lists import listed

_NO_CODE = listed("at for to and or the a is when you your in of on with that this it today now from get")
SPELT_LETTERS = 12  # a code of letters said one by one is no longer
ADDRESS_WORDS = 12  # "w w w dot acme dot com forward slash ..." has no more
LEAST_NAME = 3  # letters of a sponsor that stands within the name of an address


@dataclass(frozen=True, slots=True)
class Offer:
    """The addresses an ad names, each once, and its code; empty where it has none."""

    addresses: tuple[str, ...] = ()
    code: str = ""

    def __str__(self) -> str:
        return ", ".join([*self.addresses, *([f"code {self.code}"] if self.code else [])])


def find_offer(words: Sequence[Word], ad: AdSpan, *, metadata: str = "") -> Offer:
    """The offer of an ad; an address whose name is neither the sponsor's nor in the metadata stays as it was heard.

    >>> said = "Go to zestora dot com slash river and use code RIVER.".split()
    >>> words = [Word(i, i + 1, text) for i, text in enumerate(said)]
    >>> str(find_offer(words, AdSpan(0, 99, 0.9, sponsor="Zestora")))
    'zestora.com/river, code RIVER'
    >>> str(find_offer(words, AdSpan(0, 99, 0.9, sponsor="Best Ora")))
    '“zestora dot com slash river”, code RIVER'
    """
    inside = [word for word in words if ad.contains(word.middle)]
    links = {link.text: link for link in reversed(find_links(inside))}
    kept = [one for one in reversed(links) if not any(o != one and o.startswith(f"{one}/") for o in links)]
    addresses = [one if _is_known(one, ad.sponsor, metadata) else _as_heard(links[one], inside) for one in kept]
    return Offer(tuple(dict.fromkeys(addresses)), _code(inside))


def _is_known(address: str, sponsor: str, metadata: str) -> bool:
    """Whether the name of an address is that of a sponsor, has it within, or stands in the metadata."""
    host = address.split("/")[0]
    name = _plain(host.rsplit(".", 1)[0].split(".")[-1])
    sponsors = [_plain(one) for one in sponsor.split(",")]
    written = re.search(rf"(?<![\w-]){re.escape(host)}(?![\w-])", metadata.lower())
    return bool(written) or any(one == name or (len(one) >= LEAST_NAME and one in name) for one in sponsors)


def _as_heard(link: Link, words: Sequence[Word]) -> str:
    """The words of an address, in quotation marks; an address that was written as such stays one word."""
    first = next(n for n, word in enumerate(words) if word.start == link.at)
    for last in range(first + 1, min(len(words), first + ADDRESS_WORDS) + 1):
        if any(found.text == link.text for found in find_links(words[first:last])):
            heard = join_words(words[first:last]).rstrip(".,;:!?")
            return heard if last == first + 1 else f"“{heard}”"
    return f"“{join_words(words[first : first + 1])}”"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


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
