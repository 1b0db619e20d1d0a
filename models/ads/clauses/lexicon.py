"""How much words sound like advertising: two linear models over hashed words and pairs of words.

One model reads a clause, one reads a passage of some seconds. Words are hashed, so what is stored is a row of numbers
and no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np

from models.ads.clauses.clauses import Unit

HASH_BITS = 16
LEXICON_SIZE = 1 << HASH_BITS


@lru_cache(maxsize=1 << 18)
def hash_gram(gram: str) -> int:
    return crc32(gram.encode()) & (LEXICON_SIZE - 1)


@dataclass(frozen=True, slots=True)
class Bags:
    """Sets of hashes, one after the other: ``lengths[n]`` of ``hashes`` belong to set n."""

    hashes: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[np.ndarray]) -> Bags:
        return cls(np.concatenate([np.zeros(0, np.int64), *rows]), np.array([len(row) for row in rows], np.int64))

    @property
    def owners(self) -> np.ndarray:
        """To which set each hash belongs."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)


class HashedText:
    """The tokens of an episode as hashes.

    ``starts[n]`` is the first token of unit n, one entry more than units; ``repeated``: bool, a token lies in copy.
    """

    def __init__(self, units: Sequence[Unit], repeated: np.ndarray) -> None:
        tokens = [token for unit in units for token in unit.tokens]
        self.singles = np.array([hash_gram(token) for token in tokens], np.int64)
        self.pairs = np.array([hash_gram(f"{a} {b}") for a, b in pairwise(tokens)], np.int64)
        self.repeated = repeated
        self.starts = np.cumsum([0, *(len(unit.tokens) for unit in units)])

    @cached_property
    def clauses(self) -> Bags:
        """The distinct hashes of each unit."""
        return Bags.of([self.passage(int(a), int(b)) for a, b in pairwise(self.starts)])

    def before(self, tokens: int) -> Bags:
        """The distinct hashes of the ``tokens`` tokens before each unit."""
        return self._around(-tokens)

    def after(self, tokens: int) -> Bags:
        """The distinct hashes of the ``tokens`` tokens from each unit's first on."""
        return self._around(tokens)

    @lru_cache(maxsize=8)  # noqa: B019  (training asks for the same passages once for each lexicon)
    def _around(self, tokens: int) -> Bags:
        firsts = [int(start) for start in self.starts[:-1]]
        return Bags.of([self.passage(min(s, s + tokens), max(s, s + tokens)) for s in firsts])

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

    def score_clauses(self, bags: Bags) -> np.ndarray:
        return self._score(bags, self.clause, self.clause_bias)

    def score_passages(self, bags: Bags) -> np.ndarray:
        return self._score(bags, self.passage, self.passage_bias)

    def _score(self, bags: Bags, weights: np.ndarray, bias: float) -> np.ndarray:
        count, rarity = len(bags.lengths), self.rarity[bags.hashes].astype(np.float64)
        sums = np.bincount(bags.owners, weights[bags.hashes] * rarity, minlength=count)
        norms = np.sqrt(np.bincount(bags.owners, rarity**2, minlength=count))
        return sums / np.maximum(norms, 1e-9) + bias
