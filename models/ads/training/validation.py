"""How good the ad model is on shows it has not seen."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models.ads.model import Calibration, segment_facts
from models.ads.training.corpus import OWN, PAID, Document, Mark
from models.ads.training.scoring import score_episode
from pipeline.ads.finding.find import find_ads
from pipeline.ads.finding.segments import Segment, SegmentSettings, WordScores, find_segments, is_spoken
from pipeline.ads.verdict import judge_ads
from pipeline.result import AdSpan
from pipeline.timeline import Word

FOLDS = 5
LEAK_WORDS = 8
"""Ads that share so many words in a row with an ad of the held-out shows do not count in training."""
LOOSE = 0.15  # mean chance from which a segment is looked at when chances are calibrated
CANDIDATES = tuple(
    SegmentSettings(prior=prior, trust=trust, least=least)
    for prior, trust, least in itertools.product((-0.5, 0.0, 0.5), (0.1, 0.2), (0.5, 0.6, 0.7))
)

Scores = Mapping[str, WordScores]


def assign_folds(documents: Sequence[Document]) -> dict[str, int]:
    """A fold for each show that is held out: shows with many ads first, each to the fold that has least so far."""
    ads, words = Counter[str](), Counter[str]()
    for document in documents:
        if document.source in ("read", "sentences"):
            ads[document.show] += sum(mark.kind in PAID for mark in document.marks)
            words[document.show] += len(document.words)
    totals = np.array([max(1, ads.total()), max(1, words.total()), max(1, len(words))], np.float64)
    loads = np.zeros((FOLDS, 3))
    folds: dict[str, int] = {}
    for show in sorted(words, key=lambda show: (-ads[show], -words[show], show)):
        folds[show] = int(np.argmin((loads / totals) @ (1.0, 0.7, 0.3)))
        loads[folds[show]] += (ads[show], words[show], 1)
    return folds


def shared_marks(documents: Sequence[Document], held: Iterable[Document]) -> dict[str, tuple[Mark, ...]]:
    """For each document the ads that share eight words in a row with an ad of the held-out ones."""
    known = {gram for document in held for mark in document.marks for gram in _grams(document, mark)}
    found = {d.id: tuple(mark for mark in d.marks if not known.isdisjoint(_grams(d, mark))) for d in documents}
    return {name: marks for name, marks in found.items() if marks}


def _grams(document: Document, mark: Mark) -> set[tuple[str, ...]]:
    said = [re.sub(r"[^a-z0-9']", "", word.text.lower()) for word in document.words[mark.first : mark.last]]
    said = [word for word in said if word]
    return {tuple(said[n : n + LEAK_WORDS]) for n in range(len(said) - LEAK_WORDS + 1)}


@dataclass(frozen=True, slots=True)
class HeldOutModel:
    """The ad model as `find_ads` knows it, over scores that were made without the show."""

    scores: WordScores
    settings: SegmentSettings
    calibration: Calibration

    def score(self, words: Sequence[Word]) -> WordScores:
        return self.scores

    def chance(self, score: float, words: int) -> float:
        return self.calibration.chance(score, words)


def spoken_scores(document: Document, scores: WordScores) -> tuple[tuple[Word, ...], WordScores]:
    """The words that say anything, and their scores: what `find_ads` divides."""
    kept = np.array([is_spoken(word) for word in document.words], bool)
    words = tuple(word for word, keep in zip(document.words, kept, strict=True) if keep)
    return words, WordScores(scores.kinds[kept], scores.starts[kept], scores.ends[kept], scores.second[kept])


@dataclass(frozen=True)
class HeldOut:
    """Labelled episodes with scores of a network that has not seen their shows.

    ``groups`` of shows: the settings and the calibration that a group is judged with are chosen on the others.
    """

    documents: tuple[Document, ...]
    scores: Scores
    groups: Mapping[str, int]

    @cached_property
    def _spoken(self) -> dict[str, tuple[tuple[Word, ...], WordScores]]:
        return {d.id: spoken_scores(d, self.scores[d.id]) for d in self.documents}

    @cached_property
    def _worth(self) -> dict[str, np.ndarray]:
        """What each candidate is worth on each episode: F0.5 and F1 where it has ads, else whether nothing is found."""
        return {d.id: np.array([self._worth_of(d, settings) for settings in CANDIDATES]) for d in self.documents}

    def _worth_of(self, document: Document, settings: SegmentSettings) -> float:
        segments = find_segments(*self._spoken[document.id], settings)
        score = score_episode(document, segments)
        if not score.has_ads:
            return float(not segments)
        return ((score.spans.f(0.5) or 0.0) + (score.spans.f(1.0) or 0.0)) / 2

    def choose(self, *, without: int | None = None) -> SegmentSettings:
        """The best candidate on the read episodes of the other groups."""
        kept = [d.id for d in self.documents if d.source == "read" and self.groups[d.show] != without]
        return CANDIDATES[int(np.argmax(np.mean([self._worth[name] for name in kept], axis=0)))]

    def calibrate(self, *, without: int | None = None) -> Calibration:
        """Fitted on what is found, from afar, in the episodes of the other groups."""
        from sklearn.linear_model import LogisticRegression

        loose = replace(self.choose(without=without), least=LOOSE)
        kept = [d for d in self.documents if d.source == "read" and self.groups[d.show] != without]
        rows = [row for d in kept for row in self._facts(d, loose)]
        if len({right for *_, right in rows}) < 2:
            return Calibration()
        fitted = LogisticRegression(C=1.0).fit([row[:2] for row in rows], [row[2] for row in rows])
        return Calibration(float(fitted.coef_[0][0]), float(fitted.coef_[0][1]), float(fitted.intercept_[0]))

    def _facts(self, document: Document, settings: SegmentSettings) -> list[tuple[float, float, bool]]:
        """Of each segment what the calibration reads, and whether most of it is a paid ad; the show's own left out."""
        found = []
        for segment in find_segments(*self._spoken[document.id], settings):
            if share_of(document, segment, OWN) <= 0.5:
                right = share_of(document, segment, PAID) > 0.5
                found.append((*segment_facts(segment.score, segment.last - segment.first), right))
        return found

    def chances(self) -> list[tuple[float, bool]]:
        """The stated chance of each segment, calibrated without its group, and whether it was right."""
        stated = []
        for group in sorted(set(self.groups.values())):
            calibration = self.calibrate(without=group)
            loose = replace(self.choose(without=group), least=LOOSE)
            for d in self.documents:
                if self.groups[d.show] == group and d.source == "read":
                    for odds, length, right in self._facts(d, loose):
                        linear = calibration.slope * odds + calibration.by_length * length + calibration.constant
                        stated.append((float(1 / (1 + np.exp(-linear))), right))
        return stated

    def models(self) -> dict[str, HeldOutModel]:
        """For each document the model that its group is judged by."""
        chosen = {
            group: (self.choose(without=group), self.calibrate(without=group))
            for group in sorted(set(self.groups.values()))
        }
        return {d.id: HeldOutModel(self._spoken[d.id][1], *chosen[self.groups[d.show]]) for d in self.documents}


def cut_ads(document: Document, model: HeldOutModel) -> tuple[AdSpan, ...]:
    """What `cleancast ads` would list as cut: sure enough, and of a kind that is removed."""
    found = find_ads(document.words, model=model).ads
    return tuple(ad for ad in judge_ads(found, duration_s=document.duration) if ad.verdict == "cut")


def share_of(document: Document, segment: Segment | AdSpan, kinds: Sequence[str]) -> float:
    """The share of a segment's seconds that lies in marks of these kinds."""
    marks = [m for m in document.marks if m.kind in kinds]
    spans = [(document.words[m.first].start, document.words[m.last - 1].end) for m in marks]
    shared = sum(max(0.0, min(end, segment.end) - max(start, segment.start)) for start, end in spans)
    return shared / max(segment.duration, 1e-6)
