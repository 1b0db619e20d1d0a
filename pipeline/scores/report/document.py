"""report.json: the figures of every case, and the sums over all of them.

Rates are fractions. A figure without its reference is absent, never zero. Pooled rates come from summed counts.
``interval`` holds the middle 95 % of a bootstrap over the parts it names (pipeline/scores/report/intervals.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.scores.ads.detection import SpanCounts
from pipeline.scores.case import Case
from pipeline.scores.report.baseline import compare_reports
from pipeline.scores.report.intervals import (
    FEWEST_PARTS,
    Interval,
    agreement_interval,
    bootstrap,
    passages,
    rate_interval,
    word_interval,
)
from pipeline.scores.report.measures import f_of_sums
from pipeline.scores.scoring import CaseScores
from pipeline.scores.speakers.turns import TurnErrors
from pipeline.scores.words.alignment import Alignment
from pipeline.scores.words.normalise import NORMALISER_VERSION, normaliser_version
from pipeline.scores.words.remarks import word_remarks
from pipeline.scores.words.wer import Compared
from pipeline.scores.words.word_errors import WordErrors

VERSION = 1

Figures = dict[str, Any]


def build_report(
    scores: Sequence[CaseScores],
    *,
    versions: Mapping[str, str] | None = None,
    weights: Mapping[str, Any] | None = None,
    baseline: Mapping[str, Any] | None = None,
) -> Figures:
    """The report of all cases, ready for ``json.dumps``: plain dicts, lists, strings and numbers.

    ``baseline`` is an earlier report: what moved since then is part of this one, if they have a case in common.
    """
    report: Figures = {
        "version": VERSION,
        "cases": [case_figures(score) for score in scores],
        "pooled": pooled_figures(scores),
        "versions": {**dict(versions or {}), "normaliser": normaliser_name()},
        "weights": dict(weights or {}),
    }
    moves = () if baseline is None else compare_reports(report, baseline)
    if moves:
        report["baseline"] = [move.figure() for move in moves]
    return report


def normaliser_name() -> str:
    """Which rules the words were compared under; says so when they are not the pinned ones."""
    installed = normaliser_version()
    remark = "" if installed == NORMALISER_VERSION else f" (this project's figures use {NORMALISER_VERSION})"
    return f"whisper EnglishTextNormalizer {installed}{remark}"


def case_figures(scores: CaseScores) -> Figures:
    """The figures of one case."""
    case, words = scores.case, scores.words
    figures: Figures = {"id": case.id, "synthetic": case.synthetic, "duration": scores.result.cuts.duration}
    if not scores.timed:
        figures["times"] = "assumed"
    if words is not None:
        figures["reference"] = case.provenance
        for name, compared in (("raw", words.raw), ("masked", words.masked), ("pipeline", words.pipeline)):
            figures[f"wer_{name}"] = None if compared is None else _word_figure(compared, case)
        figures["cer"] = None if scores.characters is None else scores.characters.figure()
        figures["runs"] = [run.figure() for run in scores.runs] or None
        figures["remarks"] = list(word_remarks(case, words.raw)) or None
    figures["cpwer"] = None if scores.cpwer is None else scores.cpwer.errors.figure()
    figures["tcpwer"] = None if scores.tcpwer is None else scores.tcpwer.errors.figure()
    figures["wder"] = None if scores.wder is None else scores.wder.figure()
    if scores.turns is not None:
        figures["der"] = _turn_figure(scores.turns)
        figures["confusion"] = None if scores.confusion is None else scores.confusion.figure()
        voices = {"voices": scores.turns.voices}
        figures["jer"] = None if scores.turns.jaccard is None else {"rate": scores.turns.jaccard, **voices}
    if scores.voices is not None:
        figures["speakers"] = {"reference": scores.voices[0], "found": scores.voices[1]}
    if scores.ads is not None:
        figures["ads"] = scores.ads.figure() | ({"times": "alignment"} if scores.ads_by_alignment else {})
    figures["notes"] = scores.notes.figure() or None
    figures["rtf"] = real_time_factors(scores.timings, scores.result.cuts.duration)
    return known(figures)


def pooled_figures(scores: Sequence[CaseScores]) -> Figures:
    """The figures over all cases that have them: counts are added first."""
    words = [score.words for score in scores if score.words is not None]
    turns = [score.turns for score in scores if score.turns is not None]
    voices = [score.voices for score in scores if score.voices is not None]
    wder = [score.wder for score in scores if score.wder is not None]
    figures: Figures = {
        "cases": len(scores),
        "duration": sum(score.result.cuts.duration for score in scores),
        "wer_raw": _pooled_words([word.raw for word in words]),
        "wer_masked": _pooled_words([word.masked for word in words if word.masked is not None]),
        "wer_pipeline": _pooled_words([word.pipeline for word in words]),
        "cer": _pooled_characters(scores),
        "cpwer": _pooled_errors([score.cpwer.errors for score in scores if score.cpwer]),
        "tcpwer": _pooled_errors([score.tcpwer.errors for score in scores if score.tcpwer]),
        "wder": _pooled(wder, [(one.wrong, one.aligned) for one in wder]),
        "der": _pooled(turns, [(one.missed_s + one.false_alarm_s + one.confusion_s, one.speech_s) for one in turns]),
        "jer": _pooled_jaccard(turns),
        "speakers": _pooled_voices(voices),
        "ads": _pooled_ads(scores),
        "ads_mean": _mean_ads(scores),
        "notes": _pooled_notes(scores),
        "rtf": _pooled_rtf(scores),
    }
    return known(figures)


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


def _word_figure(compared: Compared, case: Case) -> Figures:
    """The counts of one comparison, the second figure with compounds joined, and how far both can be trusted."""
    parts = passages(compared.alignment)
    rate = compared.errors.rate
    figure: Figures = compared.errors.figure() | {"joined": compared.joined.figure()}
    figure |= _interval(word_interval(parts), "passages", len(parts)) | {"passages": [part.errors for part in parts]}
    if case.machine_reference and case.reference_error is not None and rate is not None:
        low, high = agreement_interval(rate, case.reference_error)
        bounds = {"low": low, "high": high, "reference_error": case.reference_error}
        figure["agreement"] = bounds | ({"from": case.reference_error_from} if case.reference_error_from else {})
    return figure


def _turn_figure(turns: TurnErrors) -> Figures:
    wrong = [errors for errors, _ in turns.minutes]
    return turns.figure() | _interval(rate_interval(turns.minutes), "minutes", len(wrong)) | {"passages": wrong}


def _pooled_words(compared: Sequence[Compared]) -> Figures | None:
    figure = _pooled_errors([one.errors for one in compared], [one.alignment for one in compared])
    joined = sum((one.joined for one in compared), WordErrors.zero()).figure()
    return None if figure is None else figure | {"joined": joined}


def _pooled_errors(errors: Sequence[WordErrors], alignments: Sequence[Alignment] = ()) -> Figures | None:
    if not errors:
        return None
    figure: Figures = sum(errors, WordErrors.zero()).figure()
    if len(errors) >= FEWEST_PARTS or not alignments:
        return figure | _interval(word_interval(errors), "episodes", len(errors))
    parts = [part for alignment in alignments for part in passages(alignment)]
    return figure | _interval(word_interval(parts), "passages", len(parts))


def _pooled(counts: Sequence[Any], parts: Sequence[tuple[float, float]]) -> Figures | None:
    if not counts:
        return None
    figure: Figures = sum(counts[1:], counts[0]).figure()
    return figure | _interval(rate_interval(parts), "episodes", len(parts))


def _pooled_characters(scores: Sequence[CaseScores]) -> Figures | None:
    counts = [score.characters for score in scores if score.characters is not None]
    return _pooled(counts, [(one.errors, one.characters) for one in counts])


def _pooled_jaccard(turns: Sequence[Any]) -> Figures | None:
    voices = sum(one.voices for one in turns)
    if not voices:
        return None
    parts = [(one.jaccard_sum, one.voices) for one in turns]
    return {"rate": sum(one.jaccard_sum for one in turns) / voices, "voices": voices} | _interval(
        rate_interval(parts), "episodes", len(parts)
    )


def _pooled_voices(voices: Sequence[tuple[int, int]]) -> Figures | None:
    if not voices:
        return None
    return {
        "right": sum(reference == found for reference, found in voices),
        "cases": len(voices),
        "reference": sum(reference for reference, _ in voices),
        "found": sum(found for _, found in voices),
    }


def _pooled_ads(scores: Sequence[CaseScores]) -> Figures | None:
    ads = [score.ads for score in scores if score.ads is not None]
    if not ads:
        return None
    figure = sum(ads[1:], ads[0]).figure()
    parts = [(one.spans.right, one.spans.wrong, one.spans.missed) for one in ads]
    intervals = {name: bootstrap(parts, ratio) for name, ratio in _F_OF_SUMS.items()}
    named = {name: list(interval) for name, interval in intervals.items() if interval is not None and name in figure}
    return figure | ({"intervals": {**named, "over": "episodes", "parts": len(parts)}} if named else {})


_F_OF_SUMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "precision": lambda s: s[:, 0] / (s[:, 0] + s[:, 1]),
    "recall": lambda s: s[:, 0] / (s[:, 0] + s[:, 2]),
    "f1": f_of_sums(1.0),
    "f05": f_of_sums(0.5),
}


def _pooled_rtf(scores: Sequence[CaseScores]) -> Figures | None:
    timed = [score for score in scores if score.timings]
    totals: dict[str, float] = {}
    for score in timed:
        for stage, seconds in score.timings.items():
            totals[stage] = totals.get(stage, 0.0) + seconds
    if any("total" not in score.timings for score in timed):
        totals.pop("total", None)
    return real_time_factors(totals, sum(score.result.cuts.duration for score in timed))


def _pooled_notes(scores: Sequence[CaseScores]) -> Figures | None:
    names = [score.notes.names for score in scores if score.notes.names is not None]
    chapters = [score.notes.chapters for score in scores if score.notes.chapters is not None]
    pooled = {"names": _pooled(names, ()), "chapters": _pooled(chapters, ())}
    return known(pooled) or None


def _mean_ads(scores: Sequence[CaseScores]) -> Figures | None:
    """Means over the episodes that have ads, as the MinusPod benchmark publishes them; undefined is 0."""
    spans = [score.ads.spans for score in scores if score.ads is not None and score.ads.time.marked_s > 0]
    if not spans:
        return None
    measures: dict[str, Callable[[SpanCounts], float | None]] = {
        "precision": lambda s: s.precision,
        "recall": lambda s: s.recall,
        "f1": lambda s: s.f(1.0),
        "f05": lambda s: s.f(0.5),
    }
    means = {name: sum(measure(one) or 0.0 for one in spans) / len(spans) for name, measure in measures.items()}
    return {**means, "episodes": len(spans)}


def _interval(interval: Interval | None, over: str, parts: int) -> Figures:
    if interval is None:
        return {}
    return {"interval": {"low": interval[0], "high": interval[1], "over": over, "parts": parts}}
