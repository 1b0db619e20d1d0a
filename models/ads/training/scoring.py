"""Found ads against labelled ones, by the rules that the labelled episodes are scored by.

A prediction that lies mostly in the show's own calls or credits counts for nobody; one in a mock ad is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.ads.training.corpus import OWN, PAID, Document, MarkKind
from pipeline.scores.ads.detection import JOIN_GAP_S, SpanCounts, match_spans
from pipeline.timeline import Seconds, Span, merge_spans

LONGEST_WORD_S = 3.0
"""From one word to the next at most this counts as lost: a hole in the transcript is not the show."""


@dataclass(frozen=True, slots=True)
class EpisodeScore:
    """``edges_s``: found edge minus marked edge of each match, signed; words: of paid ads, by what was found.

    ``lost_s``: seconds found that are neither paid nor the show's own call or credits.
    """

    spans: SpanCounts
    has_ads: bool
    found: int
    edges_s: tuple[Seconds, ...]
    words_right: int
    words_wrong: int
    words_missed: int
    lost_s: Seconds
    duration_s: Seconds


def score_episode(document: Document, found: Sequence[Span]) -> EpisodeScore:
    """One episode's score; every found span is taken as a paid ad."""
    words = document.words
    paid, own = (_inside(document, kinds) for kinds in (PAID, OWN))
    middles, starts = np.array([w.middle for w in words]), np.array([w.start for w in words])
    got = np.zeros(len(words), bool)
    counted = []
    for span in found:
        inside = (middles >= span.start) & (middles < span.end)
        got |= inside
        if not inside.any() or own[inside].mean() <= 0.5:
            counted.append(Span(span.start, span.end))
    truth, claimed = _join(document.spans), _join(counted)
    spans = match_spans(truth, claimed)
    steps = np.clip(np.diff(starts, append=document.duration), 0, LONGEST_WORD_S)
    return EpisodeScore(
        spans,
        bool(truth),
        len(claimed),
        spans.edge_errors_s,
        int((got & paid).sum()),
        int((got & ~paid & ~own).sum()),
        int((paid & ~got).sum()),
        float(steps[got & ~paid & ~own].sum()),
        document.duration - (words[0].start if words else 0.0),
    )


def _inside(document: Document, kinds: Sequence[MarkKind]) -> np.ndarray:
    inside = np.zeros(len(document.words), bool)
    for mark in document.marks:
        inside[mark.first : mark.last] |= mark.kind in kinds
    return inside


def _join(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans less than the joining gap apart as one."""
    joined: list[Span] = []
    for span in merge_spans(spans):
        if joined and span.start - joined[-1].end < JOIN_GAP_S:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(Span(span.start, span.end))
    return tuple(joined)
