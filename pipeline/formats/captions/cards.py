"""Sentences to caption cards: runs of words that fit a few short lines, broken where a reader would break them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from pipeline.timeline import Seconds, Span, Word

SHORTEST_S = 0.04
"""A card must have some length to be shown at all: one frame at 25 per second."""
_PUNCTUATED = (",", ";", ":", ".", "?", "!", "\u2014", "\u2026")


@dataclass(frozen=True, slots=True)
class Card(Span):
    """The lines shown from start to end."""

    lines: tuple[str, ...]
    speaker: str = ""


def lay_out(words: Sequence[Word], *, width: int, lines: int, first_indent: int = 0, indent: int = 0) -> list[int]:
    """Where the cards of a sentence begin (indices of words), the fewest cards, evenly filled, broken at commas.

    ``first_indent``/``indent``: characters already taken on the first line of the first card / of later cards.
    """
    texts = [word.text for word in words]
    total = sum(map(len, texts)) + len(texts)

    @cache
    def fits(begin: int, end: int) -> bool:
        taken = first_indent if begin == 0 else indent
        return len(wrap(texts[begin:end], width=width, indent=taken)) <= lines

    ideal = total / max(1, -(-total // (width * lines)))
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(texts) + 1):
        options = []
        for begin in range(end - 1, -1, -1):
            if not fits(begin, end) and begin < end - 1:
                break
            size = sum(map(len, texts[begin:end])) + end - begin
            broken = 0.0 if end == len(texts) else 0.15 if texts[end - 1].endswith(_PUNCTUATED) else 0.4
            options.append((best[begin][0] + 1.0 + broken + 0.5 * abs(size - ideal) / ideal, begin))
        best.append(min(options, key=lambda option: (option[0], -option[1])))
    starts: list[int] = []
    end = len(texts)
    while end > 0:
        end = best[end][1]
        starts.append(end)
    return starts[::-1]


def short_words(words: Iterable[Word], *, width: int) -> tuple[Word, ...]:
    """The words, those longer than a line broken into pieces that share their time."""
    short: list[Word] = []
    for word in words:
        size = len(word.text)
        for at in range(0, size, width):
            begin, end = (word.start + word.duration * min(x, size) / size for x in (at, at + width))
            short.append(
                word if size <= width else replace(word, text=word.text[at : at + width], start=begin, end=end)
            )
    return tuple(short)


def wrap(texts: Sequence[str], *, width: int, indent: int = 0) -> list[str]:
    """Words filled into lines of at most ``width`` characters, the first ``indent`` shorter (and empty if need be)."""
    lines = [""]
    room = width - indent
    for text in texts:
        glue = 1 if lines[-1] else 0
        if len(lines[-1]) + glue + len(text) <= room:
            lines[-1] += " " * glue + text
        else:
            lines.append(text)
            room = width
    return lines


def timed(words: Sequence[Word], following: Seconds | None) -> Span:
    """When a card is shown: its words, never empty, and not into the next card where that can be helped."""
    start, end = words[0].start, max(word.end for word in words)
    if following is not None and following >= start + SHORTEST_S:
        end = min(end, following)
    return Span(start, max(end, start + SHORTEST_S))
