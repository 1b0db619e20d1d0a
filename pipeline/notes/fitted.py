"""The numbers that the notes are made with: small linear models, fitted in ``models/notes``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.ports import SentenceJudge


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A sum over named features, each of them centred and scaled; all tuples are in the order of ``features``."""

    features: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float = 0.0

    def score(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """The model's sum for each row; ``columns``: one array a feature, all of shape (n,).

        A feature that is missing, or NaN in a row, counts as its mean: it says nothing there.
        """
        rows = max((len(column) for column in columns.values()), default=0)
        total = np.full(rows, self.intercept)
        for name, mean, scale, weight in zip(self.features, self.means, self.scales, self.coefficients, strict=True):
            if name in columns:
                total += weight * np.nan_to_num((columns[name] - mean) / scale, nan=0.0)
        return total


@dataclass(frozen=True, slots=True)
class NotesModel:
    """What was learnt from published episodes.

    ``boundary``: log-odds that a chapter starts with a sentence. ``chapters``: factor and exponent of how many chapters
    an episode has by its minutes. ``subject``: what each view of an episode weighs in the vector of its description.
    ``sentence``: how near a sentence is to what the description says. ``judge``: whether a sentence can be printed by
    itself. ``common``: in what share of all episodes a noun is said, for those said in many.
    """

    boundary: LinearModel
    chapters: tuple[float, float]
    subject: Mapping[str, float]
    sentence: LinearModel
    judge: SentenceJudge
    common: Mapping[str, float]
