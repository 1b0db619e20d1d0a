"""How much words sound like advertising: two linear models over hashed words and pairs of words.

One model reads a clause, one reads a passage of some seconds. Words are hashed, so what is stored is a row of numbers
and no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np

from pipeline.stages.ad_units import Unit

HASH_BITS = 16
LEXICON_SIZE = 1 << HASH_BITS


@lru_cache(maxsize=1 << 18)
def hash_gram(gram: str) -> int:
    return crc32(gram.encode()) & (LEXICON_SIZE - 1)


class HashedText:
    """The tokens of an episode as hashes; ``starts[n]`` is the first token of unit n, one entry more than units."""

    def __init__(self, units: Sequence[Unit]) -> None:
        tokens = [token for unit in units for token in unit.tokens]
        self.singles = np.array([hash_gram(token) for token in tokens], np.int64)
        self.pairs = np.array([hash_gram(f"{a} {b}") for a, b in pairwise(tokens)], np.int64)
        self.starts = np.cumsum([0, *(len(unit.tokens) for unit in units)])

    def clauses(self) -> list[np.ndarray]:
        """The distinct hashes of each unit."""
        return [self.passage(int(a), int(b)) for a, b in pairwise(self.starts)]

    def passage(self, first: int, last: int) -> np.ndarray:
        """The distinct hashes of the tokens ``first`` to ``last`` (exclusive), clipped to the episode."""
        first, last = max(0, first), min(len(self.singles), last)
        return np.unique(np.concatenate([self.singles[first:last], self.pairs[first : max(first, last - 1)]]))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Weights of the two models; ``rarity``: how telling a hash is because it is rare (inverse document frequency)."""

    rarity: np.ndarray
    clause: np.ndarray
    passage: np.ndarray
    clause_bias: float
    passage_bias: float

    def score_clauses(self, rows: Sequence[np.ndarray]) -> np.ndarray:
        return self._score(rows, self.clause * self.rarity, self.clause_bias)

    def score_passages(self, rows: Sequence[np.ndarray]) -> np.ndarray:
        return self._score(rows, self.passage * self.rarity, self.passage_bias)

    def _score(self, rows: Sequence[np.ndarray], weights: np.ndarray, bias: float) -> np.ndarray:
        squares = self.rarity**2
        sums = [weights[row].sum() / np.sqrt(squares[row].sum()) if len(row) else 0.0 for row in rows]
        return np.array(sums, np.float64) + bias
