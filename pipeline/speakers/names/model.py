"""What was learnt about naming: the coefficients of small logistic regressions, and how they are applied.

Nothing here is written by hand: ``models/speakers`` fits the numbers and reads them from its artifact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.ports import NameJudge
from pipeline.speakers.names.clues import Relation

CERTAIN = 1e-4
"""Probabilities are kept this far from 0 and 1 before their log-odds are taken."""
NO_NUMBERS: Mapping[str, float] = {}


@dataclass(frozen=True, slots=True)
class BinaryModel:
    """A logistic regression over features that are there or not, and a few numbers beside them."""

    constant: float
    coefficients: Mapping[str, float]

    def log_odds(self, features: Iterable[str], numbers: Mapping[str, float] = NO_NUMBERS) -> float:
        """Log-odds of yes; features and numbers that the model does not know add nothing."""
        counted = sum(self.coefficients.get(name, 0.0) * number for name, number in numbers.items())
        return self.constant + sum(self.coefficients.get(f, 0.0) for f in dict.fromkeys(features)) + counted


@dataclass(frozen=True, slots=True)
class NumericModel:
    """A logistic regression over numbers: per feature its coefficient; scaling is already in it."""

    constant: float
    coefficients: Mapping[str, float]

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Log-odds of yes; every feature of the model must be given."""
        return self.constant + sum(weight * features[name] for name, weight in self.coefficients.items())


@dataclass(frozen=True, slots=True)
class VectorModel:
    """A logistic regression over sentence vectors; ``weights`` as wide as they are."""

    constant: float
    weights: tuple[float, ...]

    def log_odds(self, vectors: np.ndarray) -> np.ndarray:
        """Log-odds of yes for each vector, shape (n,); ``vectors``: shape (n, width)."""
        odds: np.ndarray = vectors.astype(float) @ np.array(self.weights) + self.constant
        return odds


@dataclass(frozen=True, slots=True)
class NamingModel:
    """All that naming needs, from a single clue to the decision.

    ``likeness``: whether a name is a person's, by its vector. ``judge``: whose name it is, by the words around it
    alone; without one that is not known. ``clues``: per relation, whether the name said is the
    voice's. ``written``: whether a person in the metadata speaks; ``written_host``: whether such a person hosts.
    ``manner``: whether a voice hosts, whoever it is. ``pair``: whether a voice is a person, by all clues, as a part of
    naming the whole episode. ``decision``: whether the name of the likeliest person is right. ``whole``: whether the
    whole name fits a voice whose given name does. ``host``: whether a voice hosts. ``least_name``, ``least_whole``,
    ``least_role``: probabilities from which a name, its family name and a role are printed.
    """

    likeness: VectorModel
    clues: Mapping[Relation, BinaryModel]
    written: BinaryModel
    written_host: BinaryModel
    manner: NumericModel
    pair: NumericModel
    decision: NumericModel
    whole: NumericModel
    host: NumericModel
    least_name: float
    least_whole: float
    least_role: float
    judge: NameJudge | None = None


def probability(log_odds: float) -> float:
    """The probability of log-odds.

    >>> probability(0.0)
    0.5
    """
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def log_odds(probability: float) -> float:
    """The log-odds of a probability, kept finite."""
    bounded = min(1 - CERTAIN, max(CERTAIN, probability))
    return math.log(bounded / (1 - bounded))
