"""Boosted decision trees, applied: the numbers of a trained ensemble and the walk down its trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees as flat arrays, one entry a node; ``roots`` index the first node of each tree.

    A node without children has ``left`` 0 and carries ``value``; NaN follows ``missing_left``. The sum over all
    trees plus ``base`` is a log-odds.
    """

    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray
    base: float
    deepest: int

    def score(self, features: np.ndarray) -> np.ndarray:
        """The log-odds of each row of ``features``, float64, shape (n,)."""
        total = np.full(len(features), self.base)
        rows = np.arange(len(features))[:, None]
        nodes = np.repeat(self.roots[None, :], len(features), axis=0)
        for _ in range(self.deepest):
            values = features[rows, self.feature[nodes]]
            goes_left = np.where(np.isnan(values), self.missing_left[nodes], values <= self.threshold[nodes])
            children = np.where(goes_left, self.left[nodes], self.right[nodes])
            nodes = np.where(self.left[nodes] > 0, children, nodes)
        return total + self.value[nodes].sum(axis=1)
