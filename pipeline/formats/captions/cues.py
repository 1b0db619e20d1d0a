"""What VTT and SRT have in common: cues, their clock, and words made from cues that have none."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.timeline import Seconds, Span, Word


@dataclass(frozen=True, slots=True)
class Cue(Span):
    """One caption: its text on one line, who speaks, and the times inside it that the file gave.

    ``marks``: (character offset in ``text``, seconds), rising.
    """

    text: str
    speaker: str = ""
    marks: tuple[tuple[int, Seconds], ...] = field(default=(), compare=False)


_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?$")


def parse_time(text: str) -> Seconds | None:
    """Seconds of ``[h:]mm:ss[.,]mmm``; None when it is no such time.

    >>> parse_time("01:02,500"), parse_time("1:00:00.000"), parse_time("soon")
    (62.5, 3600.0, None)
    """
    match = _CLOCK.match(text.strip())
    if not match:
        return None
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return round(whole + float(f"0.{fraction or 0}"), 6)  # 1 + 0.356 is not the float 1.356


def print_time(seconds: Seconds, *, mark: str) -> str:
    """``hh:mm:ss`` and milliseconds after the ``mark``.

    >>> print_time(62.5, mark=",")
    '00:01:02,500'
    """
    ms = max(0, round(seconds * 1000))
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


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
