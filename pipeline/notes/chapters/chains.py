"""Lexical chains: which nouns are being talked about at each sentence (Morris and Hirst 1991).

A chain is a noun that comes again and again without a long break. Where few chains cross, the subject changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from pipeline.notes.material import Material

BREAKS_WORDS = (200, 500)
"""A noun that is not said for so many words starts another chain when it comes again."""
DIP_WORDS = (150, 400)
"""How far on either side of a sentence the crossing chains are compared with those at it."""
OFTEN = 3
"""A noun that comes this many times more counts in full."""
SHORTEST_LETTERS = 3


def chain_features(material: Material, said: np.ndarray, common: Mapping[str, float]) -> dict[str, np.ndarray]:
    """One array a feature, shape (n,): how many chains cross from before a sentence to it, and how deep a dip that is.

    ``said``: running sum of the words, from zero, one longer than the sentences; ``common``: in what share of all
    episodes a noun is said, which it counts less by: without that the chains tell nothing.
    """
    nouns = noun_places(material)
    places, weights = list(nouns.values()), [1.0 - common.get(noun, 0.0) for noun in nouns]
    features: dict[str, np.ndarray] = {}
    for longest in BREAKS_WORDS:
        crossing = _crossing(places, weights, said, longest)
        features[f"chains {longest}"] = crossing
        features[f"chains {longest}, in the episode"] = (crossing - crossing.mean()) / (crossing.std() + 1e-6)
        for words in DIP_WORDS:
            features[f"chains {longest}, dip {words}"] = _dip(crossing, said, words)
    return features


def noun_places(material: Material) -> dict[str, list[int]]:
    """The sentences in which each noun comes, by its lemma."""
    places: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(material.texts):
        nouns = dict.fromkeys(token.lemma.lower() for token in text.tokens if token.pos in ("NOUN", "PROPN"))
        for noun in nouns:
            if len(noun) >= SHORTEST_LETTERS:
                places[noun].append(index)
    return places


def _crossing(
    places: Sequence[Sequence[int]], weights: Sequence[float], said: np.ndarray, longest: float
) -> np.ndarray:
    """The chains that begin before each sentence and reach it or go beyond, weighed by how often their noun comes."""
    steps = np.zeros(len(said) + 1)
    for found, weight in zip(places, weights, strict=True):
        edges = [0, *(i for i, (a, b) in enumerate(pairwise(found), 1) if said[b] - said[a] > longest), len(found)]
        for first, last in pairwise(edges):
            counted = weight * min(1.0, (last - first - 1) / OFTEN)
            steps[found[first] + 1] += counted
            steps[found[last - 1] + 1] -= counted
    crossing: np.ndarray = np.cumsum(steps)[: len(said) - 1]
    return crossing


def _dip(values: np.ndarray, said: np.ndarray, words: float) -> np.ndarray:
    """How far the values lie under the highest within so many words before and after each."""
    here = np.arange(len(values))
    left = np.clip(np.searchsorted(said, said[:-1] - words), 0, len(values))
    right = np.clip(np.searchsorted(said, said[:-1] + words), 0, len(values))
    peaks = [values[a : i + 1].max() + values[i : b + 1].max() for i, a, b in zip(here, left, right, strict=True)]
    return np.array(peaks) - 2 * values
