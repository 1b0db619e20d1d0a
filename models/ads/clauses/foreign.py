"""Words that belong to this moment and to nothing else in the episode: an ad brings its own subject with it.

A show comes back to its names and things; a spot uses its own once, within half a minute, and never again. What is
said in copy that is heard twice (the same spot in the next break) does not count as coming back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LOCAL_TOKENS = 250  # about ninety seconds: what is said again within them is the same subject
HORIZON_TOKENS = 2500  # a quarter of an hour: in a longer episode every word comes back some time
COMMON, CAP = 5.5, 3.0  # rarity (natural logarithm): words more common say nothing; nor does it matter by how much
WINDOWS = ((0, 40), (-40, 0), (-20, 20), (0, 80))  # tokens, from the first of a unit


def foreign_shares(tokens: np.ndarray, rarity: np.ndarray, repeated: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """How much of what is rare around each unit is said nowhere else, and how much of that is said twice here.

    ``tokens``: hashes; ``rarity``: of each token; ``repeated``: bool, it lies in copy; ``starts``: of the units.
    Shape (units, 2 x WINDOWS), relative to the median of the episode.
    """
    elsewhere, again = _whereabouts(tokens, repeated)
    weights = np.clip(rarity - COMMON, 0.0, CAP)
    whole = _running(weights)
    columns = []
    for chosen in (~elsewhere, ~elsewhere & again):
        part = _running(weights * chosen)
        for first, last in WINDOWS:
            low, high = (np.clip(starts + k, 0, len(tokens)) for k in (first, last))
            share = (part[high] - part[low]) / np.maximum(1.0, whole[high] - whole[low])
            columns.append(share - np.median(share))
    return np.stack(columns, axis=1)


def _running(values: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(values)])


def _whereabouts(tokens: np.ndarray, repeated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each token: is it said elsewhere within the horizon; is it said again close by."""
    elsewhere, again = np.zeros(len(tokens), bool), np.zeros(len(tokens), bool)
    order = np.argsort(tokens, kind="stable")
    for places in _runs(tokens, order):
        heard = places[~repeated[places]]
        near = _count(places, places, -LOCAL_TOKENS, LOCAL_TOKENS)
        far = _count(heard, places, -HORIZON_TOKENS, HORIZON_TOKENS)
        again[places] = near >= 2
        elsewhere[places] = far > _count(heard, places, -LOCAL_TOKENS, LOCAL_TOKENS)
    return elsewhere, again


def _runs(tokens: np.ndarray, order: np.ndarray) -> Sequence[np.ndarray]:
    """The places of each token that is said more than once."""
    cuts = np.flatnonzero(np.diff(tokens[order])) + 1
    return [places for places in np.split(order, cuts) if len(places) > 1]


def _count(places: np.ndarray, around: np.ndarray, first: int, last: int) -> np.ndarray:
    """How many places lie from ``first`` to ``last`` tokens from each of ``around``."""
    return np.searchsorted(places, around + last, side="right") - np.searchsorted(places, around + first)
