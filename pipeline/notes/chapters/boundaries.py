"""What speaks for a new chapter at each sentence: who takes the floor, how, and whether the subject changes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.notes.chapters.chains import OFTEN, chain_features, noun_places
from pipeline.notes.material import Material, unit

WINDOWS_WORDS = (40, 100, 250, 600)
"""How much before and after a sentence is compared, in words: from a remark to about four minutes."""
DEPTH_WORDS = 300
"""How far on either side a dip of the likeness is measured against (TextTiling's depth score; Hearst 1997)."""
FIRST_WORDS = (40, 120)
"""How much after a sentence is searched for names of things that have not come before, in words."""
QUESTIONS_PRIOR, WORDS_PRIOR = 1.0, 300.0
"""Added to a voice's questions and words, so that a voice of few words is not taken for the one who asks."""


def boundary_features(material: Material, common: Mapping[str, float]) -> dict[str, np.ndarray]:
    """One array a feature, shape (n,), for the sentences of an episode; ``common`` as for ``chain_features``.

    Turns (runs of one voice), questions, the likeness of what comes before and after (MiniLM vectors against the
    episode's mean), nouns that come up for the first time, and chains of nouns that go on. Those by grammar are NaN
    where there is none.
    """
    turns = _turns(material)
    features = _floor(material, turns) | _asking(material, turns) | _likeness(material, turns) | _openings(material)
    if material.parsed:
        chains = chain_features(material, _running(material.lengths), common)
        features |= chains | {f"{name}, at turn": values * turns.starts for name, values in chains.items()}
    relative = {
        f"{name}, in the episode": (values - values.mean()) / (values.std() + 1e-6)
        for name, values in features.items()
        if name.startswith(("likeness ", "new nouns ")) and "ratio" not in name and "turn" not in name
    }
    return features | relative


@dataclass(frozen=True, slots=True)
class _Turns:
    """``of``: the turn of each sentence; ``starts``: whether it opens one; per turn: first and last sentence, words."""

    of: np.ndarray
    starts: np.ndarray
    first: np.ndarray
    last: np.ndarray
    words: np.ndarray

    @property
    def count(self) -> int:
        return len(self.first)


def _turns(material: Material) -> _Turns:
    voices = [segment.speaker for segment in material.segments]
    starts = np.array([0.0, *(float(a != b) for a, b in pairwise(voices))])
    of = np.cumsum(starts).astype(int)
    first = np.searchsorted(of, np.arange(of[-1] + 1))
    last = np.append(first[1:] - 1, len(of) - 1)
    return _Turns(of, starts, first, last, np.bincount(of, material.lengths))


def _floor(material: Material, turns: _Turns) -> dict[str, np.ndarray]:
    """How long the turns around a sentence are; those of other turns count where a turn starts only."""
    said = _running(material.lengths)
    here, starts = np.arange(len(turns.of)), turns.starts
    before, after = np.maximum(turns.of - 1, 0), np.minimum(turns.of + 1, turns.count - 1)
    longest_before = np.array([max(turns.words[max(0, t - 3) : t], default=0.0) for t in range(turns.count)])
    longest_after = np.array([max(turns.words[t + 1 : t + 4], default=0.0) for t in range(turns.count)])
    return {
        "turn": starts,
        "words left in turn": np.log1p(said[turns.last[turns.of] + 1] - said[here]),
        "words before in turn": np.log1p(said[here] - said[turns.first[turns.of]]),
        "words of turn": np.log1p(turns.words[turns.of]) * starts,
        "words of turn before": np.log1p(turns.words[before]) * starts,
        "words of turn after": np.log1p(turns.words[after]) * starts * (turns.of < turns.count - 1),
        "longest of three before": np.log1p(longest_before[turns.of]) * starts,
        "longest of three after": np.log1p(longest_after[turns.of]) * starts,
        "words": np.log1p(material.lengths),
    }


def _asking(material: Material, turns: _Turns) -> dict[str, np.ndarray]:
    """Who speaks, told by how many questions that voice asks, and where the questions are."""
    asks = np.array([s.text.rstrip("\"' \u201d").endswith("?") for s in material.segments], float)
    words: dict[str | None, float] = defaultdict(float)
    questions: dict[str | None, float] = defaultdict(float)
    for segment, length, asked in zip(material.segments, material.lengths, asks, strict=True):
        words[segment.speaker] += length
        questions[segment.speaker] += asked
    total = max(1.0, float(material.lengths.sum()))
    usual = asks.sum() / total + 1e-4
    rate = {v: math.log((questions[v] + QUESTIONS_PRIOR) / (words[v] + WORDS_PRIOR) / usual) for v in words}
    asker = np.array([rate[s.speaker] for s in material.segments])
    share = np.array([words[s.speaker] / total for s in material.segments])
    asked = _running(asks)
    comes = (asked[turns.last[turns.of] + 1] - asked[np.arange(len(asks))] > 0).astype(float)
    return {
        "voice's share": share * turns.starts,
        "voice asks": asker,
        "voice asks, at turn": asker * turns.starts,
        "voice before asks": np.append(0.0, asker[:-1]) * turns.starts,
        "question comes": comes,
        "question comes, at turn": comes * turns.starts,
        "question before": np.append(0.0, asks[:-1]),
        "question": asks,
        "pause": np.minimum(_pauses(material), LONGEST_PAUSE_S),
    }


LONGEST_PAUSE_S = 4.0
"""A longer hole in the words is a jingle or a cut, and no more of a hint."""


def _pauses(material: Material) -> np.ndarray:
    ends = np.array([segment.end for segment in material.segments])
    return np.append(0.0, np.maximum(0.0, material.starts[1:] - ends[:-1]))


def _likeness(material: Material, turns: _Turns) -> dict[str, np.ndarray]:
    """Cosines of what is said before and after each sentence, in windows and from turn to turn."""
    vectors = (material.vectors - material.centre) * np.sqrt(material.weights)[:, None]
    sums, said, here = _running(vectors), _running(material.lengths), np.arange(len(vectors))
    features: dict[str, np.ndarray] = {}
    for words in WINDOWS_WORDS:
        left, right = _reach(said, -words), _reach(said, words)
        likeness = (unit(sums[here] - sums[left]) * unit(sums[right] - sums[here])).sum(1)
        likeness[:1] = 0.0
        features[f"likeness {words}"] = likeness
    left, right = _reach(said, -DEPTH_WORDS), _reach(said, DEPTH_WORDS)
    for words in WINDOWS_WORDS[1:3]:
        values = features[f"likeness {words}"]
        peaks = [values[a : i + 1].max() + values[i : b + 1].max() for i, a, b in zip(here, left, right, strict=True)]
        features[f"depth {words}"] = np.array(peaks) - 2 * values
    of_turn = np.zeros((turns.count, vectors.shape[1]))
    np.add.at(of_turn, turns.of, vectors)
    of_turn = unit(of_turn)
    for name, step in (("two turns before", -2), ("turn before", -1), ("turn after", 1)):
        other = np.clip(turns.of + step, 0, turns.count - 1)
        features[f"likeness to {name}"] = (of_turn[turns.of] * of_turn[other]).sum(1) * turns.starts
    return features


def _openings(material: Material) -> dict[str, np.ndarray]:
    """How a sentence begins, and the nouns that come up for the first time soon after it."""
    if not material.parsed:
        return {}
    opens = [next((t.pos for t in text.tokens if t.pos not in ("PUNCT", "SPACE")), "") for text in material.texts]
    small = [segment.text[:1].islower() for segment in material.segments]
    nouns = [sum(t.pos in ("NOUN", "PROPN") for t in text.tokens) for text in material.texts]
    new = np.zeros(len(nouns))
    for found in noun_places(material).values():
        new[found[0]] += min(1.0, (len(found) - 1) / OFTEN)
    features = {f"opens with {pos}": np.array([float(p == pos) for p in opens]) for pos in ("CCONJ", "INTJ")}
    features |= {"starts small": np.array(small, float), "nouns": np.array(nouns, float)}
    sums, said, here = _running(new), _running(material.lengths), np.arange(len(nouns))
    for words in FIRST_WORDS:
        after, before = sums[_reach(said, words)] - sums[here], sums[here] - sums[_reach(said, -words)]
        features[f"new nouns {words}"] = after
        features[f"new nouns {words}, ratio"] = np.log1p(after) - np.log1p(before)
    return features


def _running(values: np.ndarray) -> np.ndarray:
    """Running sums along the first axis, from zero, one longer than the values."""
    return np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])


def _reach(said: np.ndarray, words: float) -> np.ndarray:
    """The sentence that lies so many words after (before, if negative) each; ``said``: running sum of the words."""
    reached: np.ndarray = np.clip(np.searchsorted(said, said[:-1] + words), 0, len(said) - 1)
    return reached
