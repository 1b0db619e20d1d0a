"""Divisions and their chances, beside all divisions of a small episode written out."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from pipeline.notes.chapters.divisions import SHARPNESS, best_path, closed_lengths, start_chances, within

SIZE = 6
CHANCE = np.random.default_rng(1)
ODDS = CHANCE.normal(size=SIZE)
COST = CHANCE.normal(size=(SIZE + 1, SIZE + 1))
COST[np.tril_indices(SIZE + 1)] = np.inf


def every_division() -> list[tuple[int, ...]]:
    return [(0, *inner) for size in range(SIZE) for inner in combinations(range(1, SIZE), size)]


def worth(division: tuple[int, ...], shift: float) -> float:
    edges = [*division, SIZE]
    starts = sum(SHARPNESS * ODDS[i] + shift for i in division[1:])
    return float(starts - SHARPNESS * sum(COST[a, b] for a, b in pairwise(edges)))


def test_the_chances_are_those_of_all_divisions_together():
    def expected(shift: float) -> np.ndarray:
        weights = np.exp([worth(division, shift) for division in every_division()])
        holds = np.array([[i in division[1:] for i in range(SIZE)] for division in every_division()])
        return (weights[:, None] * holds).sum(0) / weights.sum()

    found = start_chances(ODDS, COST, 3)
    nearest = min(np.linspace(-12, 12, 2001), key=lambda shift: abs(expected(shift).sum() - found.sum()))
    assert found == pytest.approx(expected(nearest), abs=0.01)


def test_as_many_chapters_are_expected_as_there_are_to_be():
    assert start_chances(ODDS, COST, 4).sum() == pytest.approx(3.0, abs=0.1)


def test_chances_nearby_are_added():
    assert list(within(np.array([0.1, 0.2, 0.4]), np.array([0.0, 10.0, 21.0]), 10.0)) == pytest.approx([0.3, 0.3, 0.4])


def test_the_best_path_keeps_to_the_lengths():
    times = np.arange(0.0, 601.0, 60.0)
    gains = np.array([0.0, 0.0, 5.0, 5.0, 5.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    chosen = best_path(gains, closed_lengths(times, 4), 4)
    assert max(b - a for a, b in pairwise([*chosen, 10])) * 60.0 <= 600.0 / 3 + 1
