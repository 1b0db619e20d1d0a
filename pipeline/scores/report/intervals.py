"""How far a figure can be trusted: bootstrap intervals, and what a machine-made reference leaves open.

Bootstrap (Efron 1979; for word error rates: Bisani and Ney, ICASSP 2004): the parts of a corpus are drawn again with
replacement, counts are added, and the middle 95 % of the resulting rates is the interval. Parts are whole episodes when
there are several, because errors within an episode go together; within one episode they are passages, and the interval
then says nothing about other episodes. The draws come from a fixed seed: the same counts give the same interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.scores.words.alignment import Alignment
from pipeline.scores.words.word_errors import WordErrors

DRAWS = 2000
SEED = 5
SHARE = 0.95
PASSAGE_WORDS = 50
"""Reference words of a passage: some twenty seconds of speech, several times the length of a burst of errors."""
FEWEST_PARTS = 5
"""Below this many parts a percentile interval is narrower than it claims, and none is given."""

Interval = tuple[float, float]
Ratio = Callable[[np.ndarray], np.ndarray]


def rate_interval(parts: Sequence[tuple[float, float]]) -> Interval | None:
    """The interval of a rate whose parts are (errors, size); None for too few parts.

    >>> rate_interval([(1.0, 10.0)] * 10)
    (0.1, 0.1)
    """
    return bootstrap(parts, lambda sums: sums[:, 0] / np.where(sums[:, 1] > 0, sums[:, 1], np.nan))


def bootstrap(parts: Sequence[Sequence[float]], ratio: Ratio) -> Interval | None:
    """The interval of any figure of summed counts.

    ``parts``: one row of counts each; ``ratio`` takes the summed rows of all draws, shape (draws, counts), to figures.
    """
    if len(parts) < FEWEST_PARTS:
        return None
    counts = np.asarray(parts, dtype=float)
    drawn = np.random.default_rng(SEED).multinomial(len(parts), np.full(len(parts), 1 / len(parts)), size=DRAWS)
    with np.errstate(invalid="ignore", divide="ignore"):
        figures = ratio(drawn @ counts)
    figures = figures[np.isfinite(figures)]
    if not figures.size:
        return None
    low, high = np.quantile(figures, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    return float(low), float(high)


def paired_interval(
    before: Sequence[Sequence[float]], after: Sequence[Sequence[float]], ratio: Ratio
) -> Interval | None:
    """The interval of a difference, after minus before: both sides are drawn together, part by part.

    What both get wrong in the same parts cancels (Bisani and Ney 2004). ``before`` and ``after``: counts of the same
    parts in the same order; ``ratio`` as in ``bootstrap``.
    """
    rows = [(*b, *a) for b, a in zip(before, after, strict=True)]
    width = len(rows[0]) // 2 if rows else 0
    return bootstrap(rows, lambda sums: ratio(sums[:, width:]) - ratio(sums[:, :width]))


def paired_by_passage(before: Mapping[str, Any], after: Mapping[str, Any]) -> Interval | None:
    """The interval of the difference of two rates whose reports count errors passage by passage, after minus before.

    None unless both counted the same passages of a reference of the same size.
    """
    old, new = before.get("passages"), after.get("passages")
    if old is None or new is None or len(old) != len(new):
        return None
    size = reference_size(before)
    if not size or size != reference_size(after):
        return None
    return bootstrap([(b - a,) for a, b in zip(old, new, strict=True)], lambda sums: sums[:, 0] / size)


def reference_size(figures: Mapping[str, Any]) -> float | None:
    """The words, or the seconds of speech, of the reference."""
    size = figures.get("words", figures.get("speech_s"))
    return None if size is None else round(float(size), 3)


def passages(alignment: Alignment, *, size_words: int = PASSAGE_WORDS) -> list[WordErrors]:
    """The errors of each stretch of ``size_words`` reference words; insertions belong to the word before them."""
    parts: list[WordErrors] = []
    counts = dict.fromkeys(("hit", "substitution", "deletion", "insertion"), 0)
    words = 0
    for pair in alignment.pairs:
        if pair.reference is not None and words == size_words:
            parts.append(WordErrors(*counts.values()))
            counts, words = dict.fromkeys(counts, 0), 0
        counts[pair.kind] += 1
        words += pair.reference is not None
    return [*parts, WordErrors(*counts.values())]


def word_interval(parts: Sequence[WordErrors]) -> Interval | None:
    """The interval of a word error rate over its parts (episodes, or passages of one)."""
    return rate_interval([(part.errors, part.words) for part in parts])


def agreement_interval(rate: float, reference_error: float) -> Interval:
    """Where the true error rate can lie when the reference itself is wrong at ``reference_error``.

    Edit distance obeys the triangle inequality, so the truth is at most the sum and at least the difference away.

    >>> agreement_interval(0.03, 0.01)
    (0.019999999999999997, 0.04)
    """
    return abs(rate - reference_error), rate + reference_error
