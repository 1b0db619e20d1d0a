"""How good the ad model is on shows it has not seen: every document judged by a model trained without its show."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from zlib import crc32

import numpy as np

from models.ads.corpus import Document
from models.ads.fitting import Example, cross_features, fit_forests, fit_lexicon
from models.ads.network import Calibration, Member, stretch_facts
from models.ads.splices import Copy, splice, with_real_spots
from pipeline.ads.clauses import Unit, spoken_units, tokens_of
from pipeline.ads.find import find_ads
from pipeline.ads.segments import DecodeSettings, Stretch, decode
from pipeline.ads.verdict import judge_ads
from pipeline.result import AdSpan
from pipeline.scores.ads.detection import match_spans
from pipeline.timeline import Span, Word, merge_spans

MEMBERS = 6  # trainings whose mean is the model; each meets its own splices. With three, matches hung on the seed
SPLICES_PER_DOCUMENT = 2
LEAK_TOKENS = 8  # ads that share eight words in a row with the scored show are taken out of the training text
LOOSE = 0.15  # score from which a stretch is looked at when chances are calibrated: most of what lies near is wrong
CLEAR_LEAD = 0.03  # about a standard error of the mean worth of six episodes: a smaller lead is chance
CANDIDATES = (
    DecodeSettings(0.3, 1.0, least=0.5),  # in the middle of a plateau; picked after looking at all shows
    *(
        DecodeSettings(prior, trust, least=least)
        for prior, trust, least in itertools.product((0.0, 0.4, 0.8, 1.2, 1.6), (0.8, 1.2), (0.5, 0.6))
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


def make_examples(documents: Sequence[Document], copy: Copy, folds: Folds, *, member: int = 0) -> list[Example]:
    """The documents and episodes spliced from them; a spliced episode's copy belongs to the same fold as its show."""
    examples = [Example(d, folds(d)) for d in documents]
    seeds = range(member * SPLICES_PER_DOCUMENT, (member + 1) * SPLICES_PER_DOCUMENT)
    for document in documents:
        fold = folds(document)
        others = [d for d in documents if folds(d) == fold and d.source != "episodes"]
        local = with_real_spots(_share(copy, fold, folds.count), [*others, document])
        examples += [Example(splice(document, local, seed=seed), fold) for seed in seeds]
    return examples


def _share(copy: Copy, fold: int, count: int) -> Copy:
    return Copy(
        copy.spots[fold::count], copy.leads, copy.returns, copy.lookalikes[fold::count], copy.openings, copy.closings
    )


def fit_member(examples: Sequence[Example]) -> Member:
    features = cross_features(examples)
    return Member(fit_lexicon(examples), fit_forests(features, examples))


def score_held_out(examples: Sequence[Example], folds: Folds) -> dict[str, np.ndarray]:
    """For each real document the scores of its units from a training that has seen neither its show nor its ads."""
    scores: dict[str, np.ndarray] = {}
    for fold in range(folds.count):
        held = [e for e in examples if e.fold == fold and e.document.source != "spliced"]
        timed = [e.document for e in held if e.document.source == "episodes"]
        member = fit_member([without_ads_of(e, timed) for e in examples if e.fold != fold])
        for example in held:
            scores[example.document.id] = member.score(example.text, example.around)
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
class HeldOutModel:
    """The ad model as `find_ads` knows it, over scores that were made without the show."""

    scores: np.ndarray
    settings: DecodeSettings
    calibration: Calibration

    def score(self, units: Sequence[Unit], words: Sequence[Word]) -> np.ndarray:
        return self.scores

    def chance(self, score: float, duration_s: float) -> float:
        return self.calibration.chance(score, duration_s)


