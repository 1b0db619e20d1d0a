"""MPNet, written out: wordpieces to their meaning in context, as published.

Methods: Song et al. 2020, MPNet; Raffel et al. 2020 (its relative places).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

Weights = Mapping[str, Tensor]

LONGEST = 512
"""Wordpieces that can be read at once; the published table has places for so many."""
WIDTH, HEADS = 768, 12
NORM_EPS = 1e-5
PAD = 1
HIDDEN = -1e9  # what attention adds to padding
FIRST_PLACE = 2  # places are counted from here: 0 and 1 are unused in the published table
BUCKETS, FAR_PIECES = 32, 128  # of relative places; from FAR_PIECES on all are alike


class Embedding(nn.Module):
    """Wordpiece ids, shape (windows, at most ``longest``), to the input of the first layer; as published."""

    def __init__(self, weights: Weights, dtype: torch.dtype, longest: int) -> None:
        super().__init__()
        self.pieces = weights["embeddings.word_embeddings.weight"].to(dtype)
        # Copies: a view would keep the whole file of weights in memory.
        self.places = (
            weights["embeddings.position_embeddings.weight"][FIRST_PLACE : FIRST_PLACE + longest].float().clone()
        )
        self.scale = weights["embeddings.LayerNorm.weight"].float().clone()
        self.shift = weights["embeddings.LayerNorm.bias"].float().clone()

    def forward(self, pieces: Tensor) -> Tensor:
        states = self.pieces[pieces].float() + self.places[: pieces.shape[1]]
        return functional.layer_norm(states, (WIDTH,), self.scale, self.shift, NORM_EPS)


def relative_places(weights: Weights, longest: int) -> Tensor:
    """What attention adds for how far apart two pieces of a window are, shape (1, HEADS, longest, longest)."""
    place = torch.arange(longest)
    apart = place[:, None] - place[None]
    half, near = BUCKETS // 2, BUCKETS // 4
    distance = apart.abs()
    far = near + (torch.log(distance.clamp(min=1) / near) / math.log(FAR_PIECES / near) * (half - near)).long()
    bucket = torch.where(distance < near, distance, far.clamp(max=half - 1)) + half * (apart < 0)
    return weights["encoder.relative_attention_bias.weight"].float()[bucket].permute(2, 0, 1)[None]


class Matrix(nn.Module):
    """A published matrix and its constant."""

    def __init__(self, weights: Weights, name: str, dtype: torch.dtype) -> None:
        super().__init__()
        self.weight, self.bias = weights[f"{name}.weight"].to(dtype), weights[f"{name}.bias"].to(dtype)

    def forward(self, states: Tensor) -> Tensor:
        return functional.linear(states, self.weight, self.bias)


MatrixOf = Callable[[Weights, str, torch.dtype], nn.Module]
"""The matrix of a name among the weights, in a precision."""


class Layer(nn.Module):
    """One layer; ``places`` is what attention adds, shape (1 or windows, HEADS, pieces, pieces)."""

    def __init__(self, weights: Weights, number: int, dtype: torch.dtype, matrix: MatrixOf) -> None:
        super().__init__()
        name = f"encoder.layer.{number}"
        self.query, self.key, self.value, self.mixed = (
            matrix(weights, f"{name}.attention.attn.{part}", dtype) for part in "qkvo"
        )
        self.inner = matrix(weights, f"{name}.intermediate.dense", dtype)
        self.outer = matrix(weights, f"{name}.output.dense", dtype)
        self.norms = [
            tuple(weights[f"{name}.{part}.LayerNorm.{kind}"].to(dtype) for kind in ("weight", "bias"))
            for part in ("attention", "output")
        ]

    def forward(self, states: Tensor, places: Tensor) -> Tensor:
        return self._attend(states, states, places.expand(len(states), -1, -1, -1))

    def at(self, pieces: Tensor, states: Tensor, places: Tensor) -> Tensor:
        """What the layer makes of one piece of each window, shape (windows, WIDTH); ``pieces``: which, (windows,).

        ``places``: shape (windows, HEADS, pieces, pieces).
        """
        rows = torch.arange(len(states))
        return self._attend(states[rows, pieces][:, None], states, places[rows, :, pieces][:, :, None])[:, 0]

    def _attend(self, asking: Tensor, states: Tensor, places: Tensor) -> Tensor:
        """The states that ask, shape (windows, asking, WIDTH), after what they take from those of the whole window."""

        def heads(part: nn.Module, states: Tensor) -> Tensor:
            return part(states).view(len(states), states.shape[1], HEADS, -1).transpose(1, 2)

        mixed = functional.scaled_dot_product_attention(
            heads(self.query, asking), heads(self.key, states), heads(self.value, states), attn_mask=places
        )
        asking = self._norm(asking + self.mixed(mixed.transpose(1, 2).reshape(asking.shape)), 0)
        return self._norm(asking + self.outer(functional.gelu(self.inner(asking))), 1)

    def _norm(self, states: Tensor, which: int) -> Tensor:
        scale, shift = self.norms[which]
        return functional.layer_norm(states, (WIDTH,), scale, shift, NORM_EPS)


class Mpnet:
    """The embedding and the lowest ``layers`` of the published network; ``places``: what their attention adds.

    It reads windows of at most ``longest`` wordpieces; ``embedding``: that of another network, to share it.
    """

    def __init__(
        self,
        weights: Weights,
        layers: int,
        dtype: torch.dtype,
        longest: int,
        matrix: MatrixOf = Matrix,
        embedding: Embedding | None = None,
    ) -> None:
        self.dtype = dtype
        self.embedding = Embedding(weights, dtype, longest) if embedding is None else embedding
        # Laid out in order: turned as they come out of the table, each layer copies them, a third of a window's time.
        self.places = relative_places(weights, longest).to(dtype).contiguous()
        self.layers = [Layer(weights, number, dtype, matrix) for number in range(layers)]

    @classmethod
    def load(cls, folder: Path, layers: int, longest: int) -> Mpnet:
        """From the published file, of which only these layers are read; in bfloat16 where the CPU multiplies in it.

        Networks of one process share their layers and the embedding.
        """
        dtype = cpu_precision()
        network = cls(Published(folder, 0), 0, dtype, longest, embedding=published_embedding(folder, dtype))
        network.layers = [_published_layer(folder, number, dtype) for number in range(layers)]
        return network

    def states(self, pieces: Tensor, present: Tensor | None = None) -> Tensor:
        """What the last layer makes of windows of wordpieces, shape (windows, pieces), as (windows, pieces, WIDTH).

        ``present``: bool, shape (windows, pieces), False for padding that nothing may attend to.
        """
        return run_layers(self.layers, self.embedding(pieces).to(self.dtype), self.places, present)


def run_layers(layers: Iterable[Layer], states: Tensor, places: Tensor, present: Tensor | None = None) -> Tensor:
    """States through layers, shape (windows, pieces, WIDTH); ``places``: see ``relative_places``; ``present`` as above.

    What comes out is in the precision of states, places and layers.
    """
    places = places_among(places, states.shape[1], present)
    for layer in layers:
        states = layer(states, places)
    return states


def places_among(places: Tensor, count: int, present: Tensor | None = None) -> Tensor:
    """What attention adds in windows of ``count`` pieces, of which only those that are ``present`` are attended to."""
    places = places[..., :count, :count]
    if present is None:
        return places
    return places + torch.where(present, 0.0, HIDDEN).to(places.dtype)[:, None, None, :]


@cache
def published_embedding(folder: Path, dtype: torch.dtype) -> Embedding:
    """The embedding of the published file, read once."""
    return Embedding(Published(folder, 0), dtype, LONGEST)


@cache
def _published_layer(folder: Path, number: int, dtype: torch.dtype) -> Layer:
    """A layer of the published file, read once."""
    return Layer(Published(folder, number + 1), number, dtype, Matrix)


def cpu_precision() -> torch.dtype:
    """bfloat16 where this machine's CPU multiplies in it, else float32."""
    from models.machine import read_machine

    return torch.bfloat16 if read_machine().bfloat16 else torch.float32


class Published(Weights):
    """The tensors of the published file that the lowest ``layers`` need, each read when it is asked for and kept by
    nobody here: all at once they are 430 MB."""

    def __init__(self, folder: Path, layers: int) -> None:
        self._path = folder / "model.safetensors"
        with self._opened() as file:
            self._names = tuple(name for name in file.keys() if _is_below(name, layers))  # noqa: SIM118  (no mapping)

    def _opened(self) -> Any:
        from safetensors import safe_open

        return safe_open(self._path, framework="pt")

    def __getitem__(self, name: str) -> Tensor:
        if name not in self._names:
            raise KeyError(name)
        with self._opened() as file:  # anew, because pages that were read stay in memory until it is closed
            tensor: Tensor = file.get_tensor(name)
        return tensor

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _is_below(name: str, layers: int) -> bool:
    """Whether a tensor of the published file lies below the layers that are not used."""
    layer = name.removeprefix("encoder.layer.")
    return layer == name or int(layer.partition(".")[0]) < layers
