"""Crops of episodes as the padded arrays that the head reads, and a whole episode's logits from its crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.ads.features import Features
from models.ads.mpnet import WINDOW
from models.ads.network import BATCH, FAR_GROUP, GROUP, OUTPUTS, STATES, AdNetwork

READ_WORDS, OVERLAP_WORDS = 1536, 192
"""Crops of ten minutes; where two overlap, the one whose middle is nearer counts more."""
CROPS = 4
"""Crops that the head reads at once."""
EDGE_WORDS = 150.0  # from here on into a crop a word has all the context that counts


@dataclass(frozen=True, slots=True)
class Crop:
    """The words ``first`` to ``last`` (exclusive) of an episode, and their side features, some of them hidden."""

    features: Features
    first: int
    last: int
    side: np.ndarray

    @classmethod
    def of(cls, features: Features, first: int, last: int) -> Crop:
        return cls(features, first, last, features.side[first:last])

    @property
    def windows(self) -> tuple[int, int]:
        """First and last (exclusive) window of the episode that holds a piece of the crop."""
        low, high = self.places[[0, -1]]
        return int(low) // WINDOW, int(high) // WINDOW + 1

    @property
    def places(self) -> np.ndarray:
        """The first piece of each word; a word without one has that of the next."""
        pieces = len(self.features.pieces)
        return np.minimum(self.features.first[self.first : self.last], max(0, pieces - 1))


def stack(crops: Sequence[Crop]) -> tuple[Tensor, Tensor]:
    """Side features, shape (crops, words, SIDE), and which words are real, shape (crops, words)."""
    words = _round_up(max(crop.last - crop.first for crop in crops), GROUP * FAR_GROUP)
    side = np.zeros((len(crops), words, crops[0].side.shape[1]), np.float32)
    real = np.zeros((len(crops), words), bool)
    for n, crop in enumerate(crops):
        count = crop.last - crop.first
        side[n, :count], real[n, :count] = crop.side, True
    return torch.from_numpy(side), torch.from_numpy(real)


def pad_words(rows: Sequence[Tensor], words: int) -> Tensor:
    """The states of the words of several crops, each of shape (its words, STATES), as (crops, words, STATES)."""
    return torch.stack([torch.nn.functional.pad(row, (0, 0, 0, words - len(row))) for row in rows])


@torch.inference_mode()
def read_episode(network: AdNetwork, features: Features) -> np.ndarray:
    """Logits of every word, float64, shape (words, OUTPUTS)."""
    network.eval()
    count = len(features)
    total, weight = np.zeros((count, OUTPUTS)), np.zeros(count)
    if not count:
        return total
    words = _read_words(network, features)
    starts = range(0, max(1, count - OVERLAP_WORDS), READ_WORDS - OVERLAP_WORDS)
    crops = [Crop.of(features, first, min(count, first + READ_WORDS)) for first in starts]
    for n in range(0, len(crops), CROPS):
        batch = crops[n : n + CROPS]
        side, real = stack(batch)
        states = pad_words([words[crop.first : crop.last] for crop in batch], real.shape[1])
        logits = network.head(states, side, real).numpy()
        for crop, row in zip(batch, logits, strict=True):
            trust = _trust(crop, count)
            total[crop.first : crop.last] += row[: len(trust)] * trust[:, None]
            weight[crop.first : crop.last] += trust
    return total / np.maximum(weight, 1e-9)[:, None]


def _read_words(network: AdNetwork, features: Features) -> Tensor:
    """The states of each word's first piece, shape (words, STATES)."""
    if not len(features.pieces):
        return torch.zeros(len(features), STATES)
    states = network.read(torch.from_numpy(features.pieces))
    read = torch.cat([network.correct(part) for part in states.split(BATCH)]).view(-1, STATES)
    return read[torch.from_numpy(Crop.of(features, 0, len(features)).places)].float()


def _trust(crop: Crop, count: int) -> np.ndarray:
    """How much each word of a crop counts: little near an edge behind which the episode goes on."""
    inside = crop.last - crop.first
    place = np.arange(inside)
    before = np.full(inside, EDGE_WORDS) if crop.first == 0 else place + 1.0
    after = np.full(inside, EDGE_WORDS) if crop.last == count else inside - place + 0.0
    return np.minimum(np.minimum(before, after), EDGE_WORDS)


def _round_up(count: int, step: int) -> int:
    return -(-count // step) * step
