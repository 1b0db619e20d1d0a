"""What VTT and SRT have in common: cues, the voices in them, and words made from cues that have no times inside."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pipeline.formats.speaker_labels import Line, find_speakers, split_label
from pipeline.timeline import Seconds, Span, Word

NEAR_S = 10.0
"""How long a rolling line stays, in seconds, where nobody speaks."""
MOMENT_S = 0.1
"""YouTube shows each line once more for a hundredth of a second; what a person says takes longer."""
AROUND = 5
"""Captions before and after, by which it is judged whether they roll."""
ROLLING = 0.5
"""Share of those that begin with the end of the one before. Of 39 real transcripts cut into captions of eight words,
0.2 % do so; in 38 of them no eleven in a row have more than two."""
MOST_SHARED = 100  # words that are compared; a caption that rolls has two or three lines
SLOWEST_CHARS_S = 0.5
"""Characters a second below which a caption that others follow has a wrong end; slow speech has eight."""
FEWEST_SHARED = 3  # words that two captions share, where neither is the other's beginning or end as a whole

_DASH = re.compile(r"\s*[-\u2010-\u2015]\s*(?=[^\W\d_]|[\"'\u201c\u00bf\u00a1])")
_DASH_SPACE = re.compile(r"\s*[-\u2010-\u2015]\s+(?=\S)")
Marks = tuple[tuple[int, Seconds], ...]


@dataclass(frozen=True, slots=True)
class Cue(Span):
    """One caption: its text on one line, who speaks, and the times inside it that the file gave.

    ``marks``: (character offset in ``text``, seconds), rising.
    """

    text: str
    speaker: str = ""
    marks: Marks = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of a caption, or the part of it that one voice says; ``voice``: as the file tags it, "" if not."""

    text: str
    voice: str = ""
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Caption(Span):
    """What is shown from start to end, in pieces; ``voice``: whom the file names for all of it."""

    pieces: tuple[Piece, ...]
    voice: str = ""


def cues_of(captions: Sequence[Caption]) -> tuple[Cue, ...]:
    """A file's captions as cues, in order of start, one for each voice; those without a visible character are gone.

    Voices are those that the file tags; without any tags, "Name: " at the head of a line, where the file as a whole
    shows that these are labels. Such a name holds until the next.
    """
    tagged = any(piece.voice for caption in captions for piece in caption.pieces) or any(c.voice for c in captions)
    lines = [
        Line(_undashed(piece.text), place == 0)
        for caption in captions
        for place, piece in enumerate(p for p in caption.pieces if is_visible(p.text))
    ]
    speakers = {} if tagged else find_speakers(lines)
    cues: list[Cue] = []
    holding = ""
    for caption in captions:
        pieces = [piece for piece in caption.pieces if is_visible(piece.text)]
        if not tagged:
            pieces, holding = _labelled(pieces, speakers, holding)
        cues += _divided(caption, pieces)
    return tuple(sorted(cues, key=lambda cue: cue.start))


