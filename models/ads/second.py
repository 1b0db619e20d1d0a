"""A second reading of what may be an ad or a call: of which kind it is, by half a minute of it at once.

The network marks single words, and knows a call when it hears one; what the show's people do elsewhere and what they
ask for the show itself it confuses. The states of the published network, uncorrected, tell them apart better: of marked
promos and the show's own calls on shows left out an area of 0.85, by the network's own chances 0.67.
Method: a linear softmax on the mean state of the words around each word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
import torch

from models.ads.features import Features
from models.ads.reader import by_word
from models.mpnet import LONGEST, WIDTH, Mpnet
from models.parallel import side_by_side
from pipeline.ads.finding.segments import moving_mean, nothing_read, runs_of

LAYERS = 6
"""Of the published network: the sixth layer's states tell promos from the show's own calls with an area of 0.86, the
ninth's with 0.85, the finished ones with 0.64 (whole marks, five folds by show)."""
REACH = 25
"""Words to each side that a word is read with: 12 seconds at most. With 60 the area is the same."""
CONTEXT = 30  # words to each side that the network sees of a stretch's surroundings
LEAST_CALL, CALL_WORDS, WIDER_WORDS = 0.15, 15, 20
"""What is read again: where the mean chance of an ad, a call or credits over so many words is as much, and so many
words to each side; in the labelled episodes one word in twelve."""
NEAR_WORDS, LEAST_WEIGHT = 9, 0.01
"""A word counts in what is read of its neighbours by the mean chance of so many words, and this much in any case."""


@dataclass(frozen=True, slots=True)
class SecondNumbers:
    """What was learnt: ``mean`` and ``spread`` of states, shape (WIDTH,); ``weight`` (kinds, WIDTH), ``constant``."""

    mean: np.ndarray
    spread: np.ndarray
    weight: np.ndarray
    constant: np.ndarray

    def kinds(self, states: np.ndarray) -> np.ndarray:
        """Log-probabilities of KINDS, shape (words, kinds), from mean states, shape (words, WIDTH)."""
        logits = scaled(states, self.mean, self.spread) @ self.weight.T + self.constant
        likely: np.ndarray = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
        return likely

    def named(self) -> dict[str, np.ndarray]:
        """As stored in the artifact."""
        return {name: getattr(self, name).astype(np.float32) for name in self.__dataclass_fields__}


def scaled(states: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """States, each column scaled, each row of length one."""
    rows = (states - mean) / spread
    unit: np.ndarray = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
    return unit


def stretches(calls: np.ndarray, marked: np.ndarray | None = None) -> list[tuple[int, int]]:
    """First and last (exclusive) word of what is read again, from each word's chance to be in a call.

    ``marked``: bool, words that are read in any case, as labelled ones are in training.
    """
    if not len(calls):
        return []
    likely = moving_mean(calls, CALL_WORDS) > LEAST_CALL
    if marked is not None:
        likely |= marked
    return runs_of(moving_mean(likely, 2 * WIDER_WORDS + 1) > 0)


def around(states: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """For each word of a stretch the weighted mean state of the words around it, float32, shape (words, WIDTH)."""
    count = len(weight)
    sums = np.concatenate([np.zeros((1, WIDTH)), np.cumsum(states.astype(np.float64) * weight[:, None], 0)])
    weights = np.concatenate([[0.0], np.cumsum(weight)])
    first = np.maximum(0, np.arange(count) - REACH)
    last = np.minimum(count, np.arange(count) + REACH + 1)
    mean = (sums[last] - sums[first]) / np.maximum(weights[last] - weights[first], 1e-6)[:, None]
    return mean.astype(np.float32)


class SecondReader:
    """The lowest layers of MPNet as published, over stretches of an episode."""

    def __init__(self, network: Mpnet) -> None:
        self._network = network

    def states(self, features: Features, spans: Sequence[tuple[int, int]]) -> list[np.ndarray]:
        """The mean state of each word's pieces, shape (words, WIDTH), for each stretch of words."""
        windows = [_windows(features, first, last) for first, last in spans]
        pieces = [features.pieces[a:b] for bounds in windows for a, b in bounds]
        read = side_by_side(self._read, pieces, device=self._network.places.device)
        found = []
        for (first, last), bounds in zip(spans, windows, strict=True):
            states = torch.cat([torch.zeros(0, WIDTH), *islice(read, len(bounds))])
            before = features.first[first] - features.first[max(0, first - CONTEXT)]
            found.append(by_word([states[before:]], np.diff(features.first[first : last + 1])).numpy())
        return found

    @torch.inference_mode()
    def _read(self, pieces: np.ndarray) -> torch.Tensor:
        window = torch.from_numpy(pieces).unsqueeze(0).to(self._network.places.device)
        return self._network.states(window)[0].float().cpu()

    def read(self, features: Features, calls: np.ndarray, numbers: SecondNumbers) -> np.ndarray:
        """Log-probabilities of KINDS by the second reading, shape (words, kinds): the show where nothing is read.

        ``calls``: the chance of each word to belong to an ad, a call or credits, by the first.
        """
        again = nothing_read(len(calls))
        spans = stretches(calls)
        for span, states in zip(spans, self.states(features, spans), strict=True):
            at = slice(*span)
            again[at] = numbers.kinds(around(states, smoothed(calls[at])))
        return again


def smoothed(calls: np.ndarray) -> np.ndarray:
    """How much each word of a stretch counts in what is read of its neighbours: as far as it is a call."""
    return moving_mean(calls, NEAR_WORDS) + LEAST_WEIGHT


def _windows(features: Features, first: int, last: int) -> list[tuple[int, int]]:
    """The wordpieces of a stretch and its surroundings, at most ``LONGEST`` at once: bounds of each window."""
    begin = int(features.first[max(0, first - CONTEXT)])
    end = int(features.first[min(len(features), last + CONTEXT)])
    bounds = [*range(begin, end, LONGEST), end]
    return list(pairwise(bounds)) if end > begin else []