@dataclass(frozen=True)
class HeldOut:
    """The documents with their held-out scores; settings and calibration for a show are chosen on all others."""

    documents: tuple[Document, ...]
    scores: Mapping[str, np.ndarray]

    @cached_property
    def _trials(self) -> dict[str, list[tuple[Stretch, ...]]]:
        """What each candidate of the settings finds in each document."""
        units = {d.id: spoken_units(d.words)[0] for d in self.documents}
        return {i: [decode(u, self.scores[i], settings) for settings in CANDIDATES] for i, u in units.items()}

    @cached_property
    def _episode_worth(self) -> dict[str, np.ndarray]:
        """What each candidate is worth on each word-timed episode, 0..1."""
        timed = [d for d in self.documents if d.source == "episodes"]
        return {d.id: np.array([_worth(d, found) for found in self._trials[d.id]]) for d in timed}

    @cached_property
    def _word_counts(self) -> dict[str, np.ndarray]:
        """Words rightly claimed, claimed and marked by each candidate in each text without times."""
        texts = [d for d in self.documents if d.source != "episodes"]
        return {d.id: np.array([word_counts(d, found) for found in self._trials[d.id]]) for d in texts}

    def choose(self, *, without_show: str = "") -> DecodeSettings:
        """The first candidate, unless another leads clearly on all shows but one.

        Episodes and texts count the same, each by its own measure.
        """
        kept = {d.id for d in self.documents if d.show != without_show}
        sides = []
        if timed := [worth for i, worth in self._episode_worth.items() if i in kept]:
            sides.append(np.mean(timed, axis=0))
        if texts := [counts for i, counts in self._word_counts.items() if i in kept]:
            sides.append(np.array([f_score(*counts) for counts in np.sum(texts, axis=0)]))
        means = np.mean(sides, axis=0)
        best = int(np.argmax(means))
        return CANDIDATES[best if means[best] > means[0] + CLEAR_LEAD else 0]

    @cached_property
    def _stretches(self) -> dict[str, list[tuple[float, float, bool]]]:
        """Score, seconds, and whether most of it is ad, of each stretch that looks like an ad from afar."""
        loose = replace(self.choose(), least=LOOSE)
        found: dict[str, list[tuple[float, float, bool]]] = {}
        for d in self.documents:
            truth = merge_spans(d.ads)
            found[d.id] = [
                (s.score, s.duration, sum(s.overlap(ad) for ad in truth) >= 0.5 * s.duration)
                for s in decode(spoken_units(d.words)[0], self.scores[d.id], loose)
            ]
        return found

    def calibrate(self, *, without_show: str = "") -> Calibration:
        """Fitted on all shows but one."""
        from sklearn.linear_model import LogisticRegression

        rows = [row for d in self.documents if d.show != without_show for row in self._stretches[d.id]]
        if len({right for _, _, right in rows}) < 2:
            return Calibration()
        facts = np.array([stretch_facts(score, duration_s) for score, duration_s, _ in rows])
        fitted = LogisticRegression(C=1.0).fit(facts, np.array([right for _, _, right in rows]))
        return Calibration(float(fitted.coef_[0][0]), float(fitted.coef_[0][1]), float(fitted.intercept_[0]))

    def chances(self) -> list[tuple[float, bool]]:
        """The stated chance of each stretch, calibrated without its show, and whether it was right."""
        found = []
        for d in self.documents:
            calibration = self.calibrate(without_show=d.show)
            found += [(calibration.chance(score, seconds), right) for score, seconds, right in self._stretches[d.id]]
        return found

    def ads(self, document: Document) -> tuple[AdSpan, ...]:
        """The ads that `cleancast ads` would list: found, sure enough to be cut, and of a kind that is removed."""
        settings = self.choose(without_show=document.show)
        model = HeldOutModel(self.scores[document.id], settings, self.calibrate(without_show=document.show))
        found = find_ads(document.words, model=model, description=document.description)
        return tuple(ad for ad in judge_ads(found, duration_s=document.duration) if ad.verdict == "cut")


def word_counts(document: Document, found: Sequence[Span]) -> tuple[int, int, int]:
    """Words that are rightly claimed, claimed, and marked: the measure for texts without real times."""
    inside = [any(ad.contains(word.middle) for ad in document.ads) for word in document.words]
    claimed = [any(span.contains(word.middle) for span in found) for word in document.words]
    return sum(a and b for a, b in zip(inside, claimed, strict=True)), sum(claimed), sum(inside)


def f_score(right: int, claimed: int, marked: int) -> float:
    return 2 * right / max(1, claimed + marked)


def _worth(document: Document, found: Sequence[Span]) -> float:
    """The mean of F1 over seconds and of F1 and F0.5 over ads; where there is no ad, whether nothing was found.

    Seconds change smoothly with the settings; with a handful of ads, which of them match is half chance.
    """
    if not document.ads:
        return float(not found)
    counts, truth = match_spans(document.ads, found), merge_spans(document.ads)
    right = sum(ad.overlap(span) for ad in truth for span in found)
    seconds = 2 * right / (sum(span.duration for span in found) + sum(ad.duration for ad in truth))
    return seconds / 2 + ((counts.f(1.0) or 0.0) + (counts.f(0.5) or 0.0)) / 4
