"""How good the ad model is on shows it has not seen: every document scored by a model trained without its show."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from models.ad_corpus import Document
from models.ad_fitting import Example, cross_features, fit_forests, fit_lexicon
from models.ad_model import TrainedAdModel
from models.ad_splices import Copy, splice, with_real_spots
from pipeline.scores.ads import match_spans
from pipeline.stages.ad_decode import DecodeSettings, decode
from pipeline.stages.ad_units import spoken_units, tokens_of
from pipeline.timeline import Span, Word, merge_spans

SPLICES_PER_DOCUMENT = 2
LEAK_TOKENS = 8  # ads that share eight words in a row with the scored show are taken out of the training text
EPISODE_WEIGHT = 2.0  # word-timed episodes count double when settings are chosen: only they have real times
CLEAR_LEAD = 0.06  # one standard error of the mean F over two dozen documents: a smaller lead is chance
CANDIDATES = (
    DecodeSettings(),
    *(
        DecodeSettings(trust, edge_trust, cost, bridge_s, level, least)
        for trust, edge_trust, cost, (bridge_s, level), least in itertools.product(
            (0.5, 0.8, 1.2), (0.5, 1.0), (1.0, 3.0), ((15.0, 0.0), (45.0, -2.0)), (0.5, 0.65)
        )
    ),
)


@dataclass(frozen=True, slots=True)
class Folds:
    """Which fold a show belongs to: each word-timed show has its own, the others are spread over them by name."""

    shows: tuple[str, ...]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Folds:
        return cls(tuple(sorted({d.show for d in documents if d.source == "episodes"})) or ("all",))

    def __call__(self, document: Document) -> int:
        if document.show in self.shows:
            return self.shows.index(document.show)
        return crc32(document.show.encode()) % len(self.shows)

    @property
    def count(self) -> int:
        return len(self.shows)


def make_examples(documents: Sequence[Document], copy: Copy, folds: Folds) -> list[Example]:
    """The documents and episodes spliced from them; a spliced episode's copy belongs to the same fold as its show."""
    examples = [Example(d, folds(d)) for d in documents]
    for document in documents:
        fold = folds(document)
        others = [d for d in documents if folds(d) == fold and d.source != "episodes"]
        local = with_real_spots(_share(copy, fold, folds.count), [*others, document])
        made = (splice(document, local, seed=seed) for seed in range(SPLICES_PER_DOCUMENT))
        examples += [Example(d, fold) for d in made]
    return examples


def _share(copy: Copy, fold: int, count: int) -> Copy:
    return Copy(
        copy.spots[fold::count], copy.leads, copy.returns, copy.lookalikes[fold::count], copy.openings, copy.closings
    )


def fit_model(examples: Sequence[Example]) -> TrainedAdModel:
    features = cross_features(examples)
    return TrainedAdModel(fit_lexicon(examples), fit_forests(features, examples), DecodeSettings())


def score_held_out(examples: Sequence[Example], folds: Folds) -> dict[str, np.ndarray]:
    """For each real document the scores of its units from a model that has seen neither its show nor its ads."""
    scores: dict[str, np.ndarray] = {}
    for fold in range(folds.count):
        held = [e.document for e in examples if e.fold == fold and e.document.source != "spliced"]
        timed = [d for d in held if d.source == "episodes"]
        model = fit_model([without_ads_of(e, timed) for e in examples if e.fold != fold])
        for document in held:
            scores[document.id] = model.score(*spoken_units(document.words))
    return scores


def without_ads_of(example: Example, held: Sequence[Document]) -> Example:
    """The example without those of its ads that are also heard in the held-out shows."""
    known = {gram for d in held for ad in d.ads for gram in _grams(d.words, ad)}
    document = example.document
    leaked = [ad for ad in document.ads if _grams(document.words, ad) & known]
    if not leaked:
        return example
    words = tuple(w for w in document.words if not any(ad.contains(w.middle) for ad in leaked))
    ads = tuple(ad for ad in document.ads if ad not in leaked)
    return Example(Document(document.id, document.show, document.source, words, ads), example.fold)


