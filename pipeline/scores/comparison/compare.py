"""Systems over the same recordings: figures, words, and each recording by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import CleancastError
from pipeline.scores.comparison.paired import FigureRow, compare_figures
from pipeline.scores.comparison.words import (
    MOST_WORDS,
    Group,
    Split,
    WordView,
    errors_over_time,
    group_words,
    only_right,
    split_words,
    view_words,
)
from pipeline.scores.report.document import case_figures
from pipeline.scores.scoring import CaseScores
from pipeline.timeline import Seconds

VERSION = 1
BINS = 60
"""Stretches of a recording in which errors are counted for the picture."""


@dataclass(frozen=True, slots=True)
class System:
    """A tool, a model or a run, and its scores; each recording once."""

    name: str
    scores: tuple[CaseScores, ...]


@dataclass(frozen=True, slots=True)
class CaseComparison:
    """One recording: figures, words by speaker, the words that some have right and others not, errors over time.

    ``bins``: each system's errors in equal stretches of the reference; ``starts``: when these begin, if known.
    """

    id: str
    rows: tuple[FigureRow, ...]
    groups: tuple[Group, ...]
    splits: tuple[Split, ...]
    bins: tuple[tuple[int, ...], ...]
    starts: tuple[Seconds | None, ...]


@dataclass(frozen=True, slots=True)
class WordCounts:
    """How many words of the reference all systems have right, none has, and each of them alone; with the commonest."""

    words: int
    all_right: int
    none_right: int
    only: tuple[int, ...]
    commonest: tuple[tuple[tuple[str, int], ...], ...]

    def figure(self) -> dict[str, Any]:
        counts = {"words": self.words, "all_right": self.all_right, "none_right": self.none_right}
        return {**counts, "only": list(self.only), "commonest": [list(map(list, words)) for words in self.commonest]}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Systems by name, the first being what the others are compared with.

    ``left_out``: for each system that lacks some, recordings of others that are not compared. ``words`` is None where
    no recording has words on all sides.
    """

    systems: tuple[str, ...]
    cases: tuple[CaseComparison, ...]
    left_out: tuple[tuple[str, tuple[str, ...]], ...]
    duration: Seconds
    rows: tuple[FigureRow, ...]
    groups: tuple[Group, ...]
    words: WordCounts | None

    def figure(self) -> dict[str, Any]:
        """The comparison for comparison.json."""
        return {
            "version": VERSION,
            "systems": list(self.systems),
            "recordings": [case.id for case in self.cases],
            "left_out": {name: list(cases) for name, cases in self.left_out},
            "figures": [row.figure() for row in self.rows],
            "words": None if self.words is None else self.words.figure(),
            "groups": [group.figure() for group in self.groups],
            "cases": [
                {
                    "id": case.id,
                    "figures": [row.figure() for row in case.rows],
                    "groups": [group.figure() for group in case.groups],
                    "words": [split.figure() for split in case.splits],
                    "errors": [list(side) for side in case.bins],
                }
                for case in self.cases
            ],
        }


def compare_systems(systems: Sequence[System]) -> Comparison:
    """The comparison over the recordings that all systems have.

    Raises CleancastError when there is none.
    """
    held = [{score.case.id: score for score in system.scores} for system in systems]
    everywhere = [name for name in held[0] if all(name in side for side in held)]
    if not everywhere:
        raise CleancastError(f"{' and '.join(system.name for system in systems)} have no recording in common")
    every = dict.fromkeys(name for side in held for name in side)
    lacks = [(s.name, tuple(n for n in every if n not in side)) for s, side in zip(systems, held, strict=True)]
    columns = [[side[name] for side in held] for name in everywhere]
    figures = [[_alone(case_figures(side[name])) for name in everywhere] for side in held]
    views = [view_words(column) for column in columns]
    seen = [view for view in views if view is not None]
    count = len(systems)
    return Comparison(
        systems=tuple(system.name for system in systems),
        cases=tuple(_case(column, [side[i] for side in figures], views[i] or ()) for i, column in enumerate(columns)),
        left_out=tuple((name, missing) for name, missing in lacks if missing),
        duration=sum(max(one.result.cuts.duration for one in column) for column in columns),
        rows=compare_figures(figures),
        groups=group_words(seen, systems=count, by_speaker=False) if seen else (),
        words=_count(seen, count) if seen else None,
    )


def _alone(figures: dict[str, Any]) -> dict[str, Any]:
    """A case's figures without what depends on the machine."""
    return {name: value for name, value in figures.items() if name != "rtf"}


def _case(scores: Sequence[CaseScores], figures: Sequence[dict[str, Any]], views: Sequence[WordView]) -> CaseComparison:
    count = len(scores)
    groups = group_words([views], systems=count, by_speaker=True) if views else ()
    return CaseComparison(
        id=scores[0].case.id,
        rows=compare_figures([[one] for one in figures]),
        groups=groups,
        splits=split_words(views),
        bins=errors_over_time(views, systems=count, bins=BINS) if views else (),
        starts=tuple(views[len(views) * i // BINS].at for i in range(BINS)) if views else (),
    )


def _count(cases: Sequence[Sequence[WordView]], systems: int) -> WordCounts:
    views = [view for one in cases for view in one]
    only = only_right(views, systems=systems)
    return WordCounts(
        words=len(views),
        all_right=sum(all(view.right) for view in views),
        none_right=sum(not any(view.right) for view in views),
        only=tuple(counts.total() for counts in only),
        commonest=tuple(tuple(_commonest(counts)) for counts in only),
    )


def _commonest(counts: Any) -> list[tuple[str, int]]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ranked[:MOST_WORDS]
