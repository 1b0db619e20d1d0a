"""What MPNet, corrected for ads, makes of each word of an episode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.ads.features import Features
from models.mpnet import PAD, WIDTH, Mpnet
from models.parallel import side_by_side

LAYERS = 12
WINDOW = 512
"""Wordpieces that are read at once, three minutes: on one fold's shows the average precision over words of paid ads is
0.84 with 512 and 0.81 with 256."""
BATCH = {"cpu": 1, "cuda": 12}
"""Windows that are read at once: on a CPU each core has one of its own."""


class Reader:
    """The corrected network over whole episodes."""

    def __init__(self, network: Mpnet) -> None:
        self.network = network

    @torch.inference_mode()
    def read(self, features: Features) -> Tensor:
        """The mean state of each word's pieces, float32, shape (words, WIDTH); zeros for a word without a piece."""
        device = self.network.places.device
        batches = windows_of(features.pieces).to(device).split(BATCH[device.type])
        read = side_by_side(self._states, batches, device=device)
        return by_word((states.view(-1, WIDTH) for states in read), np.diff(features.first), device)

    @torch.inference_mode()
    def _states(self, windows: Tensor) -> Tensor:
        return self.network.states(windows)


def windows_of(pieces: np.ndarray) -> Tensor:
    """Wordpieces as windows, int64, shape (windows, WINDOW); the last one is padded."""
    whole = torch.from_numpy(pieces)
    return functional.pad(whole, (0, -len(whole) % WINDOW), value=PAD).view(-1, WINDOW)


def by_word(parts: Iterable[Tensor], counts: Sequence[int] | np.ndarray, device: torch.device | str = "cpu") -> Tensor:
    """States of pieces as the means of words that have ``counts`` pieces each, in float32, on ``device``.

    ``parts``, each of shape (pieces, WIDTH), are summed as they come (all at once take 300 MB in three hours); what
    follows the last word's pieces is left out.
    """
    numbers = torch.as_tensor(np.asarray(counts), device=device)
    owners = torch.repeat_interleave(torch.arange(len(numbers), device=device), numbers)
    sums, read = torch.zeros(len(numbers), WIDTH, device=device), 0
    for part in parts:
        rows = part[: len(owners) - read].float()
        sums.index_add_(0, owners[read : read + len(rows)], rows)
        read += len(rows)
    return sums / numbers.clamp(min=1)[:, None]
