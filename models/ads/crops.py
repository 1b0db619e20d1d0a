"""Crops of episodes as the padded arrays that the network reads, and a whole episode's logits from its crops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from models.ads.network import FAR_GROUP, GROUP, OUTPUTS, Head

READ_WORDS, OVERLAP_WORDS = 1536, 192
"""Crops of ten minutes; where two overlap, the one whose middle is nearer counts more."""
CROPS = 4
"""Crops that the network reads at once."""
EDGE_WORDS = 150.0  # from here on into a crop a word has all the context that counts


def stack(crops: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Rows of words, each crop of shape (its words, columns), as (crops, words, columns), and which words are real."""
    longest = max(len(crop) for crop in crops)
    words = longest + -longest % (GROUP * FAR_GROUP)
    rows = np.zeros((len(crops), words, crops[0].shape[1]), np.float32)
    real = np.zeros((len(crops), words), bool)
    for n, crop in enumerate(crops):
        rows[n, : len(crop)], real[n, : len(crop)] = crop, True
    return torch.from_numpy(rows), torch.from_numpy(real)


@torch.inference_mode()
def read_episode(head: Head, states: Tensor, side: np.ndarray) -> np.ndarray:
    """Logits of every word, float64, shape (words, OUTPUTS), from its states, where the head is, and side features."""
    head.eval()
    count = len(side)
    total, weight = np.zeros((count, OUTPUTS)), np.zeros(count)
    firsts = range(0, max(1, count - OVERLAP_WORDS), READ_WORDS - OVERLAP_WORDS) if count else ()
    bounds = [(first, min(count, first + READ_WORDS)) for first in firsts]
    for n in range(0, len(bounds), CROPS):
        batch = bounds[n : n + CROPS]
        told, real = (part.to(states.device) for part in stack([side[first:last] for first, last in batch]))
        rows = nn.utils.rnn.pad_sequence([states[first:last] for first, last in batch], batch_first=True)
        rows = nn.functional.pad(rows, (0, 0, 0, told.shape[1] - rows.shape[1]))
        logits = head(rows, told, real).cpu().numpy()
        for (first, last), row in zip(batch, logits, strict=True):
            trust = _trust(first, last, count)
            total[first:last] += row[: len(trust)] * trust[:, None]
            weight[first:last] += trust
    return total / np.maximum(weight, 1e-9)[:, None]


def _trust(first: int, last: int, count: int) -> np.ndarray:
    """How much each word of a crop counts: little near an edge behind which the episode goes on."""
    place = np.arange(last - first)
    before = np.full(last - first, EDGE_WORDS) if first == 0 else place + 1.0
    after = np.full(last - first, EDGE_WORDS) if last == count else last - first - place + 0.0
    return np.minimum(np.minimum(before, after), EDGE_WORDS)