def is_visible(text: str) -> bool:
    """Whether a text has a character that can be seen."""
    return any(not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc") for c in text)


def _labelled(pieces: Sequence[Piece], speakers: dict[str, str], holding: str) -> tuple[list[Piece], str]:
    """The pieces with the speakers that their labels name, labels and dashes gone, and the speaker of the last."""
    dashes = sum(bool(_DASH.match(piece.text)) for piece in pieces) > 1
    named: list[Piece] = []
    for piece in pieces:
        undashed = _undashed(piece.text, dashes=dashes)
        speaker, rest = split_label(undashed, speakers)
        if dashes and undashed != piece.text and not speaker:
            holding = ""  # another voice, and nothing says whose
        holding = speaker or holding
        cut = len(piece.text) - len(rest)
        named.append(Piece(rest, holding, tuple((max(0, at - cut), t) for at, t in piece.marks)))
    return [piece for piece in named if piece.text.strip()], holding


def _undashed(text: str, *, dashes: bool = False) -> str:
    found = (_DASH if dashes else _DASH_SPACE).match(text)
    return text[found.end() :] if found else text


def _divided(caption: Caption, pieces: Sequence[Piece]) -> list[Cue]:
    """One cue for each run of pieces of one voice; they share the caption's time by its marks, else by length."""
    if not pieces:
        return []
    runs: list[tuple[str, str, list[tuple[int, Seconds]]]] = []
    offset = 0
    heads = []
    for piece in pieces:
        voice = piece.voice or caption.voice
        if not runs or runs[-1][0] != voice:
            runs.append((voice, "", []))
            heads.append(offset)
        speaker, text, marks = runs[-1]
        gap = " " if text else ""
        marks += [(len(text) + len(gap) + at, t) for at, t in piece.marks]
        runs[-1] = (speaker, text + gap + piece.text.strip(), marks)
        offset += len(piece.text.strip()) + 1
    if len(runs) == 1:
        speaker, text, marks = runs[0]
        return [Cue(caption.start, caption.end, text, speaker, tuple(marks))]
    every = [(head + at, t) for head, (_, _, marks) in zip(heads, runs, strict=True) for at, t in marks]
    knots = _knots(caption, offset - 1, every)
    edges = [caption.start, *(_when(knots, head) for head in heads[1:]), caption.end]
    return [
        Cue(start, max(start, end), text, speaker, tuple(marks))
        for (speaker, text, marks), start, end in zip(runs, edges, edges[1:], strict=False)
    ]


def words_of_cues(cues: Iterable[Cue]) -> tuple[Word, ...]:
    """Words with times: from marks inside the cue where there are any, else shared out by length of word.

    Rolling captions, each beginning with what the one before ended with, give each word once. What is said twice is
    there twice.
    """
    ordered = sorted(cues, key=lambda cue: (cue.start, cue.end))
    shared = [0, *(_shared(before, cue) for before, cue in pairwise(ordered))]
    words: list[Word] = []
    for index, cue in enumerate(ordered):
        if index + 1 < len(ordered) and len(cue.text) < SLOWEST_CHARS_S * (cue.end - ordered[index + 1].start):
            cue = replace(cue, end=ordered[index + 1].start)
        words += _timed_words(cue, shared[index] if shared[index] and _rolls(ordered, shared, index) else 0)
    return tuple(words)


def _shared(before: Cue, cue: Cue) -> int:
    """How many words at the head of a caption are the last of the one before."""
    if cue.start - before.end > NEAR_S or before.speaker != cue.speaker:
        return 0
    tail, head = before.text.split(), cue.text.split()
    for size in range(min(len(tail), len(head), MOST_SHARED), 0, -1):
        if tail[-1] == head[size - 1] and tail[-size:] == head[:size]:
            return size if size >= FEWEST_SHARED or size in (len(tail), len(head)) else 0
    return 0


def _rolls(cues: Sequence[Cue], shared: Sequence[int], index: int) -> bool:
    """Whether a repeated beginning is shown again, and not said again: the captions around roll, too."""
    if cues[index - 1].text == cues[index].text and cues[index - 1].end - cues[index].start > cues[index].duration / 2:
        return True  # the same caption in two layers
    around = range(max(1, index - AROUND), min(len(shared), index + AROUND + 1))
    rolling = [shared[i] > 0 and (cues[i - 1].text != cues[i].text or cues[i].duration < MOMENT_S) for i in around]
    return len(around) > 1 and sum(rolling) >= ROLLING * len(around)


def _timed_words(cue: Cue, skipped: int) -> list[Word]:
    """The words of a cue but the first ``skipped``; the first that is left begins when the cue does."""
    spots = [(match.start(), match.group()) for match in re.finditer(r"\S+", cue.text)][skipped:]
    spots = [(at, text) for at, text in spots if is_visible(text)]
    if not spots:
        return []
    heads = [at for at, _ in spots]
    end = len(cue.text)
    marks = [(_at_or_after(heads, at, end), t) for at, t in cue.marks if cue.start <= t <= cue.end and at >= heads[0]]
    knots = _knots(cue, end, marks, begin=heads[0])
    return [
        Word(_when(knots, at), _when(knots, at + len(text)), text, speaker=cue.speaker or None) for at, text in spots
    ]


def _knots(
    span: Span, length: int, marks: Sequence[tuple[int, Seconds]], *, begin: int = 0
) -> list[tuple[int, Seconds]]:
    """Characters whose time is known, both rising, from the span's start to its end."""
    knots: list[tuple[int, Seconds]] = []
    for at, time in [(begin, span.start), *marks, (length, span.end)]:
        if knots and (at <= knots[-1][0] or time < knots[-1][1]):
            if at == knots[-1][0]:
                knots[-1] = (at, max(time, knots[-1][1]))
            continue
        knots.append((at, time))
    return knots


def _when(knots: Sequence[tuple[int, Seconds]], at: int) -> Seconds:
    index = max(1, bisect_left(knots, at, key=lambda knot: knot[0]))
    if index >= len(knots):
        return knots[-1][1]
    (a, ta), (b, tb) = knots[index - 1], knots[index]
    return ta + (tb - ta) * (at - a) / (b - a)


def _at_or_after(heads: Sequence[int], at: int, end: int) -> int:
    """A time given in the space before a word is the word's."""
    index = bisect_left(heads, at)
    return heads[index] if index < len(heads) else end
