"""What MPNet makes of each word of an episode: its states after two layers, in the directions in which words differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.ads.features import Features
from models.mpnet import PAD, WIDTH, WINDOW, Mpnet
from models.parallel import side_by_side

READ_LAYERS = (6, 9)
"""Of MPNet's twelve: after these layers its states are read. The upper ones are made for whole sentences."""
DIRECTIONS = 192
"""Kept of each layer's 768: the principal ones (Pearson 1901)."""
LEAST_SPREAD = DIRECTIONS // 2
"""Directions are scaled to the same spread, but none beyond what the one of this rank needs: the last are noise."""
STATES = DIRECTIONS * len(READ_LAYERS)
"""Numbers of each word."""
BATCH = 8
"""Windows that a core reads at once: more gain nothing on a CPU."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Of each read layer the mean state, shape (2, WIDTH), and the axes it is kept along, (2, WIDTH, DIRECTIONS)."""

    middle: np.ndarray
    axes: np.ndarray

    @classmethod
    def fit(cls, states: np.ndarray) -> Projection:
        """The principal directions of states, shape (n, 2, WIDTH)."""
        middles, axes = [], []
        for layer in states.transpose(1, 0, 2):
            middle = layer.mean(0, dtype=np.float64)
            apart = layer - middle
            variance, directions = np.linalg.eigh(apart.T @ apart / len(layer))
            spread = np.sqrt(np.maximum(variance[::-1][:DIRECTIONS], 0.0))
            middles.append(middle)
            axes.append(directions[:, ::-1][:, :DIRECTIONS] / np.maximum(spread, spread[LEAST_SPREAD]))
        return cls(np.stack(middles).astype(np.float16), np.stack(axes).astype(np.float16))


class Reader:
    """The network's first nine layers, and what of their states is kept."""

    def __init__(self, network: Mpnet) -> None:
        self._network = network

    @torch.inference_mode()
    def read(self, features: Features, projection: Projection) -> np.ndarray:
        """The mean state of each word's pieces, float32, shape (words, STATES); zeros for a word without a piece."""
        middle, axes = (torch.from_numpy(array.astype(np.float32)) for array in (projection.middle, projection.axes))
        counts = torch.from_numpy(np.diff(features.first))
        owners = torch.repeat_interleave(torch.arange(len(features)), counts)
        sums, at = torch.zeros(len(features), STATES), 0
        for states in self._pieces(features):
            kept = states[: len(owners) - at]  # the last window is padded
            projected = torch.einsum("nld,ldk->nlk", kept - middle, axes).flatten(1)
            sums.index_add_(0, owners[at : at + len(kept)], projected)
            at += len(kept)
        result: np.ndarray = (sums / counts.clamp(min=1)[:, None]).numpy()
        return result

    @torch.inference_mode()
    def pieces(self, features: Features) -> np.ndarray:
        """The states of an episode's wordpieces, float32, shape (pieces, 2, WIDTH): what a projection is fitted on."""
        states: np.ndarray = torch.cat(list(self._pieces(features))).numpy()[: len(features.pieces)]
        return states

    def _pieces(self, features: Features) -> Iterator[Tensor]:
        """The states of the pieces of a batch of windows at a time, float32, shape (pieces, 2, WIDTH)."""
        pieces = torch.from_numpy(features.pieces)
        windows = functional.pad(pieces, (0, -len(pieces) % WINDOW), value=PAD).view(-1, WINDOW)
        return side_by_side(self._read, windows.split(BATCH))

    @torch.inference_mode()
    def _read(self, windows: Tensor) -> Tensor:
        states, read = self._network.embedding(windows).to(self._network.dtype), []
        for number, layer in enumerate(self._network.layers, 1):
            states = layer(states, self._network.places)
            if number in READ_LAYERS:
                read.append(states.reshape(-1, WIDTH).float())
        return torch.stack(read, 1)


def fit_projection(corpus: Sequence[Features], reader: Reader) -> Projection:
    """The projection for states like those of a corpus."""
    return Projection.fit(np.concatenate([reader.pieces(features) for features in corpus]))
