"""What MPNet, corrected for ads, makes of each word of an episode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

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
NEAR, HEARD = 64, 0.1
"""A word that begins within so many wordpieces of the border of two windows is read again, in a window across it, if
one of these words has such a chance of an ad, a call or credits: one border in ten of the labelled episodes. In the
mean of eight places of the first window, average precision over words of paid ads goes from 0.860 to 0.865, F0.5 from
0.676 to 0.680, on the benchmark from 0.790 to 0.811 (a script outside the repository)."""
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
    def read_borders(self, features: Features, states: Tensor, calls: np.ndarray) -> Tensor:
        """``states`` with words near the border of two windows read in a window across it, where a call is heard.

        ``calls``: the chance of each word to belong to an ad, a call or credits, by ``states``, which come back
        themselves where nothing is read again.
        """
        device, half = self.network.places.device, WINDOW // 2
        beside = {border: _words_near(features, border) for border in range(WINDOW, len(features.pieces), WINDOW)}
        again = [border for border, words in beside.items() if (calls[words] > HEARD).any()]
        if not again:
            return states
        windows = torch.cat([windows_of(features.pieces[border - half : border + half]) for border in again])
        read = side_by_side(self._states, windows.to(device).split(BATCH[device.type]), device=device)
        states = states.clone()
        for window, border in zip(chain.from_iterable(read), again, strict=True):
            words = beside[border]
            begin = features.first[words.start] - (border - half)
            counts = np.diff(features.first[words.start : words.stop + 1])
            states[words] = by_word([window[begin:]], counts, device)
        return states

    @torch.inference_mode()
    def _states(self, windows: Tensor) -> Tensor:
        return self.network.states(windows)


def _words_near(features: Features, border: int) -> slice:
    """The words that begin near a border between windows, which lies before this wordpiece."""
    first, last = np.searchsorted(features.first[:-1], (border - NEAR, border + NEAR))
    return slice(int(first), int(last))


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
