"""From attention to times: which moment of the sound each token was read from. Pure torch and numpy."""

from __future__ import annotations

import numpy as np
import torch

MEDIAN_WIDTH = 7
"""openai-whisper's: attention is smoothed over 7 steps of 20 ms."""

TOKENS_AT_ONCE = 2
"""Smoothed at once, so that all that the median compares stays in the cache: 20 instead of 44 ms a window."""

# fmt: off
EXCHANGES = ((0, 5), (0, 3), (1, 6), (2, 4), (0, 1), (3, 5), (2, 6), (2, 3), (3, 6), (4, 5), (1, 4), (1, 3), (3, 4))
# fmt: on
"""After these compare-and-exchange steps the median of seven stands in the middle; a test tries every order."""


def token_starts(attention: torch.Tensor, first: int, count: int) -> np.ndarray:
    """The encoder step at which each of ``count`` tokens begins, and where the last one ends: int, shape (count + 1).

    ``attention``: scores before softmax, float32, shape (heads, tokens, steps): every token that the decoder read,
    from the start of transcript to the end of text. Row ``first`` is the last before the text: a row predicts the next.
    """
    weights = attention.float().softmax(dim=-1)
    deviation, mean = torch.std_mean(weights, dim=-2, keepdim=True, unbiased=False)
    scaled = ((weights - mean) / deviation)[:, first : first + count + 1]
    matrix = torch.cat([median_of_seven(part).mean(dim=0) for part in scaled.split(TOKENS_AT_ONCE, dim=1)])
    tokens, steps = cheapest_path(-matrix.numpy())
    begins = np.concatenate([[True], np.diff(tokens) > 0])
    found: np.ndarray = steps[begins]
    return found


def median_of_seven(values: torch.Tensor) -> torch.Tensor:
    """The running median over the last axis, its ends mirrored. Finding only the middle is far faster than sorting."""
    half = MEDIAN_WIDTH // 2
    if values.shape[-1] <= half:
        return values
    width = values.shape[-1]
    padded = torch.nn.functional.pad(values, (half, half), mode="reflect")
    lanes = [padded[..., shift : shift + width] for shift in range(MEDIAN_WIDTH)]
    for low, high in EXCHANGES:
        lanes[low], lanes[high] = torch.minimum(lanes[low], lanes[high]), torch.maximum(lanes[low], lanes[high])
    return lanes[half]


def cheapest_path(cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Dynamic time warping from the first corner to the last: the rows and the columns of the path.

    Computed by anti-diagonals, with the ties of openai-whisper's own (a diagonal step only where it is strictly best).
    Row ``d`` of the arrays here holds the cells whose row and column add up to ``d``, so that all that a diagonal is
    drawn from lies side by side: a fifth of the time that picking them out of a rectangle takes.
    """
    rows, columns = cost.shape
    shape = (rows + columns + 1, rows + 1)
    costs, total = np.zeros(shape, np.float32), np.full(shape, np.inf, np.float32)
    for row in range(1, rows + 1):
        costs[row + 1 : row + columns + 1, row] = cost[row - 1]
    total[0, 0] = 0
    is_across, is_up = np.zeros(shape, bool), np.zeros(shape, bool)
    for diagonal in range(2, rows + columns + 1):
        first, end = max(1, diagonal - columns), min(rows, diagonal - 1) + 1
        here, before = slice(first, end), slice(first - 1, end - 1)
        across, up, left = total[diagonal - 2, before], total[diagonal - 1, before], total[diagonal - 1, here]
        np.logical_and(across < up, across < left, out=is_across[diagonal, here])
        np.logical_and(up < across, up < left, out=is_up[diagonal, here])
        best = np.where(is_across[diagonal, here], across, np.where(is_up[diagonal, here], up, left))
        np.add(costs[diagonal, here], best, out=total[diagonal, here])
    return _back(is_across, is_up, rows, columns)


def _back(is_across: np.ndarray, is_up: np.ndarray, i: int, j: int) -> tuple[np.ndarray, np.ndarray]:
    """The path from the last corner to the first, turned round."""
    path = []
    while i > 0 or j > 0:
        path.append((i - 1, j - 1))
        across = i > 0 and j > 0 and is_across[i + j, i]
        up = j == 0 or (i > 0 and is_up[i + j, i])
        i, j = i - (across or up), j - (across or not up)
    tokens, steps = np.array(path[::-1]).T
    return tokens, steps
