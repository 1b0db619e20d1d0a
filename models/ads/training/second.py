"""Fit the second reading to labelled words and to what the network takes for a call although it is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from models.ads.features import Features
from models.ads.second import REACH, SecondNumbers, SecondReader, around, scaled, stretches
from models.ads.training.examples import Example
from pipeline.ads.finding.segments import KINDS

STRENGTH = 3.0
"""The inverse of the penalty on weights, rows counted by their weight."""
EVERY = 6
"""Words from one row to the next. With every 25th word, F0.5 moved by 0.04 with where the first one lay."""
ITERATIONS = 400

Calls = Callable[[Features], np.ndarray]
"""The chance of each word of an episode to be in an ad, a call or credits."""


def fit_second(examples: Sequence[Example], calls: Calls, reader: SecondReader) -> SecondNumbers:
    """A softmax regression on the words of what is read again, each show by the root of its number of them."""
    from sklearn.linear_model import LogisticRegression

    rows, kinds, purity, shows = [], [], [], []
    for example in examples:
        if example.document.source != "read":
            continue
        for state, kind, share in _rows(example, calls, reader):
            rows.append(state)
            kinds.append(kind)
            purity.append(share)
            shows.append(example.document.show)
    states, counts = np.stack(rows), Counter(shows)
    weight = np.array([share / np.sqrt(counts[show]) for share, show in zip(purity, shows, strict=True)])
    mean, spread = states.mean(0), states.std(0) + 1e-6
    fitted = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS)
    fitted.fit(scaled(states, mean, spread), kinds, weight / weight.mean())
    numbers = SecondNumbers(mean, spread, np.zeros((len(KINDS), len(mean))), np.full(len(KINDS), -30.0))
    numbers.weight[fitted.classes_], numbers.constant[fitted.classes_] = fitted.coef_, fitted.intercept_
    return numbers


def _rows(example: Example, calls: Calls, reader: SecondReader) -> list[tuple[np.ndarray, int, float]]:
    """Of every sixth word of what is read again: the mean state around it, its kind, how many around it are of that."""
    classes, weight = example.labels.classes, example.labels.weight
    spans = stretches(calls(example.features), classes > 0)
    found = []
    for (first, last), states in zip(spans, reader.states(example.features, spans), strict=True):
        means = around(states, np.ones(last - first))
        for n in range(first + min(EVERY // 2, (last - first) // 2), last, EVERY):
            near = classes[max(first, n - REACH) : min(last, n + REACH + 1)]
            if weight[n] > 0 and classes[n] < len(KINDS):
                found.append((means[n - first], int(classes[n]), float(np.mean(near == classes[n]))))
    return found
