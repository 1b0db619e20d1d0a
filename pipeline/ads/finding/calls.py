"""Where a show speaks for itself: calls to its own listeners, and credits. They are no ads, and may stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.ads.finding.segments import Segment, WordScores, log_sum, runs_of
from pipeline.result import OWN_KINDS
from pipeline.timeline import Span, Word

LEAST_WORDS = 6
"""Two seconds: shorter is a phrase of something else."""


def find_calls(words: Sequence[Word], scores: WordScores, *, without: Sequence[Span] = ()) -> tuple[Segment, ...]:
    """The show's calls to its listeners and its credits, in order of time, outside the stretches ``without``."""
    own = log_sum(scores.kinds[:, 4:]) - log_sum(scores.kinds[:, :4])
    taken = np.array([any(span.contains(word.middle) for span in without) for word in words], bool)
    found = []
    for first, last in runs_of((own > 0) & ~taken):
        if last - first < LEAST_WORDS:
            continue
        mean = np.exp(scores.kinds[first:last, 4:]).mean(0)
        start = words[first].start
        end = max(start, max(word.end for word in words[first:last]))
        chance = float((1 / (1 + np.exp(-own[first:last]))).mean())
        found.append(Segment(start, end, first, last, OWN_KINDS[int(np.argmax(mean))], chance))
    return tuple(found)
