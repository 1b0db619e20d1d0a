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

from pipeline.scores.report.intervals import bootstrap

Figures = Mapping[str, Any]
Verdict = Literal["worse", "better", "same", "new"]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A figure of the report: where it stands, which way is better, and how much it may wander without an interval."""

    path: tuple[str, ...]
    label: str
    more_is_better: bool = False
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Move:
    """One figure of one case against the baseline; values None where a side has none.

    A figure that is no longer measured is worse: nobody would see it fall.
    """

    case: str
    label: str
    before: float | None
    after: float | None
    verdict: Verdict

    def figure(self) -> dict[str, Any]:
        sides = {"before": self.before, "after": self.after}
        return {"case": self.case, "figure": self.label, **sides, "verdict": self.verdict}

    def __str__(self) -> str:
        sides = (MISSING if value is None else f"{value:.4g}" for value in (self.before, self.after))
        return f"{self.case}: {self.label} {' -> '.join(sides)} ({self.verdict})"


MISSING = "-"
RATE_TOLERANCE = 0.002
"""A fifth of a point, by choice: quantised networks round differently on different processors."""

GUARDED = (
    Guarded(("wer_raw", "rate"), "WER raw", tolerance=RATE_TOLERANCE),
    Guarded(("wer_masked", "rate"), "WER masked", tolerance=RATE_TOLERANCE),
    Guarded(("wer_pipeline", "rate"), "WER pipeline", tolerance=RATE_TOLERANCE),
    Guarded(("cpwer", "rate"), "cpWER", tolerance=2 * RATE_TOLERANCE),
    Guarded(("tcpwer", "rate"), "tcpWER", tolerance=2 * RATE_TOLERANCE),
    Guarded(("wder", "rate"), "WDER", tolerance=RATE_TOLERANCE),
    Guarded(("der", "rate"), "DER", tolerance=RATE_TOLERANCE),
    Guarded(("jer", "rate"), "JER", tolerance=2 * RATE_TOLERANCE),
    Guarded(("ads", "f1"), "ads F1", more_is_better=True),
    Guarded(("ads", "f05"), "ads F0.5", more_is_better=True),
    Guarded(("ads", "words_removed_share"), "ad words removed", more_is_better=True, tolerance=0.001),
    Guarded(("ads", "content_words_lost"), "content words lost"),
    Guarded(("ads", "content_seconds_lost"), "content seconds lost", tolerance=0.5),
    Guarded(("notes", "names", "right"), "names right", more_is_better=True),
    Guarded(("notes", "names", "wrong"), "names wrong"),
    Guarded(("notes", "chapters", "f1"), "chapters F1", more_is_better=True),
)


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
    for guarded in GUARDED:
        old, new = _at(before, guarded.path), _at(after, guarded.path)
        if old is None and new is None:
            continue
        if old is None or new is None:
            yield Move(name, guarded.label, old, new, "new" if old is None else "worse")
            continue
        chance = _wanders(guarded, before, after, old, new)
        worse = (new < old) if guarded.more_is_better else (new > old)
        yield Move(name, guarded.label, old, new, "same" if chance else "worse" if worse else "better")


def _wanders(guarded: Guarded, before: Figures, after: Figures, old: float, new: float) -> bool:
    """Whether the difference can be chance."""
    if abs(new - old) <= 1e-12:
        return True
    holders = _holder(before, guarded.path), _holder(after, guarded.path)
    difference = _paired(*holders)
    if difference is not None:
        return difference[0] <= 0 <= difference[1]
    interval = holders[0].get("interval")
    if interval is not None and guarded.path[-1] == "rate":
        return bool(interval["low"] <= new <= interval["high"])
    return abs(new - old) <= guarded.tolerance


def _paired(before: Figures, after: Figures) -> tuple[float, float] | None:
    """The interval of the difference in errors, passage by passage; None unless both counted the same passages."""
    old, new = before.get("passages"), after.get("passages")
    if old is None or new is None or len(old) != len(new) or _size(before) != _size(after):
        return None
    return bootstrap([(b - a,) for a, b in zip(old, new, strict=True)], lambda sums: sums[:, 0])


def _size(figures: Figures) -> float | None:
    """The words or the seconds of speech of the reference."""
    size = figures.get("words", figures.get("speech_s"))
    return None if size is None else round(float(size), 3)


def _holder(figures: Figures, path: tuple[str, ...]) -> Figures:
    for step in path[:-1]:
        figures = figures.get(step, {})
    return figures


def _at(figures: Figures, path: tuple[str, ...]) -> float | None:
    value = _holder(figures, path).get(path[-1])
    return None if value is None else float(value)
