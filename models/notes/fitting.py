"""The models of the notes out of episodes with published chapters and descriptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

from models.notes.corpus import TalkEpisode
from models.notes.correcting import Marked, fit_judge
from pipeline.notes.chapters.boundaries import boundary_features
from pipeline.notes.fitted import LinearModel, NotesModel
from pipeline.notes.material import Material
from pipeline.notes.ranking import sentence_features, subject_of, views
from pipeline.notes.standing import FEWEST_WORDS, MOST_WORDS
from pipeline.ports import SentenceEncoder

BOUNDARY_C = 0.001
"""Inverse strength of the L2 penalty: ten times more or less cost 0.02 of F1 on shows left out."""
NEAR_S = 10.0
"""The boundary that stands for a published start lies within this of it: a turn's start if there is one."""
BLURRED_S, BLURRED_WEIGHT = 4.0, 0.2
"""Other sentences so near to a published start are neither right nor wrong: they count so much."""
SUBJECT_RIDGE = 1.0
SENTENCE_RIDGE = 1e-3
"""Per sentence and unit of variance."""
OFTEN = 0.25
"""Nouns said in a smaller share of all episodes say something of the one they are in: they are not ``common``."""


def fit_notes_model(episodes: Sequence[Prepared], marked: Sequence[Marked], *, encoder: SentenceEncoder) -> NotesModel:
    """All parts of the model; the same episodes and sentences in the same order give the same numbers."""
    described = [e for e in episodes if e.episode.has_description]
    divided = [e for e in episodes if e.episode.has_chapters]
    descriptions = encoder.encode([e.episode.description for e in described]).astype(float)
    subject = _fit_subject(described, descriptions)
    common = _common_nouns([e.episode for e in episodes])
    return NotesModel(
        boundary=_fit_boundary(divided, common),
        chapters=_fit_count([e.episode for e in divided if e.episode.timed]),
        subject=subject,
        sentence=_fit_sentence(described, descriptions, subject),
        judge=fit_judge(marked),
        common=common,
    )


@dataclass(frozen=True)
class Prepared:
    """An episode with what every fold needs of it, worked out once."""

    episode: TalkEpisode
    seen: dict[str, np.ndarray]


def prepare(episode: TalkEpisode) -> Prepared:
    """The episode with its views."""
    return Prepared(episode, views(episode.material))


def boundary_labels(starts: Sequence[float], material: Material) -> tuple[np.ndarray, np.ndarray]:
    """Which sentences start a published chapter (1 or 0), and what each counts; both of shape (n,)."""
    labels, weights = np.zeros(len(material.segments)), np.ones(len(material.segments))
    voices = [segment.speaker for segment in material.segments]
    turns = np.array([False, *(a != b for a, b in pairwise(voices))])
    for start in starts:
        away = np.abs(material.starts - start)
        near = np.flatnonzero((away <= NEAR_S) & (np.arange(len(away)) > 0))
        if not len(near):
            continue
        options = near[turns[near]] if turns[near].any() else near
        best = options[away[options].argmin()]
        labels[best] = 1.0
        blurred = near[(near != best) & (away[near] <= BLURRED_S)]
        weights[blurred] = BLURRED_WEIGHT
    return labels, weights


def _fit_boundary(episodes: Sequence[Prepared], common: Mapping[str, float]) -> LinearModel:
    labelled = [boundary_labels(e.episode.starts, e.episode.material) for e in episodes]
    labels, weights = (np.concatenate(part) for part in zip(*labelled, strict=True))
    names, rows = _table([boundary_features(e.episode.material, common) for e in episodes])
    means, scales = rows.mean(0), rows.std(0) + 1e-9
    model = LogisticRegression(C=BOUNDARY_C, max_iter=2000).fit((rows - means) / scales, labels, sample_weight=weights)
    return LinearModel(names, tuple(means), tuple(scales), tuple(model.coef_[0]), float(model.intercept_[0]))


def _table(features: Sequence[Mapping[str, np.ndarray]]) -> tuple[tuple[str, ...], np.ndarray]:
    """The features of all episodes as rows; NaN where an episode lacks one."""
    names = max((tuple(found) for found in features), key=len)
    sizes = [len(next(iter(found.values()))) for found in features]
    tables = [
        np.stack([found.get(name, np.full(size, np.nan)) for name in names], axis=1)
        for found, size in zip(features, sizes, strict=True)
    ]
    return names, np.concatenate(tables)


def _fit_count(episodes: Sequence[TalkEpisode]) -> tuple[float, float]:
    """Factor and exponent of chapters by minutes: least squares of the logarithms."""
    minutes = np.log([sum(s.duration for s in e.material.segments) / 60 for e in episodes])
    counts = np.log([len(e.starts) + 1 for e in episodes])
    exponent, factor = np.polyfit(minutes, counts, 1)
    return float(np.exp(factor)), float(exponent)


def _fit_subject(episodes: Sequence[Prepared], descriptions: np.ndarray) -> dict[str, float]:
    """What the views weigh, so that their sum is nearest to the descriptions' vectors; ridge regression."""
    names = max((tuple(e.seen) for e in episodes), key=len)
    nothing = np.zeros(descriptions.shape[1])
    stacked = np.concatenate([np.stack([e.seen.get(name, nothing) for name in names], axis=1) for e in episodes])
    squared = stacked.T @ stacked + SUBJECT_RIDGE * np.eye(len(names))
    return dict(zip(names, np.linalg.solve(squared, stacked.T @ descriptions.ravel()), strict=True))


def _fit_sentence(episodes: Sequence[Prepared], descriptions: np.ndarray, subject: Mapping[str, float]) -> LinearModel:
    """Ridge regression of each sentence's cosine with the description, against the episode's mean."""
    features, targets, weights = [], [], []
    for prepared, description in zip(episodes, descriptions, strict=True):
        material = prepared.episode.material
        found = sentence_features(material, prepared.seen, subject_of(prepared.seen, subject))
        sized = np.flatnonzero((material.lengths >= FEWEST_WORDS) & (material.lengths <= MOST_WORDS))
        features.append({name: column[sized] for name, column in found.items()})
        near = (material.vectors @ description)[sized]
        targets.append(near - near.mean())
        weights.append(np.full(len(sized), 1.0 / len(sized)))
    names, rows = _table(features)
    means, scales = np.nanmean(rows, 0), np.nanstd(rows, 0) + 1e-9
    counted = np.concatenate(weights)
    counted *= len(counted) / counted.sum()
    model = Ridge(SENTENCE_RIDGE * len(rows)).fit(
        np.nan_to_num((rows - means) / scales), np.concatenate(targets), sample_weight=counted
    )
    return LinearModel(names, tuple(means), tuple(scales), tuple(model.coef_), float(model.intercept_))


def _common_nouns(episodes: Sequence[TalkEpisode]) -> dict[str, float]:
    """In what share of the episodes a noun or adjective is said, for those said in many."""
    said: Counter[str] = Counter()
    for episode in episodes:
        tokens = (t for text in episode.material.texts for t in text.tokens)
        said.update({t.lemma.lower() for t in tokens if t.pos in ("NOUN", "PROPN", "ADJ") and len(t.lemma) > 2})
    return {noun: round(n / len(episodes), 2) for noun, n in said.items() if n >= OFTEN * len(episodes)}
