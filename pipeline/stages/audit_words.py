"""What was heard against where somebody speaks: no passage is lost in silence.

A stretch of detected speech without words is heard once more on its own; what stays without words becomes a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from pipeline.timeline import Seconds, Span, Transcript, Warned, Word, merge_spans

LOST_S = 3.0  # seconds of speech without a word that must not go unnoticed
REACH_S = 0.5  # a word covers this much around itself: pauses inside a sentence are no loss


class Hear(Protocol):
    """Decodes speech again, on its own."""

    def __call__(self, speech: Sequence[Span], /) -> Transcript: ...


def audit_words(transcript: Transcript, speech: Sequence[Span], *, hear: Hear) -> tuple[Transcript, tuple[Warned, ...]]:
    """The transcript with lost passages heard again, and a warning for each that still has no words."""
    gaps = find_gaps(transcript.words, speech)
    if gaps:
        found = [w for w in hear(gaps).words if any(gap.contains(w.middle) for gap in gaps)]
        words = sorted([*transcript.words, *found], key=lambda w: (w.start, w.end))
        transcript = replace(transcript, words=_apart(words))
        gaps = find_gaps(transcript.words, speech)
    warnings = (
        Warned(g.start, g.end, "speech without words", f"{g.duration:.0f} s of speech have no words") for g in gaps
    )
    return transcript, tuple(warnings)


def find_gaps(words: Sequence[Word], speech: Sequence[Span], *, least_s: Seconds = LOST_S) -> tuple[Span, ...]:
    """Stretches of speech, at least ``least_s`` long, in which there is no word.

    >>> find_gaps([Word(0.0, 1.0, "Hello")], [Span(0.0, 9.0)])
    (Span(start=1.5, end=9.0),)
    """
    covered = merge_spans(Span(max(0.0, w.start - REACH_S), w.end + REACH_S) for w in words)
    gaps: list[Span] = []
    for span in speech:
        start = span.start
        for cover in covered:
            if cover.end <= start or cover.start >= span.end:
                continue
            if cover.start > start:
                gaps.append(Span(start, cover.start))
            start = max(start, cover.end)
        if start < span.end:
            gaps.append(Span(start, span.end))
    return tuple(gap for gap in gaps if gap.duration >= least_s)


def _apart(words: Sequence[Word]) -> tuple[Word, ...]:
    """Words that neither overlap nor run backwards."""
    apart: list[Word] = []
    for word in words:
        start = max(word.start, apart[-1].end) if apart else word.start
        apart.append(replace(word, start=start, end=max(start, word.end)))
    return tuple(apart)
