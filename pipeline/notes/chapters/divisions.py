"""All divisions of an episode into chapters and their chances: a semi-Markov random field.

Sarawagi and Cohen 2004: a division's log-odds are the sum of what speaks for a start at each of its candidates, less
what each chapter between two of them costs. Candidates are sentences in order, the first of which always starts one.
"""

from __future__ import annotations

import numpy as np

from pipeline.notes.material import Material, unit

SHORTEST_S = 45.0
"""A shorter chapter is a remark, not a part (not measured)."""
LONGEST_SHARE = 1 / 3
"""No chapter is longer than this share of the show, if the show has three chapters or more."""
EVENNESS = 0.5
"""What a squared factor e between a chapter's length and the usual costs, in log-odds of a boundary."""
UNITY = 0.4
"""What a chapter's keeping to one subject (``subject_unity``) counts, in log-odds of a boundary."""
SHARPNESS = 2.0
"""What all log-odds are multiplied with.

On shows left out F1 within 10 and 30 s is 0.39 and 0.53 with 1, 0.41 and 0.54 with 1.4, 0.41 and 0.55 with 2.
"""
CLOSED = 1e6
TOO_LONG = 20.0
SHIFTS = 8
"""Halvings of the interval in which the constant lies that makes the expected number of chapters right."""
FURTHEST_SHIFT = 12.0


def division_cost(times: np.ndarray, unity: np.ndarray, count: int) -> np.ndarray:
    """What a chapter from one candidate to another costs beside ``closed_lengths``, shape (n, n).

    ``times``: of the candidates, and the end; ``count``: how many chapters there are to be.
    """
    lengths = times[None, :] - times[:, None]
    cost: np.ndarray = EVENNESS * 0.5 * np.log(np.maximum(lengths, 1.0) / _usual(times, count)) ** 2 - UNITY * unity
    return cost


def closed_lengths(times: np.ndarray, count: int) -> np.ndarray:
    """What keeps a chapter from being too short or too long, shape (n, n); the diagonal and below is closed."""
    lengths = times[None, :] - times[:, None]
    cost = np.where(lengths < min(SHORTEST_S, _usual(times, count) / 2), CLOSED, 0.0)
    if count >= 1 / LONGEST_SHARE:
        cost[lengths > LONGEST_SHARE * (times[-1] - times[0])] += TOO_LONG
    cost[np.tril_indices(len(times))] = np.inf
    return cost


def _usual(times: np.ndarray, count: int) -> float:
    return max(1.0, float(times[-1] - times[0])) / count


def subject_unity(material: Material, edges: np.ndarray) -> np.ndarray:
    """How far a chapter from one edge to another keeps to a subject of its own, shape (n, n).

    The squared length of the sum of its sentences' directions from the episode's middle, over their weight: what kernel
    change-point detection maximises (Arlot, Celisse and Harchaoui 2019). Sentences in random order have about 1.
    """
    directions = unit(material.vectors - material.centre)
    directions -= np.average(directions, axis=0, weights=material.weights)
    directions *= np.sqrt(material.weights)[:, None]
    spread = (directions**2).sum() / material.weights.sum()
    sums = np.concatenate([np.zeros((1, directions.shape[1])), np.cumsum(directions, axis=0)])[edges]
    said = np.append(0.0, np.cumsum(material.weights))[edges]
    squares = (sums**2).sum(1)
    between = np.maximum(squares[:, None] + squares[None, :] - 2 * sums @ sums.T, 0.0)
    found: np.ndarray = between / np.maximum(said[None, :] - said[:, None], 1.0) / max(spread, 1e-9)
    return found


def start_chances(odds: np.ndarray, cost: np.ndarray, count: int) -> np.ndarray:
    """The chance that a chapter starts at each candidate but the first (0 there), shape (n,); ``cost`` (n + 1, n + 1).

    All odds are shifted alike so that ``count`` chapters are expected.
    """
    chances = np.zeros(len(odds))
    sharp = SHARPNESS * np.minimum(cost, CLOSED)
    low, high = -FURTHEST_SHIFT, FURTHEST_SHIFT
    for _ in range(SHIFTS):
        shift = (low + high) / 2
        chances = _edge_chances(SHARPNESS * odds + shift, sharp)
        low, high = (low, shift) if chances.sum() > count - 1 else (shift, high)
    return chances


def _edge_chances(gains: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """The chance of each candidate by the forward and backward sums over all divisions."""
    size = len(gains) + 1
    gains = np.append(gains, 0.0)
    gains[0] = 0.0
    before, after = np.zeros(size), np.zeros(size)
    for place in range(1, size):
        before[place] = gains[place] + np.logaddexp.reduce(before[:place] - cost[:place, place])
    for place in range(size - 2, -1, -1):
        after[place] = np.logaddexp.reduce(after[place + 1 :] + gains[place + 1 :] - cost[place, place + 1 :])
    chances: np.ndarray = np.exp(before + after - before[-1])[:-1]
    chances[0] = 0.0
    return chances


def within(chances: np.ndarray, starts: np.ndarray, seconds: float) -> np.ndarray:
    """The sum of the chances of all candidates so near to each; ``starts`` are their times, rising."""
    summed = np.append(0.0, np.cumsum(chances))
    first, beyond = np.searchsorted(starts, starts - seconds), np.searchsorted(starts, starts + seconds, "right")
    near: np.ndarray = summed[beyond] - summed[first]
    return near


def best_path(gains: np.ndarray, cost: np.ndarray, count: int) -> list[int]:
    """The ``count`` candidates, from the first on, with the greatest sum of gains less costs to the end."""
    size = len(gains)
    best = np.full(size, -np.inf)
    best[0] = 0.0
    back = np.zeros((count + 1, size), int)
    for step in range(1, count + 1):
        options = best[:, None] - cost + gains[None, :]
        back[step] = options.argmax(0)
        best = options.max(0)
    path, at = [], size - 1
    for step in range(count, 0, -1):
        at = int(back[step, at])
        path.append(at)
    return sorted(set(path))
