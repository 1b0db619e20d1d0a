"""Whether a sentence can be printed by itself, told by how MPNet reads it: its middle layers know form and reference.

A linear model over the mean state of the sentence's wordpieces after layer LAYERS, of which those above KEPT are
corrected for it, fitted on sentences that a person has read (``standing.tsv``). Upper layers know more of the subject
and less of the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from models.encoder import batches_by_length, pad, read_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

    from models.mpnet import Mpnet

WEIGHTS = "mpnet"
LAYERS = 7
"""Of twelve. AUC on shows left out (492 sentences), uncorrected: 0.68 after two, 0.73 after four, 0.74 after six, 0.76
after seven, 0.74 after eight, 0.70 after nine; MiniLM's layers 0.70 at best, SmolLM2-135M's 0.74."""
KEPT = 4
"""The lowest layers, which are as published."""
WIDTH = 768
LONGEST_PIECES = 96
"""The rest of a longer sentence is not read; none that long is printed."""
BATCH_PIECES = 2048  # sentences x longest of one batch: keeps the working set inside the cache of a small machine

Found = TypeVar("Found")


class MpnetReader:
    """Sentences through the lowest ``layers`` of MPNet.

    ``learnt``: what is added to its matrices, as ``pack`` has it; ``folder`` defaults to where the weights are.
    """

    def __init__(
        self, learnt: Mapping[str, np.ndarray] | None = None, *, layers: int = LAYERS, folder: Path | None = None
    ) -> None:
        self._learnt, self._layers, self._folder = learnt or {}, layers, folder

    @property
    def folder(self) -> Path:
        from models.weights.installed import locate

        return self._folder or locate(WEIGHTS)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return read_tokenizer(self.folder, LONGEST_PIECES)

    @cached_property
    def _network(self) -> Mpnet:
        from models.corrections import corrected_layers
        from models.mpnet import Mpnet
        from models.parallel import undivided

        with undivided():
            if not self._learnt:
                return Mpnet.load(self.folder, self._layers, LONGEST_PIECES)
            network = Mpnet.load(self.folder, KEPT, LONGEST_PIECES)
            network.layers += corrected_layers(self.folder, self._learnt, range(KEPT, self._layers), network.dtype)
            return network

    def read(self, sentences: Sequence[str]) -> np.ndarray:
        """How each sentence is worded: the mean state of its pieces, float32, shape (n, WIDTH).

        Raises WeightsError where the weights are not on this machine.
        """
        means = np.zeros((len(sentences), WIDTH), np.float32)
        for batch, found in self._read(sentences, _means):
            means[batch] = found
        return means

    def read_pieces(self, sentences: Sequence[str]) -> list[Tensor]:
        """The states of each sentence's pieces, shape (pieces, WIDTH), in the network's precision."""
        found: dict[int, Tensor] = {}
        for batch, states in self._read(sentences, _pieces):
            found |= zip(batch, states, strict=True)
        return [found[n] for n in range(len(sentences))]

    def _read(
        self, sentences: Sequence[str], finish: Callable[[Tensor, Tensor], Found]
    ) -> Iterator[tuple[list[int], Found]]:
        """Groups of sentences, by their indices, and what is made of their states and of where these are real."""
        if not sentences:
            return
        import torch

        from models.mpnet import PAD
        from models.parallel import side_by_side

        network = self._network

        def read(ids: list[list[int]]) -> Found:
            padded, mask = pad(ids)
            with torch.inference_mode():
                present = torch.from_numpy(mask)
                return finish(network.states(torch.from_numpy(np.where(mask, padded, PAD)), present), present)

        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(sentences))]
        batches = batches_by_length([len(i) for i in ids], BATCH_PIECES)
        yield from zip(batches, side_by_side(read, [[ids[i] for i in batch] for batch in batches]), strict=True)


def mean_state(states: Tensor, present: Tensor) -> Tensor:
    """The mean of what is real, float32, shape (n, WIDTH); ``states``: (n, pieces, WIDTH), ``present``: (n, pieces)."""
    weights = present[:, :, None].float()
    return (states.float() * weights).sum(1) / weights.sum(1)


def _means(states: Tensor, present: Tensor) -> np.ndarray:
    mean: np.ndarray = mean_state(states, present).numpy()
    return mean


def _pieces(states: Tensor, present: Tensor) -> list[Tensor]:
    return [row[here].clone() for row, here in zip(states, present, strict=True)]


@dataclass(frozen=True)
class TrainedJudge:
    """The SentenceJudge port: ``weights``, shape (WIDTH,), and ``intercept`` over what a network reads.

    ``learnt``: what is added to the network's matrices, as ``pack`` has it.
    """

    weights: np.ndarray
    intercept: float
    learnt: Mapping[str, np.ndarray]

    @cached_property
    def _reader(self) -> MpnetReader:
        return MpnetReader(self.learnt)

    def odds(self, sentences: Sequence[str]) -> np.ndarray:
        found: np.ndarray = self._reader.read(sentences).astype(float) @ self.weights + self.intercept
        return found
