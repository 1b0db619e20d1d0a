"""The alignment's two kernels against slow and obvious ones, and against openai-whisper's own choice of path."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.whisper.alignment import EXCHANGES, cheapest_path, median_of_seven, token_starts


def test_the_exchanges_bring_the_median_to_the_middle_from_any_order() -> None:
    for values in product((0, 1), repeat=7):  # a network that sorts zeros and ones right sorts everything right
        lanes = list(values)
        for low, high in EXCHANGES:
            lanes[low], lanes[high] = min(lanes[low], lanes[high]), max(lanes[low], lanes[high])
        assert lanes[3] == sorted(values)[3]


def test_the_running_median_is_that_of_sorting() -> None:
    values = torch.randn(2, 3, 40)
    padded = torch.nn.functional.pad(values, (3, 3), mode="reflect")
    assert torch.equal(median_of_seven(values), padded.unfold(-1, 7, 1).sort()[0][..., 3])


@given(st.integers(1, 7), st.integers(1, 12), st.integers(0, 10**6))
def test_the_path_is_the_cheapest(rows: int, columns: int, seed: int) -> None:
    cost = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    tokens, steps = cheapest_path(cost)
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0
    for i, j in product(range(rows), range(columns)):
        total[i + 1, j + 1] = cost[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    assert (tokens[0], steps[0], tokens[-1], steps[-1]) == (0, 0, rows - 1, columns - 1)
    assert all(0 <= d <= 1 for d in [*np.diff(tokens), *np.diff(steps)])
    assert float(cost[tokens, steps].sum()) == pytest.approx(total[rows, columns], abs=1e-4)


def test_ties_go_the_way_of_openai_whisper() -> None:
    cost = np.zeros((4, 9), dtype=np.float32)
    tokens, steps = cheapest_path(cost)
    # Its path walks back along the sound first, so that the text is all read at the start.
    assert (tokens.tolist(), steps.tolist()) == ([0, 1, 2, 3, *[3] * 8], [0, 0, 0, *range(9)])


def test_tokens_begin_where_their_attention_does() -> None:
    attention = torch.full((2, 6, 100), -5.0)  # start, language, task, three tokens
    for row, (start, end) in enumerate([(0, 5), (0, 5), (0, 20), (20, 50), (50, 80), (80, 100)]):
        attention[:, row, start:end] = 5.0
    starts = token_starts(attention, first=2, count=3)
    assert starts.shape == (4,)
    assert np.abs(starts - [0, 20, 50, 80]).max() <= 2
