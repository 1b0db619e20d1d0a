"""Where a show speaks for itself: calls to its own listeners, and credits. They are no ads, and may stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.ads.finding.boundaries import ends_in_stop
from pipeline.ads.finding.segments import Segment, WordScores, inside, moving_mean, runs_of
from pipeline.result import OWN_KINDS
from pipeline.timeline import Span, Word

LEAST_WORDS = 6
"""Two seconds: shorter is a phrase of something else."""
HALF = 0.5
LONGEST_SENTENCE = 40
"""Words: in a longer stretch without a stop each word is judged by itself."""
LIKELY, SMOOTH = 0.2, 7
"""The chance of an ad, a call or credits, as the mean of so many words, from which a stretch may be ad copy.

Of 143 sentences that the notes of 59 episodes would print (shows that the network has not learnt from, none set aside),
3 are of paid ads that were not found: from 0.2 on, and as well from 0.3 or 0.5, none are printed. Of 7,926 sentences of
the show 122 lie in such a stretch, 9 of them good enough for print. A script outside the repository.
"""


def find_calls(words: Sequence[Word], scores: WordScores, *, without: Sequence[Span] = ()) -> tuple[Segment, ...]:
    """The show's calls to its listeners and its credits, in order of time, outside the stretches ``without``.

    Sentence by sentence, since they may be cut: word by word 118 of 153 edges lay inside a sentence, so 10 of 111, with
    as many of the words found and right (59 labelled episodes, a script outside the repository).
    """
    own = np.exp(scores.kinds[:, 4:]).sum(axis=1)
    taken = inside(words, without)
    found = []
    for first, last in runs_of(_by_sentence(words, own, taken)):
        if last - first < LEAST_WORDS:
            continue
        mean = np.exp(scores.kinds[first:last, 4:]).mean(0)
        start = words[first].start
        end = max(start, max(word.end for word in words[first:last]))
        kind = OWN_KINDS[int(np.argmax(mean))]
        found.append(Segment(start, end, first, last, kind, float(own[first:last].mean())))
    return tuple(found)


def _by_sentence(words: Sequence[Word], own: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Which words are in a sentence that is likelier than not the show's own call, bool, shape (n,)."""
    path = (own > HALF) & ~taken
    first = 0
    for last in range(1, len(words) + 1):
        if last < len(words) and taken[last] == taken[first] and not ends_in_stop(words[last - 1]):
            continue
        if not taken[first] and last - first <= LONGEST_SENTENCE:
            path[first:last] = own[first:last].mean() > HALF
        first = last
    return path


def likely_calls(words: Sequence[Word], scores: WordScores, *, without: Sequence[Span] = ()) -> tuple[Span, ...]:
    """Stretches that may be ads, calls or credits, in order of time, outside the stretches ``without``."""
    taken = inside(words, without)
    runs = runs_of((moving_mean(scores.call, SMOOTH) > LIKELY) & ~taken)
    return tuple(Span(words[first].start, max(word.end for word in words[first:last])) for first, last in runs)
