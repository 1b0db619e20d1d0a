"""From attention to times: which moment of the sound each token was read from. Pure torch and numpy."""

from __future__ import annotations

import numpy as np
import torch

MEDIAN_WIDTH = 7
"""openai-whisper's: attention is smoothed over 7 steps of 20 ms."""

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
    weights = median_of_seven((weights - mean) / deviation)
    matrix = weights.mean(dim=0)[first : first + count + 1]
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
    """
    rows, columns = cost.shape
    total = np.full((rows + 1, columns + 1), np.inf, dtype=np.float32)
    total[0, 0] = 0
    trace = np.empty((rows + 1, columns + 1), dtype=np.int8)
    for diagonal in range(2, rows + columns + 1):
        i = np.arange(max(1, diagonal - columns), min(rows, diagonal - 1) + 1)
        j = diagonal - i
        across, up, left = total[i - 1, j - 1], total[i - 1, j], total[i, j - 1]
        is_across = (across < up) & (across < left)
        is_up = ~is_across & (up < across) & (up < left)
        best = np.where(is_across, across, np.where(is_up, up, left))
        total[i, j] = cost[i - 1, j - 1].astype(np.float64) + best
        trace[i, j] = np.where(is_across, 0, np.where(is_up, 1, 2))
    trace[0, :], trace[:, 0] = 2, 1
    path = []
    i, j = rows, columns
    while i > 0 or j > 0:
        path.append((i - 1, j - 1))
        step = trace[i, j]
        i, j = i - (step != 2), j - (step != 1)
    tokens, steps = np.array(path[::-1]).T
    return tokens, steps
