"""Where a show speaks for itself: calls to its own listeners, and credits. They are no ads, and may stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.ads.finding.segments import Segment, WordScores, inside, log_sum, moving_mean, runs_of
from pipeline.result import OWN_KINDS
from pipeline.timeline import Span, Word

LEAST_WORDS = 6
"""Two seconds: shorter is a phrase of something else."""
LIKELY, SMOOTH = 0.2, 7
"""The chance of an ad, a call or credits, as the mean of so many words, from which a stretch may be ad copy.

Of 143 sentences that the notes of 59 episodes would print (shows that the network has not learnt from, none set aside),
3 are of paid ads that were not found: from 0.2 on, and as well from 0.3 or 0.5, none are printed. Of 7,926 sentences of
the show 122 lie in such a stretch, 9 of them good enough for print. A script outside the repository.
"""


def find_calls(words: Sequence[Word], scores: WordScores, *, without: Sequence[Span] = ()) -> tuple[Segment, ...]:
    """The show's calls to its listeners and its credits, in order of time, outside the stretches ``without``."""
    own = log_sum(scores.kinds[:, 4:]) - log_sum(scores.kinds[:, :4])
    taken = inside(words, without)
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


def likely_calls(words: Sequence[Word], scores: WordScores, *, without: Sequence[Span] = ()) -> tuple[Span, ...]:
    """Stretches that may be ads, calls or credits, in order of time, outside the stretches ``without``."""
    taken = inside(words, without)
    runs = runs_of((moving_mean(scores.call, SMOOTH) > LIKELY) & ~taken)
    return tuple(Span(words[first].start, max(word.end for word in words[first:last])) for first, last in runs)
