"""What was said around each unit, as hashed word features: the lexical half of the ad model.

Three views of one unit: its own words, the words just around it, and the wider neighbourhood. Single words and pairs
are hashed, so the model is a row of numbers and holds no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np

from pipeline.stages.ad_units import Unit

HASH_BITS = 16
VIEW_SIZE = 1 << HASH_BITS
NEAR_TOKENS = 30  # either side: the rest of a spot's sentence or two
WIDE_TOKENS = 90  # either side: about half a minute
VIEWS = 3
LEXICON_SIZE = VIEWS * VIEW_SIZE


@lru_cache(maxsize=1 << 18)
def hash_gram(gram: str) -> int:
    return crc32(gram.encode()) & (VIEW_SIZE - 1)


def lexical_features(units: Sequence[Unit]) -> list[np.ndarray]:
    """For each unit the sorted, distinct indices of its features, in 0..LEXICON_SIZE."""
    tokens = [token for unit in units for token in unit.tokens]
    ones = np.array([hash_gram(t) for t in tokens], np.int64)
    twos = np.array([hash_gram(f"{a} {b}") for a, b in pairwise(tokens)], np.int64)
    starts = np.cumsum([0, *(len(unit.tokens) for unit in units)])
    return [_features(ones, twos, int(a), int(b)) for a, b in pairwise(starts)]


def _features(ones: np.ndarray, twos: np.ndarray, start: int, end: int) -> np.ndarray:
    def grams(first: int, last: int) -> np.ndarray:
        return np.concatenate([ones[max(0, first) : max(0, last)], twos[max(0, first) : max(0, last - 1)]])

    own = grams(start, end)
    near = np.concatenate([grams(start - NEAR_TOKENS, start), grams(end, end + NEAR_TOKENS)])
    wide = ones[max(0, start - WIDE_TOKENS) : end + WIDE_TOKENS]
    return np.concatenate(
        [np.unique(own), VIEW_SIZE + np.unique(near), 2 * VIEW_SIZE + np.unique(wide)]
    )
