"""Fit the ad model: lexicon, then trees over features from lexicons that have not seen the text they score.

The trees must see the lexicon as it behaves on new shows, so their training features are cross-fitted: the documents
are divided into folds by show, and each fold's features come from a lexicon fitted on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from models.ad_corpus import Document
from pipeline.stages.ad_features import unit_features
from pipeline.stages.ad_lexicon import LEXICON_SIZE, HashedText, Lexicon
from pipeline.stages.ad_trees import Forest
from pipeline.stages.ad_units import Unit, spoken_units

CLAUSE_C, PASSAGE_C = 5.0, 8.0  # inverse regularisation
PASSAGE_TOKENS = 40
MOSTLY, HARDLY = 0.7, 0.15  # a passage is taught as ad or show only when it is nearly all of one kind
BAGS = 2
TREES = {
    "max_iter": 120, "learning_rate": 0.06, "max_leaf_nodes": 12, "min_samples_leaf": 40,
    "l2_regularization": 5.0, "max_features": 0.5, "early_stopping": False,
}  # fmt: skip
EDGE_TREES = {**TREES, "max_iter": 80, "min_samples_leaf": 20}


@dataclass(frozen=True)
class Example:
    """A document as units with labels; ``fold`` is decided by its show."""

    document: Document
    fold: int

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        return spoken_units(self.document.words)[0]

    @cached_property
    def is_ad(self) -> np.ndarray:
        """Bool for each unit: at least half of its words are ad."""
        words = spoken_units(self.document.words)[1]
        middles = np.array([word.middle for word in words])
        inside = np.zeros(len(words), bool)
        for ad in self.document.ads:
            inside |= (middles >= ad.start) & (middles < ad.end)
        return np.array([inside[u.first : u.last].mean() >= 0.5 for u in self.units])

    @cached_property
    def text(self) -> HashedText:
        return HashedText(self.units)

    @cached_property
    def clauses(self) -> list[np.ndarray]:
        return self.text.clauses()

    @cached_property
    def passages(self) -> tuple[list[np.ndarray], np.ndarray]:
        """The passages that are nearly all ad or all show, and which they are."""
        starts = self.text.starts
        ad = np.concatenate([[0.0], np.cumsum(np.repeat(self.is_ad, np.diff(starts)))])
        ends = np.minimum(starts[-1], starts[:-1] + PASSAGE_TOKENS)
        share = (ad[ends] - ad[starts[:-1]]) / np.maximum(1, ends - starts[:-1])
        clear = np.flatnonzero((share < HARDLY) | (share > MOSTLY))
        rows = [self.text.passage(int(starts[n]), int(ends[n])) for n in clear]
        return rows, share[clear] > MOSTLY

    @cached_property
    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Which units begin an ad, and which are the first after one."""
        change = np.diff(np.concatenate([[0], self.is_ad.astype(int), [0]]))
        return change[:-1] > 0, change[:-1] < 0

    def features(self, lexicon: Lexicon) -> np.ndarray:
        return unit_features(self.units, spoken_units(self.document.words)[1], lexicon)


def fit_lexicon(examples: Sequence[Example]) -> Lexicon:
    clauses = [row for e in examples for row in e.clauses]
    seen = np.bincount(np.concatenate(clauses), minlength=LEXICON_SIZE)
    rarity = np.log((len(clauses) + 1) / (seen + 1)) + 1
    rows = [row for e in examples for row in e.passages[0]]
    clause, clause_bias = _linear(clauses, np.concatenate([e.is_ad for e in examples]), rarity, CLAUSE_C)
    passage, passage_bias = _linear(rows, np.concatenate([e.passages[1] for e in examples]), rarity, PASSAGE_C)
    return Lexicon(rarity, clause, passage, clause_bias, passage_bias)


def _linear(
    rows: Sequence[np.ndarray], truth: np.ndarray, rarity: np.ndarray, strength: float
) -> tuple[np.ndarray, float]:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    indices, lengths = np.concatenate(rows), np.array([len(row) for row in rows])
    values = rarity[indices]
    owner = np.repeat(np.arange(len(rows)), lengths)
    values = values / np.sqrt(np.bincount(owner, values**2, minlength=len(rows)))[owner]
    pointers = np.concatenate([[0], np.cumsum(lengths)])
    features = csr_matrix((values.astype(np.float32), indices, pointers), shape=(len(rows), LEXICON_SIZE))
    fitted = LogisticRegression(C=strength, max_iter=50, solver="liblinear", random_state=0).fit(features, truth)
    return fitted.coef_[0], float(fitted.intercept_[0])


def cross_features(examples: Sequence[Example]) -> list[np.ndarray]:
    """The features of each example from a lexicon fitted on the other folds."""
    features: dict[int, np.ndarray] = {}
    for fold in sorted({e.fold for e in examples}):
        lexicon = fit_lexicon([e for e in examples if e.fold != fold])
        for n, example in enumerate(examples):
            if example.fold == fold:
                features[n] = example.features(lexicon)
    return [features[n] for n in range(len(examples))]


def fit_forests(features: Sequence[np.ndarray], examples: Sequence[Example]) -> tuple[Forest, Forest, Forest]:
    """Three forests: is the unit ad, does an ad start here, has an ad just ended here."""
    rows = np.concatenate(features)
    starts, ends = (np.concatenate([e.edges[k] for e in examples]) for k in (0, 1))
    inside = np.concatenate([e.is_ad for e in examples])
    return _forest(rows, inside, TREES), _forest(rows, starts, EDGE_TREES), _forest(rows, ends, EDGE_TREES)


def _forest(rows: np.ndarray, truth: np.ndarray, settings: dict[str, Any]) -> Forest:
    from sklearn.ensemble import HistGradientBoostingClassifier

    fitted = [HistGradientBoostingClassifier(**settings, random_state=bag).fit(rows, truth) for bag in range(BAGS)]
    return flatten(fitted)


def flatten(fitted: Sequence[Any]) -> Forest:
    """The mean of several boosted classifiers of scikit-learn as one forest of plain arrays."""
    nodes = [tree[0].nodes for model in fitted for tree in model._predictors]
    sizes = np.array([len(tree) for tree in nodes])
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    flat = np.concatenate(nodes)
    shift = np.repeat(offsets, sizes)
    inner = flat["is_leaf"] == 0
    return Forest(
        roots=offsets.astype(np.int32),
        feature=np.where(inner, flat["feature_idx"], 0).astype(np.int16),
        threshold=np.where(inner, flat["num_threshold"], 0.0).astype(np.float32),
        left=np.where(inner, flat["left"] + shift, 0).astype(np.int32),
        right=np.where(inner, flat["right"] + shift, 0).astype(np.int32),
        missing_left=flat["missing_go_to_left"].astype(bool),
        value=(np.where(inner, 0.0, flat["value"]) / len(fitted)).astype(np.float32),
        base=float(np.mean([model._baseline_prediction for model in fitted])),
        deepest=int(flat["depth"].max()),
    )
