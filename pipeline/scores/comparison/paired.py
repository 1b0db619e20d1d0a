"""Figures of several systems side by side, each difference with the interval that chance leaves it.

Recordings are drawn with replacement, both systems' counts together, and the middle 95 % of the differences is the
interval (Bisani and Ney, ICASSP 2004). With fewer than five recordings, passages of 50 words are drawn (DER: minutes);
that says nothing about other recordings, and the parts are named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pipeline.scores.report.intervals import (
    FEWEST_PARTS,
    Interval,
    Ratio,
    bootstrap,
    paired_interval,
    reference_size,
)
from pipeline.scores.report.measures import MEASURES, Measure, holder

Figures = Mapping[str, Any]
Rows = Sequence[Sequence[float]]
Verdict = Literal["better", "worse", "same", "unknown"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A system's figure minus that of the first; ``interval``: its middle 95 % over ``parts``, None for too few.

    ``verdict``: better or worse where the interval leaves out zero, same where it does not.
    """

    value: float
    interval: Interval | None
    over: str
    parts: int
    verdict: Verdict

    def figure(self) -> dict[str, Any]:
        between = {} if self.interval is None else {"low": self.interval[0], "high": self.interval[1]}
        return {"value": self.value, **between, "over": self.over, "parts": self.parts, "verdict": self.verdict}


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure of each system, from the summed counts of the recordings that have it everywhere.

    ``differences``: of each system after the first. None where the figure is not defined.
    """

    measure: Measure
    cases: int
    values: tuple[float | None, ...]
    differences: tuple[Difference | None, ...]

    def figure(self) -> dict[str, Any]:
        known = [None if one is None else one.figure() for one in self.differences]
        what = {"figure": ".".join(self.measure.path), "label": self.measure.label, "unit": self.measure.unit}
        better = "more" if self.measure.more_is_better else "less"
        return {**what, "better": better, "recordings": self.cases, "values": list(self.values), "differences": known}


def compare_figures(systems: Sequence[Sequence[Figures]]) -> tuple[FigureRow, ...]:
    """Every figure that all systems have of some recording; ``systems``: each system's cases, in the same order."""
    rows = []
    for measure in MEASURES:
        held = [cases for cases in zip(*systems, strict=True) if all(measure.counts(one) is not None for one in cases)]
        if held:
            rows.append(_row(measure, [list(side) for side in zip(*held, strict=True)]))
    return tuple(rows)


def difference(
    before: Rows, after: Rows, ratio: Ratio, *, over: str, more_is_better: bool, interval: Interval | None = None
) -> Difference | None:
    """The difference of a figure of summed counts, after minus before; None where either is not defined.

    ``interval``: where it has been drawn from other parts already.
    """
    old, new = (_of_sums(side, ratio) for side in (before, after))
    if old is None or new is None:
        return None
    between = interval or paired_interval(before, after, ratio)
    return Difference(new - old, between, over, len(before), judge(between, more_is_better=more_is_better))


def judge(between: Interval | None, *, more_is_better: bool) -> Verdict:
    """What an interval of differences says."""
    if between is None:
        return "unknown"
    if between[0] <= 0 <= between[1]:
        return "same"
    return "better" if (between[0] > 0) == more_is_better else "worse"


def _row(measure: Measure, systems: Sequence[Sequence[Figures]]) -> FigureRow:
    counts = [[measure.counts(case) or () for case in cases] for cases in systems]
    values = tuple(_of_sums(rows, measure.of_sums) for rows in counts)
    first = systems[0]
    differences = tuple(
        _difference(measure, (first, other), (counts[0], rows))
        for other, rows in zip(systems[1:], counts[1:], strict=True)
    )
    return FigureRow(measure, len(first), values, differences)


def _difference(
    measure: Measure, cases: tuple[Sequence[Figures], Sequence[Figures]], counts: tuple[Rows, Rows]
) -> Difference | None:
    if len(counts[0]) >= FEWEST_PARTS:
        return difference(*counts, measure.of_sums, over="recordings", more_is_better=measure.more_is_better)
    passages = _by_passage(measure, *cases)
    found = difference(*counts, measure.of_sums, over="recordings", more_is_better=measure.more_is_better)
    if found is None or passages is None:
        return found
    between, parts = passages
    over = "minutes" if measure.path[0] == "der" else "passages"
    return Difference(found.value, between, over, parts, judge(between, more_is_better=measure.more_is_better))


def _by_passage(
    measure: Measure, before: Sequence[Figures], after: Sequence[Figures]
) -> tuple[Interval | None, int] | None:
    """The interval over the passages of all recordings; None unless both sides counted the same ones."""
    rows: list[tuple[float]] = []
    size = 0.0
    for one, other in zip(before, after, strict=True):
        old, new = holder(one, measure.path), holder(other, measure.path)
        first, second = old.get("passages"), new.get("passages")
        if first is None or second is None or len(first) != len(second):
            return None
        if reference_size(old) != reference_size(new):
            return None
        size += reference_size(old) or 0.0
        rows += [(b - a,) for a, b in zip(first, second, strict=True)]
    return (bootstrap(rows, lambda sums: sums[:, 0] / size), len(rows)) if size else None


def _of_sums(rows: Rows, ratio: Ratio) -> float | None:
    with np.errstate(invalid="ignore", divide="ignore"):
        found = float(ratio(np.asarray(rows, dtype=float).sum(axis=0, keepdims=True))[0])
    return found if np.isfinite(found) else None
