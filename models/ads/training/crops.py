"""Crops of episodes as the padded arrays that the network reads, and a whole episode's logits from its crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.ads.features import Features
from models.ads.network import FAR_GROUP, GROUP, OUTPUTS, WINDOW, AdNetwork

READ_WORDS, OVERLAP_WORDS = 1536, 192
"""Crops of ten minutes; where two overlap, the one whose middle is nearer counts more."""
BATCH = 4
EDGE_WORDS = 150.0  # from here on into a crop a word has all the context that counts


@dataclass(frozen=True, slots=True)
class Crop:
    """The words ``first`` to ``last`` (exclusive) of an episode; ``pieces`` may differ from the episode's own."""

    features: Features
    first: int
    last: int
    pieces: np.ndarray
    side: np.ndarray

    @classmethod
    def of(cls, features: Features, first: int, last: int) -> Crop:
        low, high = features.first[first], features.first[last]
        return cls(features, first, last, features.pieces[low:high], features.side[first:last])


def stack(crops: Sequence[Crop]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The network's four inputs: pieces, first pieces, side features, and which words are real."""
    words = _round_up(max(crop.last - crop.first for crop in crops), GROUP * FAR_GROUP)
    length = _round_up(max(1, *(len(crop.pieces) for crop in crops)), WINDOW)
    pieces, first = np.zeros((len(crops), length), np.int64), np.zeros((len(crops), words), np.int64)
    side = np.zeros((len(crops), words, crops[0].side.shape[1]), np.float32)
    real = np.zeros((len(crops), words), bool)
    for n, crop in enumerate(crops):
        count = crop.last - crop.first
        pieces[n, : len(crop.pieces)] = crop.pieces
        starts = crop.features.first[crop.first : crop.last] - crop.features.first[crop.first]
        first[n, :count] = np.minimum(starts, max(0, len(crop.pieces) - 1))
        side[n, :count], real[n, :count] = crop.side, True
    return torch.from_numpy(pieces), torch.from_numpy(first), torch.from_numpy(side), torch.from_numpy(real)


def read_episode(network: AdNetwork, features: Features) -> np.ndarray:
    """Logits of every word, float64, shape (words, OUTPUTS)."""
    count = len(features)
    total, weight = np.zeros((count, OUTPUTS)), np.zeros(count)
    starts = range(0, max(1, count - OVERLAP_WORDS), READ_WORDS - OVERLAP_WORDS)
    crops = [Crop.of(features, first, min(count, first + READ_WORDS)) for first in starts] if count else []
    network.eval()
    for n in range(0, len(crops), BATCH):
        batch = crops[n : n + BATCH]
        with torch.inference_mode():
            logits = network(*stack(batch)).float().numpy()
        for crop, row in zip(batch, logits, strict=True):
            trust = _trust(crop, count)
            total[crop.first : crop.last] += row[: len(trust)] * trust[:, None]
            weight[crop.first : crop.last] += trust
    return total / np.maximum(weight, 1e-9)[:, None]


def _trust(crop: Crop, count: int) -> np.ndarray:
    """How much each word of a crop counts: little near an edge behind which the episode goes on."""
    inside = crop.last - crop.first
    place = np.arange(inside)
    before = np.full(inside, EDGE_WORDS) if crop.first == 0 else place + 1.0
    after = np.full(inside, EDGE_WORDS) if crop.last == count else inside - place + 0.0
    return np.minimum(np.minimum(before, after), EDGE_WORDS)


def _round_up(count: int, step: int) -> int:
    return -(-count // step) * step
