"""What is learnt to be added to the matrices of a published network: in training, as stored, and put to use.

Method: Hu et al. 2021, LoRA.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.mpnet import Layer, Matrix, Published, Weights

SCALE = 2.0
"""By which a correction is multiplied: the usual value for low ranks."""
CORRECTION, UP, DOWN = "mpnet.", ".up", ".down"
"""What the names of corrections begin with where they are stored, and what those of their two parts end with."""
LEVELS = 127
"""Matrices are stored as whole numbers up to this, each row with a scale of its own."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is added to a matrix of shape (out, in): the product of ``up``, (out, rank), and ``down``, (rank, in)."""

    up: Tensor
    down: Tensor


class CorrectedMatrix(nn.Module):
    """A published matrix, which stays, and what is learnt to be added to it.

    ``beside``: what is learnt is applied beside the published matrix; else the two are added up at each step, as they
    are in the end, which costs two or three times as much on a CPU.
    """

    def __init__(self, weights: Weights, name: str, dtype: torch.dtype, rank: int, *, beside: bool) -> None:
        super().__init__()
        published = weights[f"{name}.weight"]
        self.dtype, self.weight = dtype, published.to(dtype) if beside else published.float()
        self.bias, self.beside = weights[f"{name}.bias"].to(dtype), beside
        out, width = self.weight.shape
        down = torch.empty(rank, width)
        nn.init.kaiming_uniform_(down, a=math.sqrt(5))
        self.up = nn.Parameter(torch.zeros(out, rank, device=self.weight.device))
        self.down = nn.Parameter(down.to(self.weight.device))

    def forward(self, states: Tensor) -> Tensor:
        if self.beside:
            learnt = functional.linear(functional.linear(states, self.down.to(self.dtype)), self.up.to(self.dtype))
            return functional.linear(states, self.weight, self.bias) + SCALE * learnt
        weight = self.weight + SCALE * (self.up @ self.down)
        return functional.linear(states, weight.to(self.dtype), self.bias)

    @property
    def correction(self) -> Correction:
        return Correction(SCALE * self.up.detach().cpu(), self.down.detach().cpu())


class CorrectedMatrices(dict[str, CorrectedMatrix]):
    """Makes the matrices of layers that are corrected, and keeps them by their published names; ``beside`` as there."""

    def __init__(self, rank: int, *, beside: bool = False) -> None:
        super().__init__()
        self.rank, self.beside = rank, beside

    def make(self, weights: Weights, name: str, dtype: torch.dtype) -> CorrectedMatrix:
        self[f"{name}.weight"] = matrix = CorrectedMatrix(weights, name, dtype, self.rank, beside=self.beside)
        return matrix

    def parameters(self) -> Iterator[nn.Parameter]:
        for matrix in self.values():
            yield from matrix.parameters()

    @property
    def corrections(self) -> dict[str, Correction]:
        return {name: matrix.correction for name, matrix in self.items()}


class Corrected(Weights):
    """Published weights with corrections added, each when it is asked for; ``learnt``: see ``name_corrections``."""

    def __init__(self, weights: Weights, learnt: Mapping[str, Tensor]) -> None:
        self._weights, self._learnt = weights, learnt

    def __getitem__(self, name: str) -> Tensor:
        published = self._weights[name]
        up, down = (self._learnt.get(f"{CORRECTION}{name}{part}") for part in (UP, DOWN))
        return published if up is None or down is None else torch.addmm(published.float(), up, down)

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)


def corrected_layers(folder: Path, learnt: Mapping[str, np.ndarray], numbers: range, dtype: torch.dtype) -> list[Layer]:
    """Layers of the published file in ``folder`` with corrections added; ``learnt``: as `pack` has them."""
    tensors = {name: torch.from_numpy(array) for name, array in unpack(learnt).items()}
    weights = Corrected(Published(folder, numbers.stop), tensors)
    return [Layer(weights, number, dtype, Matrix) for number in numbers]


def name_corrections(corrections: Mapping[str, Correction]) -> dict[str, Tensor]:
    """The parts of corrections, which go by the published names of their matrices, under their names as stored."""
    parts = {f"{CORRECTION}{name}{UP}": correction.up for name, correction in corrections.items()}
    return parts | {f"{CORRECTION}{name}{DOWN}": correction.down for name, correction in corrections.items()}


def pack(learnt: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Tensors as stored: matrices in eight bits with a scale for each row, the rest in half precision."""
    packed: dict[str, np.ndarray] = {}
    for name, tensor in learnt.items():
        array = tensor.detach().numpy().astype(np.float32)
        if array.ndim < 2:
            packed[name] = array.astype(np.float16)
            continue
        rows = array.reshape(len(array), -1)
        scale = (np.abs(rows).max(1) / LEVELS).clip(1e-8).astype(np.float32)
        packed[name] = np.round(array / scale.reshape(-1, *[1] * (array.ndim - 1))).astype(np.int8)
        packed[f"{name}:scale"] = scale
    return packed


def unpack(packed: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What `pack` stored, in single precision.

    >>> import torch
    >>> bool(np.abs(unpack(pack({"w": torch.tensor([[1.0, -0.5]])}))["w"] - [[1.0, -0.5]]).max() < 0.005)
    True
    """
    arrays: dict[str, np.ndarray] = {}
    for name, array in packed.items():
        if name.endswith(":scale"):
            continue
        whole = array.astype(np.float32)
        if f"{name}:scale" in packed:
            whole *= packed[f"{name}:scale"].reshape(-1, *[1] * (array.ndim - 1))
        arrays[name] = whole
    return arrays
