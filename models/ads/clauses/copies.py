"""Copy that is said twice: passages of an episode that are repeated, word for word, elsewhere in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from models.ads.clauses.clauses import Unit

REPEAT_TOKENS = 8  # eight words in a row said twice, a minute apart, are copy (or a clip): precision 0.77-1.0
REPEAT_APART_S = 60.0
REPEAT_DISTINCT = 5  # "no no no no" is not copy


def find_repeats(units: Sequence[Unit]) -> np.ndarray:
    """The share of each unit's tokens that lie in a passage said again, word for word, elsewhere in the episode."""
    repeated = repeated_tokens(units)
    bounds = np.cumsum([0, *(len(unit.tokens) for unit in units)])
    running = np.concatenate([[0.0], np.cumsum(repeated)])
    return (running[bounds[1:]] - running[bounds[:-1]]) / np.maximum(1, np.diff(bounds))


def repeated_tokens(units: Sequence[Unit]) -> np.ndarray:
    """Bool for each token of the episode: it lies in a passage that is said again at another time."""
    tokens = [token for unit in units for token in unit.tokens]
    owner = [n for n, unit in enumerate(units) for _ in unit.tokens]
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for k in range(len(tokens) - REPEAT_TOKENS + 1):
        places[tuple(tokens[k : k + REPEAT_TOKENS])].append(k)
    repeated = np.zeros(len(tokens), bool)
    for gram, found in places.items():
        if len(found) < 2 or len(set(gram)) < REPEAT_DISTINCT:
            continue
        times = [units[owner[k]].start for k in found]
        for k, time in zip(found, times, strict=True):
            if time - times[0] > REPEAT_APART_S or times[-1] - time > REPEAT_APART_S:
                repeated[k : k + REPEAT_TOKENS] = True
    return repeated
