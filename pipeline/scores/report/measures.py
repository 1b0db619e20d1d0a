"""The figures of report.json that can be compared between two runs: where each stands, and what it is made of.

A figure of many recordings is computed from summed counts, never as a mean of rates; so each measure says which counts
of a case add, and what the sums make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Figures = Mapping[str, Any]
Counts = tuple[float, ...]
Unit = Literal["share", "count", "seconds"]

RATE_TOLERANCE = 0.002
"""A fifth of a point, by choice: quantised networks round differently on different processors."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of the report: where it stands in a case's figures, and which way is better.

    ``counts`` reads what adds, None where a case does not have it; ``of_sums`` takes summed counts, shape (n, counts),
    to n figures. ``tolerance``: how much the figure may wander where nothing else says what chance does.
    """

    path: tuple[str, ...]
    label: str
    counts: Callable[[Figures], Counts | None]
    of_sums: Callable[[np.ndarray], np.ndarray]
    more_is_better: bool = False
    tolerance: float = 0.0
    unit: Unit = "share"

    def value(self, figures: Figures) -> float | None:
        """The figure as the report has it; None where it is absent."""
        found = holder(figures, self.path).get(self.path[-1])
        return None if found is None else float(found)


def holder(figures: Figures, path: tuple[str, ...]) -> Figures:
    """The figures among which the last step of a path is looked up; empty where there are none."""
    for step in path[:-1]:
        figures = figures.get(step) or {}
    return figures


def share_of_sums(sums: np.ndarray) -> np.ndarray:
    """The first count by the second; nan where there is nothing to divide by."""
    return sums[:, 0] / np.where(sums[:, 1] > 0, sums[:, 1], np.nan)


def f_of_sums(beta: float) -> Callable[[np.ndarray], np.ndarray]:
    """The F measure of summed (right, wrong, missed)."""
    weight = beta * beta
    return lambda s: (1 + weight) * s[:, 0] / ((1 + weight) * s[:, 0] + weight * s[:, 2] + s[:, 1])


def _first(sums: np.ndarray) -> np.ndarray:
    return sums[:, 0]


def _read(*path: str) -> Callable[[Figures, tuple[str, ...]], Counts | None]:
    def read(figures: Figures, names: tuple[str, ...]) -> Counts | None:
        held = holder(figures, (*path, ""))
        found = [held.get(name) for name in names]
        return None if any(one is None for one in found) else tuple(float(one) for one in found if one is not None)

    return read


def _counts(path: tuple[str, ...], *names: str) -> Callable[[Figures], Counts | None]:
    read = _read(*path)
    return lambda figures: read(figures, names)


def _share(path: tuple[str, ...], errors: tuple[str, ...], size: str) -> Callable[[Figures], Counts | None]:
    """(errors, size), the errors summed over their kinds."""
    read = _read(*path)

    def counts(figures: Figures) -> Counts | None:
        found = read(figures, (*errors, size))
        return None if found is None else (sum(found[:-1]), found[-1])

    return counts


def _words(key: str, label: str, tolerance: float) -> Measure:
    edits = ("substitutions", "deletions", "insertions")
    return Measure((key, "rate"), label, _share((key,), edits, "words"), share_of_sums, tolerance=tolerance)


def _jaccard(figures: Figures) -> Counts | None:
    found = _counts(("jer",), "rate", "voices")(figures)
    return None if found is None else (found[0] * found[1], found[1])


def _removed(figures: Figures) -> Counts | None:
    found = _counts(("ads",), "ad_words", "ad_words_kept")(figures)
    return None if found is None else (found[0] - found[1], found[0])


def _spans(key: str, label: str, beta: float) -> Measure:
    counts = _counts(("ads",), "right", "wrong", "missed")
    return Measure(("ads", key), label, counts, f_of_sums(beta), more_is_better=True)


def _total(
    path: tuple[str, ...], label: str, unit: Unit, *, more_is_better: bool = False, tolerance: float = 0.0
) -> Measure:
    return Measure(path, label, _counts(path[:-1], path[-1]), _first, more_is_better, tolerance, unit)


MEASURES: tuple[Measure, ...] = (
    _words("wer_raw", "WER raw", RATE_TOLERANCE),
    _words("wer_masked", "WER masked", RATE_TOLERANCE),
    _words("wer_pipeline", "WER pipeline", RATE_TOLERANCE),
    Measure(("cer", "rate"), "CER", _counts(("cer",), "errors", "characters"), share_of_sums, tolerance=RATE_TOLERANCE),
    _words("cpwer", "cpWER", 2 * RATE_TOLERANCE),
    _words("tcpwer", "tcpWER", 2 * RATE_TOLERANCE),
    Measure(("wder", "rate"), "WDER", _counts(("wder",), "wrong", "aligned"), share_of_sums, tolerance=RATE_TOLERANCE),
    Measure(
        ("der", "rate"),
        "DER",
        _share(("der",), ("missed_s", "false_alarm_s", "confusion_s"), "speech_s"),
        share_of_sums,
        tolerance=RATE_TOLERANCE,
    ),
    Measure(("jer", "rate"), "JER", _jaccard, share_of_sums, tolerance=2 * RATE_TOLERANCE),
    _spans("f1", "ads F1", 1.0),
    _spans("f05", "ads F0.5", 0.5),
    Measure(
        ("ads", "words_removed_share"),
        "ad words removed",
        _removed,
        share_of_sums,
        more_is_better=True,
        tolerance=0.001,
    ),
    _total(("ads", "content_words_lost"), "content words lost", "count"),
    _total(("ads", "content_seconds_lost"), "content seconds lost", "seconds", tolerance=0.5),
    _total(("notes", "names", "right"), "names right", "count", more_is_better=True),
    _total(("notes", "names", "wrong"), "names wrong", "count"),
    Measure(
        ("notes", "chapters", "f1"),
        "chapters F1",
        _counts(("notes", "chapters"), "right", "wrong", "missed"),
        f_of_sums(1.0),
        more_is_better=True,
    ),
)
