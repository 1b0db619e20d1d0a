"""Fits corrections of a published network and what is learnt over it: batches, steps down the gradient, their size."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

Item = TypeVar("Item")
LEAST_SHARE = 0.02
"""Of the learning rate, in the last steps."""
SORTED_BATCHES = 16
"""So many batches are sorted by length, so that little of each is padding."""


def batches_at_random(
    items: Sequence[Item], length: Callable[[Item], int], rng: np.random.Generator, *, size: int
) -> Iterator[list[Item]]:
    """All items once, in random order, like lengths beside each other."""
    order, pool = rng.permutation(len(items)), SORTED_BATCHES * size
    batches: list[list[Item]] = []
    for first in range(0, len(order), pool):
        near = sorted((items[n] for n in order[first : first + pool]), key=length)
        batches += [near[n : n + size] for n in range(0, len(near), size)]
    yield from (batches[n] for n in rng.permutation(len(batches)))


def fine_tune(
    groups: Sequence[Mapping[str, Any]],
    batches: Sequence[Sequence[Item]],
    loss: Callable[[Sequence[Item]], Tensor],
    *,
    decay: float,
    warm_steps: int,
) -> None:
    """One step for each batch; ``groups``: parameters (``params``) and how fast they learn at most (``rate``)."""
    optimizer = torch.optim.AdamW([dict(group) for group in groups], weight_decay=decay)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for step, batch in enumerate(batches, start=1):
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * rate_share(step, len(batches), warm_steps)
        found = loss(batch)
        optimizer.zero_grad()
        found.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()


def rate_share(step: int, steps: int, warm_steps: int) -> float:
    """Of the learning rate, in step 1 to ``steps``: it rises in a line and falls along a cosine.

    Method: Loshchilov and Hutter 2017.
    """
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, (step - 1) / steps)))
    return min(1.0, step / warm_steps) * max(LEAST_SHARE, fall)
