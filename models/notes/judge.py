"""Whether a sentence can be printed by itself, told by how MPNet reads it: its middle layers know form and reference.

A linear model over the mean state of the sentence's wordpieces after layer LAYERS, fitted on sentences that a person
has read (``standing.tsv``). Upper layers know more of the subject and less of the form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from models.encoder import batches_by_length

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from models.mpnet import Mpnet

WEIGHTS = "mpnet"
LAYERS = 7
"""Of twelve. AUC on shows left out (492 sentences): 0.68 after two, 0.73 after four, 0.74 after six, 0.76 after seven,
0.74 after eight, 0.70 after nine; MiniLM's layers 0.70 at best, SmolLM2-135M's 0.74."""
WIDTH = 768
LONGEST_PIECES = 96
"""The rest of a longer sentence is not read; none that long is printed."""
BATCH_PIECES = 2048  # sentences x longest of one batch: keeps the working set inside the cache of a small machine


class Reader(Protocol):
    """Sentences to how they are worded: float32, shape (n, WIDTH)."""

    def read(self, sentences: Sequence[str]) -> np.ndarray: ...


class MpnetReader:
    """The mean state of each sentence's pieces after LAYERS layers; ``folder`` defaults to where the weights are."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        from models.weights.installed import locate

        return self._folder or locate(WEIGHTS)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.enable_truncation(LONGEST_PIECES)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _network(self) -> Mpnet:
        from models.mpnet import Mpnet
        from models.parallel import undivided

        with undivided():
            return Mpnet.load(self.folder, LAYERS, LONGEST_PIECES)

    def read(self, sentences: Sequence[str]) -> np.ndarray:
        """Raises WeightsError where the weights are not on this machine."""
        states = np.zeros((len(sentences), WIDTH), np.float32)
        if not sentences:
            return states
        from models.parallel import side_by_side

        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(sentences))]
        batches = batches_by_length([len(i) for i in ids], BATCH_PIECES)
        read = side_by_side(partial(_read_batch, self._network), [[ids[i] for i in batch] for batch in batches])
        for batch, found in zip(batches, read, strict=True):
            states[batch] = found
        return states


def _read_batch(network: Mpnet, ids: list[list[int]]) -> np.ndarray:
    import torch

    from models.encoder import pad
    from models.mpnet import PAD

    padded, mask = pad(ids)
    with torch.inference_mode():
        present = torch.from_numpy(mask)
        pieces = torch.from_numpy(np.where(mask, padded, PAD))
        states = network.states(pieces, present)
        weights = present[:, :, None].float()
        mean: np.ndarray = ((states.float() * weights).sum(1) / weights.sum(1)).numpy()
    return mean


@dataclass(frozen=True)
class TrainedJudge:
    """The SentenceJudge port: ``weights``, shape (WIDTH,), and ``intercept`` over what the reader reads."""

    weights: np.ndarray
    intercept: float
    reader: Reader = field(default_factory=MpnetReader)

    def odds(self, sentences: Sequence[str]) -> np.ndarray:
        found: np.ndarray = self.reader.read(sentences).astype(float) @ self.weights + self.intercept
        return found
