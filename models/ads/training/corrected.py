"""MPNet whose matrices are corrected in training, with the head that reads it."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from models.ads.network import Head
from models.ads.reader import LAYERS, WINDOW
from models.corrections import CorrectedMatrices, Correction
from models.mpnet import Mpnet, Weights

RANK = 32


class Learner:
    """The network that is corrected, and the head, both where the weights are."""

    def __init__(self, weights: Weights, dtype: torch.dtype) -> None:
        self.matrices = CorrectedMatrices(RANK)
        self.mpnet = Mpnet(weights, LAYERS, dtype, WINDOW, self.matrices.make)
        self.head = Head().to(self.device)

    @property
    def device(self) -> torch.device:
        return self.mpnet.places.device

    @property
    def corrections(self) -> dict[str, Correction]:
        """By the published names of the matrices."""
        return self.matrices.corrections

    def parameters(self) -> Iterator[nn.Parameter]:
        """The head's first."""
        yield from self.head.parameters()
        yield from self.matrices.parameters()
