"""What moved since the committed report: the guard against getting worse unseen.

Where both reports count errors passage by passage over the same reference, the difference is paired: passages are drawn
with replacement, and a figure has moved when the middle 95 % of the differences leave out zero (Bisani and Ney 2004):
what both runs get wrong in the same places cancels, so that changes far inside the figure's own interval are seen.
Other figures are held to the baseline's own interval, else to a tolerance. Speed is not guarded: it depends on the
machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.scores.report.intervals import Interval, paired_by_passage
from pipeline.scores.report.measures import MEASURES, Measure, holder

Figures = Mapping[str, Any]
Verdict = Literal["worse", "better", "same", "new"]


@dataclass(frozen=True, slots=True)
class Move:
    """One figure of one case against the baseline; values None where a side has none.

    ``difference``: the middle 95 % of paired differences, where both runs counted the same passages. A figure that is
    no longer measured is worse: nobody would see it fall.
    """

    case: str
    label: str
    before: float | None
    after: float | None
    verdict: Verdict
    difference: Interval | None = None

    def figure(self) -> dict[str, Any]:
        sides = {"before": self.before, "after": self.after}
        between = {} if self.difference is None else {"difference": list(self.difference)}
        return {"case": self.case, "figure": self.label, **sides, "verdict": self.verdict, **between}

    def __str__(self) -> str:
        sides = (MISSING if value is None else f"{value:.4g}" for value in (self.before, self.after))
        between = (
            "" if self.difference is None else "; 95 % of differences: {:+.4f} to {:+.4f}".format(*self.difference)
        )
        return f"{self.case}: {self.label} {' -> '.join(sides)} ({self.verdict}{between})"


MISSING = "-"


def compare_reports(report: Figures, baseline: Figures) -> tuple[Move, ...]:
    """Every guarded figure of every case that both reports have, and of their sums when they have the same cases."""
    now = {str(case["id"]): case for case in report["cases"]}
    then = {str(case["id"]): case for case in baseline["cases"]}
    pairs = [(name, then[name], now[name]) for name in now if name in then]
    if len(now) > 1 and set(now) == set(then):
        pairs.append(("all", baseline["pooled"], report["pooled"]))
    return tuple(move for name, before, after in pairs for move in _moves(name, before, after))


def print_moves(moves: Sequence[Move]) -> str:
    """What moved, a line each, the bad news first; one line if nothing did."""
    if not moves:
        return "baseline: no case in common\n"
    order = {"worse": 0, "better": 1, "new": 2}
    moved = sorted((move for move in moves if move.verdict != "same"), key=lambda move: order[move.verdict])
    if not moved:
        return f"baseline: {len(moves)} figures, none moved\n"
    return "".join(f"baseline: {move}\n" for move in moved)


def _moves(name: str, before: Figures, after: Figures) -> Iterator[Move]:
    for measure in MEASURES:
        old, new = measure.value(before), measure.value(after)
        if old is None and new is None:
            continue
        if old is None or new is None:
            yield Move(name, measure.label, old, new, "new" if old is None else "worse")
            continue
        difference = paired_by_passage(*(holder(side, measure.path) for side in (before, after)))
        chance = _wanders(measure, before, old, new, difference)
        worse = (new < old) if measure.more_is_better else (new > old)
        yield Move(name, measure.label, old, new, "same" if chance else "worse" if worse else "better", difference)


def _wanders(measure: Measure, before: Figures, old: float, new: float, difference: Interval | None) -> bool:
    """Whether the difference can be chance."""
    if abs(new - old) <= 1e-12:
        return True
    if difference is not None:
        return difference[0] <= 0 <= difference[1]
    interval = holder(before, measure.path).get("interval")
    if interval is not None and measure.path[-1] == "rate":
        return bool(interval["low"] <= new <= interval["high"])
    return abs(new - old) <= measure.tolerance
