"""Reads that announce themselves: from "this episode is brought to you by" to the address that closes them.

The decoder pays for both edges of a segment, so a read of ten seconds does not pay for its own. A rule after the model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pipeline.ads.finding.evidence import CUES
from pipeline.ads.finding.segments import PAID, Segment, WordScores
from pipeline.timeline import Span, Word

READ_S = (5.0, 45.0)
"""From the announcement to the address: shorter is a mention, longer has the show in between."""
CHANCE = 0.97
"""Of such a read to be a paid ad: 42 of 42 in the 312 labelled episodes were, with one more of either kind added."""
LEAST_MEAN = 0.4
"""The mean chance of the read's words that the model must give it: below, it is talk about sponsors."""
BREATH_S = 0.25  # between two words of one speaker: a sentence has ended
AFTER_WORDS = 3  # after an address: "... dot com slash show today."
BEFORE_WORDS = 4  # from the sentence's first word to the announcement
_OPENER = re.compile(
    r"\b(?:episode|podcast|show|program|video|portion|segment) (?:is|was|comes) (?:proudly |also )?"
    r"(?:brought to you|sponsored|presented|supported|made possible) by\b",
    re.IGNORECASE,
)
_CLOSERS = tuple(cue.pattern for cue in CUES if cue.name in ("gives an address", "gives a code"))


def announced_reads(segments: Sequence[Segment], words: Sequence[Word], scores: WordScores) -> tuple[Segment, ...]:
    """The announced reads that no segment touches."""
    paid = np.exp(scores.kinds[:, PAID]).sum(axis=1)
    found: list[Segment] = []
    for first, last in _announced(words):
        span = Span(words[first].start, max(word.end for word in words[first:last]))
        mean = float(paid[first:last].mean())
        if mean >= LEAST_MEAN and not any(span.overlap(segment) > 0 for segment in (*segments, *found)):
            found.append(Segment(span.start, span.end, first, last, "sponsor", mean))
    return tuple(found)


def _announced(words: Sequence[Word]) -> list[tuple[int, int]]:
    """The words, first and last (exclusive), of each announcement and what follows up to an address or code."""
    text, starts = "", []
    for word in words:
        starts.append(len(text))
        text += word.text + " "
    found = []
    for opener in _OPENER.finditer(text):
        first = _sentence_start(words, max(n for n, at in enumerate(starts) if at <= opener.start()))
        reach = [n for n in range(first, len(words)) if words[n].end - words[first].start <= READ_S[1]]
        closer = _first_closer(words[first : reach[-1] + 1]) if reach else None
        if closer is not None:
            last = _closed(words, first + closer)
            if words[last].end - words[first].start >= READ_S[0]:
                found.append((first, last + 1))
    return found


def _ends_sentence(words: Sequence[Word], n: int) -> bool:
    return words[n].text[-1:] in ".!?" or words[n + 1].start - words[n].end >= BREATH_S


def _sentence_start(words: Sequence[Word], n: int) -> int:
    """The word that begins the sentence of word ``n``, a few words back at most."""
    return next((k for k in range(n, max(0, n - BEFORE_WORDS), -1) if _ends_sentence(words, k - 1)), n)


def _closed(words: Sequence[Word], n: int) -> int:
    """The word that ends the sentence of an address, a few words after it at most."""
    return next((k for k in range(n, min(n + AFTER_WORDS + 1, len(words) - 1)) if _ends_sentence(words, k)), n)


def _first_closer(words: Sequence[Word]) -> int | None:
    """The index of the last word of the first address or code."""
    text, ends_at = "", []
    for word in words:
        text += word.text.rstrip(",;:")  # "example dot com, slash podcast" is one address
        ends_at.append(len(text))
        text += " "
    ends = [match.end() for closer in _CLOSERS for match in closer.finditer(text)]
    return min(
        (next(n for n, at in enumerate(ends_at) if at >= end) for end in ends if end <= ends_at[-1]), default=None
    )
