"""MPNet whose matrices are corrected in training, with the head that reads it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.ads.network import Head
from models.ads.reader import LAYERS, WINDOW
from models.mpnet import Correction, Mpnet, Weights

RANK = 32
SCALE = 2.0
"""By which a correction is multiplied: the usual value for low ranks."""


class CorrectedMatrix(nn.Module):
    """A published matrix, which stays, and what is learnt to be added to it (Hu et al. 2021, LoRA)."""

    def __init__(self, weights: Weights, name: str, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype, self.weight = dtype, weights[f"{name}.weight"].float()
        self.bias = weights[f"{name}.bias"].to(dtype)
        out, width = self.weight.shape
        down = torch.empty(RANK, width)
        nn.init.kaiming_uniform_(down, a=math.sqrt(5))
        self.up = nn.Parameter(torch.zeros(out, RANK, device=self.weight.device))
        self.down = nn.Parameter(down.to(self.weight.device))

    def forward(self, states: Tensor) -> Tensor:
        weight = self.weight + SCALE * (self.up @ self.down)
        return functional.linear(states, weight.to(self.dtype), self.bias)

    @property
    def correction(self) -> Correction:
        return Correction(SCALE * self.up.detach().cpu(), self.down.detach().cpu())


class Learner:
    """The network that is corrected, and the head, both where the weights are."""

    def __init__(self, weights: Weights, dtype: torch.dtype) -> None:
        self.corrected: dict[str, CorrectedMatrix] = {}
        self.mpnet = Mpnet(weights, LAYERS, dtype, WINDOW, self._correct)
        self.head = Head().to(self.device)

    def _correct(self, weights: Weights, name: str, dtype: torch.dtype) -> CorrectedMatrix:
        self.corrected[f"{name}.weight"] = matrix = CorrectedMatrix(weights, name, dtype)
        return matrix

    @property
    def device(self) -> torch.device:
        return self.mpnet.places.device

    @property
    def corrections(self) -> dict[str, Correction]:
        """By the published names of the matrices."""
        return {name: matrix.correction for name, matrix in self.corrected.items()}

    def parameters(self) -> Iterator[nn.Parameter]:
        """The head's first."""
        yield from self.head.parameters()
        for matrix in self.corrected.values():
            yield from matrix.parameters()
