"""Fit the clause model: lexicon, then trees over features from lexicons that have not seen the text they score.

The trees must see the lexicon as it behaves on new shows, so their training features are cross-fitted: the documents
are divided into folds by show, and each fold's features come from a lexicon fitted on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from models.ads.clauses.clause_features import join_features, surroundings, word_scores
from models.ads.clauses.clauses import Unit, spoken_units
from models.ads.clauses.copies import repeated_tokens
from models.ads.clauses.lexicon import LEXICON_SIZE, Bags, HashedText, Lexicon
from models.ads.clauses.trees import Forest
from models.ads.training.corpus import Document

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
class ClauseExample:
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
        for ad in self.document.spans:
            inside |= (middles >= ad.start) & (middles < ad.end)
        return np.array([inside[u.first : u.last].mean() >= 0.5 for u in self.units])

    @cached_property
    def text(self) -> HashedText:
        return HashedText(self.units, repeated_tokens(self.units))

    @cached_property
    def passages(self) -> tuple[Bags, np.ndarray]:
        """The passages that are nearly all ad or all show, and which they are."""
        starts = self.text.starts
        ad = np.concatenate([[0.0], np.cumsum(np.repeat(self.is_ad, np.diff(starts)))])
        ends = np.minimum(starts[-1], starts[:-1] + PASSAGE_TOKENS)
        share = (ad[ends] - ad[starts[:-1]]) / np.maximum(1, ends - starts[:-1])
        clear = np.flatnonzero((share < HARDLY) | (share > MOSTLY))
        rows = [self.text.passage(int(starts[n]), int(ends[n])) for n in clear]
        return Bags.of(rows), share[clear] > MOSTLY

    @cached_property
    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Which units begin an ad, and which are the first after one."""
        change = np.diff(np.concatenate([[0], self.is_ad.astype(int), [0]]))
        return change[:-1] > 0, change[:-1] < 0

    def features(self, lexicon: Lexicon) -> np.ndarray:
        return join_features(word_scores(self.text, lexicon), self.around)

    @cached_property
    def around(self) -> np.ndarray:
        return surroundings(self.units, spoken_units(self.document.words)[1])


def fit_lexicon(examples: Sequence[ClauseExample]) -> Lexicon:
    clauses = _together([e.text.clauses for e in examples])
    seen = np.bincount(clauses.hashes, minlength=LEXICON_SIZE)
    rarity = np.log((len(clauses.lengths) + 1) / (seen + 1)) + 1
    passages = _together([e.passages[0] for e in examples])
    clause, clause_bias = _linear(clauses, np.concatenate([e.is_ad for e in examples]), rarity, CLAUSE_C)
    passage, passage_bias = _linear(passages, np.concatenate([e.passages[1] for e in examples]), rarity, PASSAGE_C)
    return Lexicon(rarity, clause, passage, clause_bias, passage_bias)


def _together(bags: Sequence[Bags]) -> Bags:
    return Bags(np.concatenate([b.hashes for b in bags]), np.concatenate([b.lengths for b in bags]))


def _linear(bags: Bags, truth: np.ndarray, rarity: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    values, owners = rarity[bags.hashes], bags.owners
    values = values / np.sqrt(np.bincount(owners, values**2, minlength=len(bags.lengths)))[owners]
    pointers = np.concatenate([[0], np.cumsum(bags.lengths)])
    features = csr_matrix((values.astype(np.float32), bags.hashes, pointers), shape=(len(bags.lengths), LEXICON_SIZE))
    fitted = LogisticRegression(C=strength, max_iter=50, solver="liblinear", random_state=0).fit(features, truth)
    return fitted.coef_[0], float(fitted.intercept_[0])


def cross_features(examples: Sequence[ClauseExample]) -> list[np.ndarray]:
    """The features of each example from a lexicon fitted on the other folds."""
    features: dict[int, np.ndarray] = {}
    for fold in sorted({e.fold for e in examples}):
        lexicon = fit_lexicon([e for e in examples if e.fold != fold])
        for n, example in enumerate(examples):
            if example.fold == fold:
                features[n] = example.features(lexicon)
    return [features[n] for n in range(len(examples))]


def fit_forests(features: Sequence[np.ndarray], examples: Sequence[ClauseExample]) -> tuple[Forest, Forest, Forest]:
    """Three forests: is the unit ad, does an ad start here, has an ad just ended here."""
    rows = np.concatenate(features)
    starts, ends = (np.concatenate([e.edges[k] for e in examples]) for k in (0, 1))
    inside = np.concatenate([e.is_ad for e in examples])
    return _forest(rows, inside, TREES), _forest(rows, starts, EDGE_TREES), _forest(rows, ends, EDGE_TREES)


def _forest(rows: np.ndarray, truth: np.ndarray, settings: dict[str, Any]) -> Forest:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the fits are many and small: threads wait for each other longer than they work
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
