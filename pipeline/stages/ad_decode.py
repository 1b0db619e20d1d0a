"""Scores of units to stretches: the best way to divide the whole episode into show and ads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.stages.ad_units import Unit
from pipeline.timeline import Span, merge_spans

MERGE_GAP_S = 15.0  # the annotators' rule: ads closer than this are one
SHORTEST_AD_S = 7.0  # shorter finds were wrong more often than right on the development episodes


def decode(units: Sequence[Unit], log_odds: np.ndarray, *, switch_cost: float) -> tuple[Span, ...]:
    """The stretches of ads that together explain the log-odds best, each edge costing ``switch_cost``."""
    if not units:
        return ()
    states = best_path(log_odds, switch_cost)
    stretches = [Span(u.start, u.end) for u, is_ad in zip(units, states, strict=True) if is_ad]
    joined = merge_spans(_neighbours(units, states, stretches), gap_s=MERGE_GAP_S)
    return tuple(span for span in joined if span.duration >= SHORTEST_AD_S)


def _neighbours(units: Sequence[Unit], states: np.ndarray, stretches: list[Span]) -> list[Span]:
    runs: list[Span] = []
    previous = -2
    for n, index in enumerate(np.flatnonzero(states)):
        if index == previous + 1:
            runs[-1] = Span(runs[-1].start, max(runs[-1].end, stretches[n].end))
        else:
            runs.append(stretches[n])
        previous = int(index)
    return runs


def best_path(log_odds: np.ndarray, switch_cost: float) -> np.ndarray:
    """The two-state Viterbi path, bool of shape (n,): True is ad.

    >>> best_path(np.array([-3.0, 2.0, -1.0, 2.0, -3.0]), 1.0).tolist()
    [False, True, True, True, False]
    """
    show, ad = 0.0, float(log_odds[0]) - switch_cost / 2
    came_from = np.zeros((len(log_odds), 2), np.int8)
    for n in range(1, len(log_odds)):
        came_from[n] = (ad - switch_cost > show, ad >= show - switch_cost)
        show, ad = max(show, ad - switch_cost), max(ad, show - switch_cost) + float(log_odds[n])
    path = np.zeros(len(log_odds), bool)
    state = int(ad - switch_cost / 2 > show)
    for n in range(len(log_odds) - 1, -1, -1):
        path[n] = state
        state = int(came_from[n, state])
    return path
