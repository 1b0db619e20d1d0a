"""What a synthetic voice is given to say for each written word: "$1.4 trillion" is "one point four trillion dollars".

The reference stays the seed's text, letter for letter; only the ear is served here. A written form stands for itself
unless the recipe respells it; a respelling may span several words and may hold phonemes in braces, which go past the
letter-to-sound rules: ``"Altman" = "{...}"``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

_BRACED = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Written words and how all of them together are spoken."""

    written: tuple[str, ...]
    spoken: str


def spoken_chunks(text: str, respellings: Mapping[str, str]) -> tuple[Chunk, ...]:
    """The text cut into chunks; keys match whole words, the longest key first, punctuation around them is kept.

    >>> spoken_chunks("He paid $5, twice.", {"$5": "five dollars"})[2]
    Chunk(written=('$5,',), spoken='five dollars,')
    """
    keys = sorted(respellings, key=len, reverse=True)
    found = "|".join(re.escape(key) for key in keys)
    pattern = re.compile(rf"(?<![\w$])(?:{found})(?!\w)") if keys else None
    chunks: list[Chunk] = []
    position = 0
    for match in pattern.finditer(text) if pattern else ():
        start = text.rfind(" ", 0, match.start()) + 1
        end = text.find(" ", match.end())
        end = len(text) if end < 0 else end
        if start < position:
            continue  # a second respelling inside one written word
        chunks += [Chunk((word,), word) for word in text[position:start].split()]
        whole = text[start:end]
        spoken = pattern.sub(lambda m: respellings[m[0]], whole) if pattern else whole
        chunks.append(Chunk(tuple(whole.split()), spoken))
        position = end
    chunks += [Chunk((word,), word) for word in text[position:].split()]
    return tuple(chunks)


def to_phonemes(spoken: str, phonemize: Callable[[str], str]) -> str:
    """The phonemes of a spoken text, those in braces taken as they are."""
    parts = []
    for index, part in enumerate(_BRACED.split(spoken)):
        parts.append(part if index % 2 else _phonemize_keeping_edges(part, phonemize))
    return " ".join("".join(parts).split())


def _phonemize_keeping_edges(part: str, phonemize: Callable[[str], str]) -> str:
    if not re.search(r"\w", part):
        return part
    lead = " " if part[0].isspace() else ""
    trail = " " if part[-1].isspace() else ""
    return lead + phonemize(part.strip()) + trail


def place_words(
    chunks: tuple[Chunk, ...], phonemes: str, times: tuple[float, ...], phonemize: Callable[[str], str]
) -> tuple[tuple[float, float, str], ...]:
    """When each written word is spoken, from the start time of every phoneme and the end of the last.

    The rules run words together ("of the"), so the whole text's phonemes are aligned with those of its chunks alone.
    """
    alone, owner = "", []
    for index, chunk in enumerate(chunks):
        said = to_phonemes(chunk.spoken, phonemize).replace(" ", "")
        alone += said
        owner += [index] * len(said)
    solid = [(sign, times[i], times[i + 1]) for i, sign in enumerate(phonemes) if sign != " "]
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    matcher = SequenceMatcher(None, alone, "".join(sign for sign, _, _ in solid), autojunk=False)
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            sign, start, end = solid[block.b + step]
            if sign.isalpha() or sign in "ˈˌ":
                index = owner[block.a + step]
                first.setdefault(index, start)
                last[index] = end
    return _spread(chunks, first, last, times[0], times[-1])


def _spread(
    chunks: tuple[Chunk, ...], first: dict[int, float], last: dict[int, float], begin: float, finish: float
) -> tuple[tuple[float, float, str], ...]:
    placed: list[tuple[float, float, str]] = []
    for index, chunk in enumerate(chunks):
        start = first.get(index, placed[-1][1] if placed else begin)
        following = next((first[i] for i in range(index + 1, len(chunks)) if i in first), finish)
        end = max(start, last.get(index, following))
        share = (end - start) / sum(len(word) for word in chunk.written)
        for word in chunk.written:
            placed.append((start, start + share * len(word), word))
            start += share * len(word)
    return tuple(placed)
