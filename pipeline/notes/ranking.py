"""How near each sentence is to what a description of the episode would say."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np

from pipeline.notes.material import Material, unit

OPENING_S = 180.0
"""An episode says in its first minutes what it is about."""
FITTING_WORDS = 22.0
"""A sentence of about so many words reads best in print (the middle of those in published descriptions)."""
SHARPNESS = 3
"""Power of the cosine by which sentences are weighed into a view: the nearest decide."""
COUNTED = ("NOUN", "PROPN", "VERB", "AUX", "PRON", "ADV", "ADJ", "CCONJ", "SCONJ")
"""Universal parts of speech whose share of a sentence's tokens is a feature."""


def views(material: Material) -> dict[str, np.ndarray]:
    """Vectors of unit length that may stand for the episode, by name; those of the title only where there is one.

    ``middle``: the mean of all sentences; ``core``: of those nearest to it; ``opening``, ``opening core``: the same of
    the first minutes; ``title``; ``titled``: the mean of the sentences nearest to the title.
    """
    vectors, weights = material.vectors, np.minimum(material.weights, 30.0)
    opening = material.starts < material.starts[0] + OPENING_S
    middle = unit((vectors * weights[:, None]).sum(0))

    def near(target: np.ndarray, counted: np.ndarray) -> np.ndarray:
        sharp = np.maximum(vectors @ target, 0.0) ** SHARPNESS * counted
        return unit((vectors * sharp[:, None]).sum(0))

    found = {
        "middle": middle,
        "core": near(middle, weights),
        "opening": unit((vectors * (weights * opening)[:, None]).sum(0)),
        "opening core": near(middle, weights * opening),
    }
    if material.title is not None:
        found |= {"title": material.title, "titled": near(material.title, weights)}
    return found


def subject_of(seen: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    """The vector that the episode's description is expected to have: the views, weighed as was learnt."""
    return unit(np.sum([weights.get(name, 0.0) * vector for name, vector in seen.items()], axis=0))


def sentence_features(material: Material, seen: Mapping[str, np.ndarray], subject: np.ndarray) -> dict[str, np.ndarray]:
    """One array a feature, shape (n,): nearness to the views, place, voice, length and what the sentence is made of."""
    since = material.starts - material.starts[0]
    left = material.starts[-1] - material.starts
    words: dict[str | None, float] = defaultdict(float)
    for segment, length in zip(material.segments, material.lengths, strict=True):
        words[segment.speaker] += length
    share = np.array([words[s.speaker] for s in material.segments]) / max(1.0, material.lengths.sum())
    lengths = np.log(np.maximum(material.lengths, 1.0))
    features = {name: material.vectors @ vector for name, vector in seen.items()}
    features |= {
        "subject": material.vectors @ subject,
        "first half minute": np.exp(-since / 30.0),
        "first minutes": np.exp(-since / 90.0),
        "first quarter": np.exp(-since / 300.0),
        "last minutes": np.exp(-left / 120.0),
        "voice's share": share,
        "first voice": np.array([float(s.speaker == material.segments[0].speaker) for s in material.segments]),
        "length": lengths,
        "length off": (lengths - math.log(FITTING_WORDS)) ** 2,
    }
    counts = [Counter(token.pos for token in text.tokens) for text in material.texts]
    return features | {pos: np.array([found[pos] / max(1, found.total()) for found in counts]) for pos in COUNTED}


def content_lemmas(material: Material, index: int) -> Counter[str]:
    """The nouns, names, verbs and adjectives of a sentence, by lemma."""
    tokens = material.texts[index].tokens
    return Counter(t.lemma.lower() for t in tokens if t.pos in ("NOUN", "PROPN", "VERB", "ADJ"))