def _grams(words: Sequence[Word], span: Span) -> set[tuple[str, ...]]:
    tokens = [token for word in words if span.contains(word.middle) for token in tokens_of(word.text)]
    return {tuple(tokens[n : n + LEAK_TOKENS]) for n in range(len(tokens) - LEAK_TOKENS + 1)}


@dataclass(frozen=True, slots=True)
class Trials:
    """How each candidate of the settings does on each document: ``worth``, 0..1, shape (documents, candidates)."""

    documents: tuple[Document, ...]
    worth: np.ndarray

    @classmethod
    def of(cls, documents: Sequence[Document], scores: Mapping[str, np.ndarray]) -> Trials:
        rows = []
        for d in documents:
            units = spoken_units(d.words)[0]
            rows.append([_worth(d, decode(units, scores[d.id], settings)) for settings in CANDIDATES])
        return cls(tuple(documents), np.array(rows))

    def choose(self, *, without_show: str = "") -> DecodeSettings:
        """The settings to use for a show, chosen on all others: the first candidate unless another leads clearly."""
        kept = [n for n, d in enumerate(self.documents) if d.show != without_show]
        weights = np.array([EPISODE_WEIGHT if self.documents[n].source == "episodes" else 1.0 for n in kept])
        means = (self.worth[kept] * weights[:, None]).sum(axis=0) / weights.sum()
        best = int(np.argmax(means))
        return CANDIDATES[best if means[best] > means[0] + CLEAR_LEAD else 0]


def _worth(document: Document, found: Sequence[Span]) -> float:
    """The mean of F1 and F0.5; where there is no ad, whether nothing was found."""
    if not document.ads:
        return float(not found)
    counts = match_spans(document.ads, found)
    return ((counts.f(1.0) or 0.0) + (counts.f(0.5) or 0.0)) / 2


def calibrate(
    documents: Sequence[Document], scores: Mapping[str, np.ndarray], settings: DecodeSettings
) -> tuple[float, float, float]:
    """Slope, weight of length and constant that turn a stretch's score into the chance that it is mostly ad."""
    from sklearn.linear_model import LogisticRegression

    loose = replace(settings, least=0.15)
    rows, right = [], []
    for d in documents:
        truth = merge_spans(d.ads)
        for found in decode(spoken_units(d.words)[0], scores[d.id], loose):
            bounded = min(max(found.score, 1e-4), 1 - 1e-4)
            rows.append([np.log(bounded / (1 - bounded)), np.log(max(1.0, found.duration))])
            right.append(sum(found.overlap(ad) for ad in truth) >= 0.5 * found.duration)
    if len(set(right)) < 2:
        return (1.0, 0.0, 0.0)
    fitted = LogisticRegression(C=1.0).fit(np.array(rows), np.array(right))
    return (float(fitted.coef_[0][0]), float(fitted.coef_[0][1]), float(fitted.intercept_[0]))


@dataclass(frozen=True, slots=True)
class Row:
    """One episode's figures."""

    name: str
    marked: int
    found: int
    precision: float | None
    recall: float | None
    f1: float | None
    f05: float | None
    edges_s: tuple[float, ...]
    lost_s: float
    kept_s: float
    duration_s: float


def row_of(document: Document, found: Sequence[Span]) -> Row:
    counts = match_spans(document.ads, found)
    truth = merge_spans(document.ads)
    right = sum(a.overlap(b) for a in truth for b in found)
    return Row(
        document.id, len(document.ads), len(found), counts.precision, counts.recall, counts.f(1.0), counts.f(0.5),
        counts.edge_errors_s, sum(s.duration for s in found) - right, sum(s.duration for s in truth) - right,
        document.duration,
    )  # fmt: skip


def unit_f1(documents: Sequence[Document], found: Mapping[str, Sequence[Span]]) -> tuple[float, float, float]:
    """Precision, recall and F1 over words, pooled: the measure for texts without real times."""
    right = claimed = marked = 0
    for d in documents:
        for word in d.words:
            is_ad = any(ad.contains(word.middle) for ad in d.ads)
            said = any(span.contains(word.middle) for span in found[d.id])
            right, claimed, marked = right + (is_ad and said), claimed + said, marked + is_ad
    precision, recall = right / max(1, claimed), right / max(1, marked)
    return precision, recall, 2 * right / max(1, claimed + marked)
