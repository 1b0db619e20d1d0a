"""Fits who is who over whole episodes: how likely each way to give the voices of an episode their people is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from pipeline.speakers.names.model import NumericModel
from pipeline.speakers.names.pairs import Assignment, Pair, assignments

STRENGTH = 0.1
"""Inverse of the L2 penalty: at 0.01, 0.03, 0.1, 0.3 and 1.0, with names printed down to the twentieth wrong one,
70.4, 71.0, 71.2, 71.0 and 70.2 % of voices are named right, without metadata 60.7, 62.3, 64.3, 64.9 and 64.9 %."""
ROUNDS = 2
"""The ways that are weighed are first those by the clues alone, then those by the model of the round before."""
DIGITS = 4  # of a coefficient in the artifact


@dataclass(frozen=True, slots=True)
class PairRow:
    """A voice and a person of episode ``number``: the numbers of `pair_features`, and whether it is that person."""

    number: int
    pair: Pair
    numbers: dict[str, float]
    answer: int
    show: str


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways of all episodes, one after another.

    ``pairs``: for each way the rows that it says are so, bool (ways, rows); ``right``: bool (ways,); ``starts``: each
    episode's first way; ``weights``: of each episode.
    """

    pairs: csr_matrix
    right: np.ndarray
    starts: np.ndarray
    weights: np.ndarray


def fit_assignment(rows: Sequence[PairRow]) -> NumericModel:
    """Log-odds of pairs, by which the right way to give the voices of an episode their people is the likeliest of all.

    Conditional maximum likelihood (a log-linear model of matchings): the probability of a way is the product of the
    odds of its pairs, divided by the sum over all ways that are weighed.
    """
    names = sorted(rows[0].numbers)
    values = np.array([[row.numbers[name] for name in names] for row in rows])
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = np.hstack([(values - mean) / spread, np.ones((len(rows), 1))])
    scores = np.array([row.numbers["together"] for row in rows])
    for _ in range(ROUNDS):
        weights = _maximise(scaled, _ways_of(rows, scores))
        scores = scaled @ weights
    coefficients = weights[:-1] / spread
    constant = round(float(weights[-1] - coefficients @ mean), DIGITS)
    return NumericModel(constant, {name: round(float(w), DIGITS) for name, w in zip(names, coefficients, strict=True)})


def _ways_of(rows: Sequence[PairRow], scores: np.ndarray) -> _Ways:
    episodes: dict[int, dict[Pair, int]] = defaultdict(dict)
    for place, row in enumerate(rows):
        episodes[row.number][row.pair] = place
    starts, ends, pairs = [], [0], list[int]()
    right: list[bool] = []
    for places in episodes.values():
        starts.append(len(right))
        by_pair = {pair: float(scores[place]) for pair, place in places.items()}
        for way, is_right in _weighed(by_pair, {pair for pair, place in places.items() if rows[place].answer}):
            pairs += sorted(places[pair] for pair in way)
            ends.append(len(pairs))
            right.append(is_right)
    shows = [rows[next(iter(places.values()))].show for places in episodes.values()]
    counts = Counter(shows)
    weights = np.array([counts[show] ** -0.5 for show in shows])
    matrix = csr_matrix((np.ones(len(pairs)), pairs, ends), shape=(len(right), len(rows)))
    return _Ways(matrix, np.array(right, float), np.array(starts), weights / weights.mean())


def _weighed(scores: Mapping[Pair, float], true: Collection[Pair]) -> Iterator[tuple[Assignment, bool]]:
    """The likeliest ways by the scores, the right one with them, and whether each is right.

    Right: every voice whose person is among the pairs has it (one of them, where one is listed twice), no other any.
    """
    best = {pair[0]: pair for pair in sorted(true, key=lambda pair: (scores[pair], pair))}
    found = {frozenset(way): way for way in assignments(scores)}
    found.setdefault(frozenset(best.values()), tuple(best.values()))
    for way in found.values():
        yield way, len(way) == len(best) and all(pair in true for pair in way)


def _maximise(features: np.ndarray, ways: _Ways) -> np.ndarray:
    """The weights of the features, the last of them a constant's, at which the right ways are likeliest."""
    sums = ways.pairs @ features
    lengths = np.diff(ways.starts, append=len(ways.right))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = sums @ weights
        likely = np.exp(odds - np.repeat(np.maximum.reduceat(odds, ways.starts), lengths))
        right = likely * ways.right
        of_all, of_right = np.add.reduceat(likely, ways.starts), np.add.reduceat(right, ways.starts)
        of_right = np.maximum(of_right, np.finfo(float).tiny)
        excess = likely * np.repeat(ways.weights / of_all, lengths)
        excess -= right * np.repeat(ways.weights / of_right, lengths)
        penalised = np.append(weights[:-1], 0.0)
        value = ways.weights @ (np.log(of_all) - np.log(of_right)) + penalised @ penalised / (2 * STRENGTH)
        return float(value), excess @ sums + penalised / STRENGTH

    found: np.ndarray = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x
    return found
