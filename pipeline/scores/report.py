"""report.json: the figures of every case, and the sums over all of them.

Rates are fractions. A figure without its reference is absent, never zero. Pooled rates come from summed counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pipeline.scores.scoring import CaseScores
from pipeline.scores.wer import Compared
from pipeline.scores.word_errors import WordErrors

VERSION = 1

Figures = dict[str, Any]
Addable = TypeVar("Addable")


def build_report(
    scores: Sequence[CaseScores], *, versions: Mapping[str, str] | None = None, weights: Mapping[str, str] | None = None
) -> Figures:
    """The report of all cases, ready for ``json.dumps``: plain dicts, lists, strings and numbers."""
    return {
        "version": VERSION,
        "cases": [case_figures(score) for score in scores],
        "pooled": pooled_figures(scores),
        "versions": dict(versions or {}),
        "weights": dict(weights or {}),
    }


def case_figures(scores: CaseScores) -> Figures:
    """The figures of one case."""
    case, words = scores.case, scores.words
    figures: Figures = {"id": case.id, "synthetic": case.synthetic, "duration": scores.result.cuts.duration}
    if words is not None:
        figures["reference"] = case.provenance
        figures["wer_raw"] = word_figure(words.raw)
        figures["wer_masked"] = None if words.masked is None else word_figure(words.masked)
        figures["wer_pipeline"] = word_figure(words.pipeline)
    figures["cpwer"] = None if scores.cpwer is None else scores.cpwer.errors.figure()
    figures["tcpwer"] = None if scores.tcpwer is None else scores.tcpwer.errors.figure()
    figures["wder"] = None if scores.wder is None else scores.wder.figure()
    if scores.turns is not None:
        figures["der"] = scores.turns.figure()
        figures["jer"] = None if scores.turns.jaccard is None else {"rate": scores.turns.jaccard}
    if scores.voices is not None:
        figures["speakers"] = {"reference": scores.voices[0], "found": scores.voices[1]}
    if scores.ads is not None:
        figures["ads"] = scores.ads.figure() | ({"times": "alignment"} if scores.ads_by_alignment else {})
    figures["rtf"] = real_time_factors(scores.timings, scores.result.cuts.duration)
    return known(figures)


def pooled_figures(scores: Sequence[CaseScores]) -> Figures:
    """The figures over all cases that have them: counts are added first."""
    words = [score.words for score in scores if score.words is not None]
    turns = _sum([score.turns for score in scores])
    voices = [score.voices for score in scores if score.voices is not None]
    ads = _sum([score.ads for score in scores])
    figures: Figures = {
        "cases": len(scores),
        "duration": sum(score.result.cuts.duration for score in scores),
        "wer_raw": _pooled_words([word.raw for word in words]),
        "wer_masked": _pooled_words([word.masked for word in words if word.masked is not None]),
        "wer_pipeline": _pooled_words([word.pipeline for word in words]),
        "cpwer": _figure(_sum([score.cpwer.errors for score in scores if score.cpwer])),
        "tcpwer": _figure(_sum([score.tcpwer.errors for score in scores if score.tcpwer])),
        "wder": _figure(_sum([score.wder for score in scores])),
        "der": _figure(turns),
        "jer": None if turns is None or turns.jaccard is None else {"rate": turns.jaccard},
        "speakers": {
            "right": sum(reference == found for reference, found in voices),
            "cases": len(voices),
            "reference": sum(reference for reference, _ in voices),
            "found": sum(found for _, found in voices),
        } if voices else None,
        "ads": _figure(ads),
        "ads_mean": _mean_ads(scores),
        "rtf": _pooled_rtf(scores),
    }  # fmt: skip
    return known(figures)


def word_figure(compared: Compared) -> Figures:
    """The counts of one comparison, and the second figure with compounds joined."""
    return compared.errors.figure() | {"joined": compared.joined.figure()}


def real_time_factors(timings: Mapping[str, float], duration_s: float) -> Figures | None:
    """Wall seconds per second of audio, a stage and in total."""
    if not timings or duration_s <= 0:
        return None
    stages = {stage: seconds for stage, seconds in timings.items() if stage != "total"}
    total = timings.get("total", sum(stages.values()))
    return {stage: seconds / duration_s for stage, seconds in stages.items()} | {"total": total / duration_s}


def known(figures: Figures) -> Figures:
    """The figures that there are."""
    return {name: value for name, value in figures.items() if value is not None}


def _pooled_words(compared: Sequence[Compared]) -> Figures | None:
    if not compared:
        return None
    total: Figures = sum((one.errors for one in compared), WordErrors.zero()).figure()
    return total | {"joined": sum((one.joined for one in compared), WordErrors.zero()).figure()}


def _pooled_rtf(scores: Sequence[CaseScores]) -> Figures | None:
    timed = [score for score in scores if score.timings]
    totals: dict[str, float] = {}
    for score in timed:
        for stage, seconds in score.timings.items():
            totals[stage] = totals.get(stage, 0.0) + seconds
    if any("total" not in score.timings for score in timed):
        totals.pop("total", None)
    return real_time_factors(totals, sum(score.result.cuts.duration for score in timed))


def _mean_ads(scores: Sequence[CaseScores]) -> Figures | None:
    """Means over the episodes that have ads, as the MinusPod benchmark publishes them; undefined is 0."""
    spans = [score.ads.spans for score in scores if score.ads is not None and score.ads.time.marked_s > 0]
    if not spans:
        return None
    measures: dict[str, Callable[[Any], float | None]] = {
        "precision": lambda s: s.precision,
        "recall": lambda s: s.recall,
        "f1": lambda s: s.f(1.0),
        "f05": lambda s: s.f(0.5),
    }
    means = {name: sum(measure(one) or 0.0 for one in spans) / len(spans) for name, measure in measures.items()}
    return {**means, "episodes": len(spans)}


def _sum(parts: Sequence[Any]) -> Any:
    total = None
    for part in parts:
        if part is not None:
            total = part if total is None else total + part
    return total


def _figure(counts: Any) -> Figures | None:
    return None if counts is None else counts.figure()
