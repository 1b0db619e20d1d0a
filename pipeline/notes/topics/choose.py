"""What an episode is about in a few words: the noun phrases that together lie nearest to its expected description."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.notes.material import Material, unit
from pipeline.notes.topics.phrases import LONE, Phrase, find_phrases, names_banned
from pipeline.ports import SentenceEncoder

TOPICS = 6
"""Five to eight are equally near to published descriptions (cosine 0.57 to 0.58 alone, on 37 episodes)."""
NAMES, NAME_WEIGHT = 2, 3.0
"""So many names that are said most, at least so often, are added: how near the vector of a name lies tells little."""
LEAST_TOPICS = 3
CANDIDATES = 120
"""Phrases that are embedded: those that counting puts first."""
LEAST_WEIGHT = 2.0
"""What is said once, and not at the start, is no topic of the episode."""
SAID = 0.02
"""What a point of ``_worth`` counts against the cosine with the expected description."""
ALIKE = 0.6
"""Cosine beyond which two phrases name the same ("robot", "robotics")."""


def choose_topics(
    material: Material,
    subject: np.ndarray,
    *,
    encoder: SentenceEncoder,
    common: Mapping[str, float],
    avoid: Sequence[str] = (),
) -> tuple[Phrase, ...]:
    """Up to TOPICS phrases, best first, and up to NAMES names; none where there is no grammar or too few are found.

    ``subject``: the vector that the episode's description is expected to have; ``common`` and ``avoid`` as for titles.
    """
    phrases = find_phrases(material, range(len(material.segments)), names_banned(avoid))
    said = [phrase for phrase in phrases.values() if phrase.weight >= LEAST_WEIGHT]
    first = sorted(said, key=lambda phrase: (-_worth(phrase, common), phrase.key))[:CANDIDATES]
    if len(first) < LEAST_TOPICS:
        return ()
    vectors = encoder.encode([phrase.shown for phrase in first]).astype(float)
    worth = SAID * np.array([_worth(phrase, common) for phrase in first])
    chosen: list[int] = []
    total = np.zeros(vectors.shape[1])
    while len(chosen) < TOPICS:
        options = [i for i in range(len(first)) if not _same(first, vectors, i, chosen)]
        if not options:
            break
        best = options[int((unit(total + vectors[options]) @ subject + worth[options]).argmax())]
        chosen.append(best)
        total += vectors[best]
    for i in [i for i, phrase in enumerate(first) if phrase.named and phrase.weight >= NAME_WEIGHT]:
        if len(chosen) < TOPICS + NAMES and not _same(first, vectors, i, chosen):
            chosen.append(i)
    return tuple(first[i] for i in chosen) if len(chosen) >= LEAST_TOPICS else ()


def _worth(phrase: Phrase, common: Mapping[str, float]) -> float:
    """How often a phrase is said, less for words that every episode says."""
    own = 1.0 - sum(common.get(lemma, 0.0) for lemma in phrase.key) / len(phrase.key)
    return math.log1p(phrase.weight) * own * (LONE if len(phrase.key) == 1 and not phrase.named else 1.0)


def _same(phrases: Sequence[Phrase], vectors: np.ndarray, one: int, others: Sequence[int]) -> bool:
    """Whether a phrase shares a word with one of the others, or means the same."""
    return any(set(phrases[one].key) & set(phrases[o].key) or vectors[one] @ vectors[o] > ALIKE for o in others)
