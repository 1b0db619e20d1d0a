"""What VTT and SRT have in common: cues, their times, and words made from cues that have none."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.errors import FormatError
from pipeline.formats.clock import parse_clock
from pipeline.timeline import Seconds, Span, Word


@dataclass(frozen=True, slots=True)
class Cue(Span):
    """One caption: its text on one line, who speaks, and the times inside it that the file gave.

    ``marks``: (character offset in ``text``, seconds), rising.
    """

    text: str
    speaker: str = ""
    marks: tuple[tuple[int, Seconds], ...] = field(default=(), compare=False)


def cue_times(found: Sequence[str], line: str, path: str, number: int) -> tuple[Seconds, Seconds]:
    """Start and end of the cue whose timing ``line`` is; ``found`` are the two times in it, empty where it has none.

    Raises a FormatError that names the line.
    """
    start, end = (parse_clock(text) if ":" in text else None for text in found or ("", ""))
    if start is None or end is None:
        raise FormatError(path, f"expected 'start --> end', found {line.strip()[:60]!r}", line=number)
    if end < start:
        raise FormatError(path, f"this caption ends before it starts ({line.strip()[:60]})", line=number)
    return start, end


def words_of_cues(cues: Iterable[Cue]) -> tuple[Word, ...]:
    """Words with times: from marks inside the cue where there are any, else shared out by length of word.

    Rolling captions (each cue repeating the tail of the one before) give each word once.
    """
    words: list[Word] = []
    for cue in sorted(cues, key=lambda c: (c.start, c.end)):
        fresh = _timed_words(cue)
        words += fresh[_repeated(words, fresh) :]
    return tuple(words)


def _timed_words(cue: Cue) -> list[Word]:
    spots = [(match.start(), match.group()) for match in re.finditer(r"\S+", cue.text)]
    if not spots:
        return []
    heads = [at for at, _ in spots]
    marks = [(_at_or_after(heads, at, len(cue.text)), t) for at, t in cue.marks if cue.start <= t <= cue.end]
    anchors = [(0, cue.start), *marks, (len(cue.text), cue.end)]
    knots: list[tuple[int, Seconds]] = []
    for at, time in anchors:
        if knots and (at <= knots[-1][0] or time < knots[-1][1]):
            if at == knots[-1][0]:
                knots[-1] = (at, max(time, knots[-1][1]))
            continue
        knots.append((at, time))

    places = [at for at, _ in knots]

    def when(at: int) -> Seconds:
        index = max(1, bisect_left(places, at))
        if index >= len(knots):
            return knots[-1][1]
        (a, ta), (b, tb) = knots[index - 1], knots[index]
        return ta + (tb - ta) * (at - a) / (b - a)

    return [Word(when(at), when(at + len(text)), text, speaker=cue.speaker or None) for at, text in spots]


def _at_or_after(heads: Sequence[int], at: int, end: int) -> int:
    """A time given in the space before a word is the word's."""
    index = bisect_left(heads, at)
    return heads[index] if index < len(heads) else end


def _repeated(words: Sequence[Word], fresh: Sequence[Word], *, recent_s: float = 12.0) -> int:
    """How many words at the head of ``fresh`` repeat the tail of ``words`` (three or more, or a whole line)."""
    if not words or not fresh or fresh[0].start - words[-1].end > 1.0:
        return 0
    tail = [w.text for w in words[-60:] if w.start > fresh[0].start - recent_s]
    head = [w.text for w in fresh]
    for size in range(min(len(tail), len(head)), 2, -1):
        if tail[-size:] == head[:size]:
            return size
    return 0
