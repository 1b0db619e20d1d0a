"""How a decoder attends to the sound: keys and values of a batch of windows, as they are or in eight bits.

A step of decoding multiplies each key and value with one number, so it takes as long as reading them: 18 MB a window
and step in bfloat16 (base). torch has a fast weighted sum of rows in eight bits, made for embeddings, and attention for
one position is two of these: scores are the rows of the transposed keys, weighted by the query, and what is mixed are
the values, weighted by the scores. So keys have a scale for each channel of a window, values one for each moment and
head, as in Liu et al. 2024, KIVI.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

_pack: Callable[[Tensor], Tensor] = torch.ops.quantized.embedding_bag_byte_prepack
"""Rows of numbers to bytes, after each row its scale and its least value: (rows, width) to (rows, width + 8)."""
_sum_bags: Callable[..., Tensor] = torch.ops.quantized.embedding_bag_byte_rowwise_offsets
SUM = 0
"""How rows of a bag become one: they are summed."""


class SoundAttention(Protocol):
    """Keys and values of the sound in one layer of the decoder, each (rows, heads, moments, width)."""

    def attend(self, query: Tensor) -> Tensor:
        """The values mixed for queries (rows, heads, positions, width), of the same shape."""
        ...

    def keep(self, rows: Tensor) -> SoundAttention:
        """Only these rows, given by their places."""
        ...


class Whole:
    """In the precision of the network."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        self.keys, self.values = keys.contiguous(), values.contiguous()

    def attend(self, query: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(query, self.keys, self.values)

    def keep(self, rows: Tensor) -> Whole:
        return Whole(self.keys.index_select(0, rows), self.values.index_select(0, rows))


class EightBits:
    """In eight bits, on a CPU: ``keys``, (rows, heads * width, moments + 8), ``values``, (rows, heads * moments, width
    + 8)."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        self.keys, self.values = keys, values

    @classmethod
    def of(cls, keys: Tensor, values: Tensor) -> EightBits:
        """From keys and values as they are."""
        packed = [
            (_pack(key.transpose(-1, -2).float().flatten(0, 1)), _pack(value.float().flatten(0, 1)))
            for key, value in zip(keys, values, strict=True)  # a window at a time: in the cache
        ]
        return cls(*(torch.stack(parts) for parts in zip(*packed, strict=True)))

    def attend(self, query: Tensor) -> Tensor:
        scaled = query.float() * query.shape[-1] ** -0.5
        mixed = [self._attend_from(position) for position in scaled.unbind(2)]
        return torch.stack(mixed, 2).to(query.dtype)

    def _attend_from(self, query: Tensor) -> Tensor:
        rows, heads, _ = query.shape
        scores = _weighted_sums(self.keys.flatten(0, 1), query.flatten(0, 1))
        return _weighted_sums(self.values.flatten(0, 1), scores.softmax(-1)).unflatten(0, (rows, heads))

    def keep(self, rows: Tensor) -> EightBits:
        return EightBits(self.keys.index_select(0, rows), self.values.index_select(0, rows))


def _weighted_sums(packed: Tensor, weights: Tensor) -> Tensor:
    """The packed rows in bags of as many as ``weights``, (bags, of each), has columns, each summed as weighted."""
    return _sum_bags(packed, *_bags(*weights.shape), False, SUM, False, weights.flatten(), None, False)


@lru_cache(maxsize=32)
def _bags(bags: int, of_each: int) -> tuple[Tensor, Tensor]:
    """The numbers of the rows, and at which of them each bag begins."""
    rows = torch.arange(bags * of_each, dtype=torch.int32)
    return rows, rows[::of_each].contiguous()
