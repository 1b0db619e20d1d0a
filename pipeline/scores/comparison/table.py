"""A comparison as plain text, within 80 columns: each system beside the first, figure by figure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.formats.pages.remarks import counted
from pipeline.scores.comparison.compare import Comparison, WordCounts
from pipeline.scores.comparison.paired import Difference, FigureRow, Verdict
from pipeline.scores.comparison.words import Group
from pipeline.scores.report.measures import Unit
from pipeline.scores.report.table import MISSING

LONGEST_NAME = 12
MARKS: dict[Verdict, str] = {"better": "better", "worse": "worse", "same": "-", "unknown": "?"}
EXPLAINED = (
    "-  the interval includes zero: the difference may be chance\n"
    "?  too few parts for an interval\n"
    "One in twenty differences without a cause is called better or worse.\n"
)


def print_comparison(comparison: Comparison) -> str:
    """The figures and the kinds of words of each system against the first one's."""
    names = short_names(comparison.systems)
    parts = [f"{counted(len(comparison.cases), 'recording')} compared\n"]
    for index in range(1, len(names)):
        parts.append(_table((names[0], names[index]), comparison, index))
    if comparison.words is not None:
        parts.append(_print_words(comparison.words, names))
    return "\n".join([*parts, EXPLAINED])


def short_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names that fit a column and stay apart: the middle is left out, or what all begin with.

    >>> short_names(["whisper-large-tiny.en", "whisper-large-base"]), short_names(["a", "b"])
    (('…tiny.en', '…base'), ('a', 'b'))
    """
    if max(map(len, names)) <= LONGEST_NAME:
        return tuple(names)
    shared = next((i for i, letters in enumerate(zip(*names, strict=False)) if len(set(letters)) > 1), 0)
    tails = [f"…{name[shared:]}" if shared else name for name in names]
    short = [tail if len(tail) <= LONGEST_NAME else f"{tail[:5]}…{tail[-(LONGEST_NAME - 6) :]}" for tail in tails]
    return tuple(short if len(set(short)) == len(short) else map(str, range(1, len(names) + 1)))


def show_value(value: float | None, unit: Unit) -> str:
    """A figure: shares in per cent.

    >>> show_value(0.0321, "share"), show_value(3.0, "count"), show_value(None, "share")
    ('3.21', '3', '-')
    """
    if value is None:
        return MISSING
    return f"{100 * value:.2f}" if unit == "share" else f"{value:.0f}" if unit == "count" else f"{value:.1f}"


def show_difference(difference: Difference | None, unit: Unit) -> str:
    """A difference with its interval, shares in points.

    >>> show_difference(Difference(-0.003, (-0.006, 0.0001), "recordings", 9, "same"), "share")
    '-0.30 (-0.60 to +0.01)'
    """
    if difference is None:
        return MISSING
    scale, digits = {"share": (100, 2), "count": (1, 0), "seconds": (1, 1)}[unit]
    between = difference.interval
    shown = f"{scale * difference.value:+.{digits}f}"
    if between is None:
        return shown
    # an interval of counts is of expected counts, and these are not whole
    return f"{shown} ({scale * between[0]:+.{max(1, digits)}f} to {scale * between[1]:+.{max(1, digits)}f})"


def _table(names: tuple[str, str], comparison: Comparison, index: int) -> str:
    lines = [("per cent", *names, "difference (95 %)", "")]
    lines += [_figure_line(row, index) for row in comparison.rows]
    if comparison.groups:
        lines += [("", "", "", "", ""), ("words right", *names, "difference (95 %)", "")]
        lines += [_group_line(group, index) for group in comparison.groups]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    aligned = (str.ljust, str.rjust, str.rjust, str.ljust, str.ljust)
    text = ["  ".join(f(cell, w) for f, cell, w in zip(aligned, line, widths, strict=True)).rstrip() for line in lines]
    text.insert(1, "-" * max(map(len, text)))
    return "\n".join([*text, _parts(comparison.rows, index), ""])


def _figure_line(row: FigureRow, index: int) -> tuple[str, str, str, str, str]:
    unit, difference = row.measure.unit, row.differences[index - 1]
    values = show_value(row.values[0], unit), show_value(row.values[index], unit)
    mark = MARKS[difference.verdict] if difference else ""
    return (row.measure.label, *values, show_difference(difference, unit), mark)


def _group_line(group: Group, index: int) -> tuple[str, str, str, str, str]:
    shares = (show_value(group.right[side] / group.words, "share") for side in (0, index))
    difference = group.differences[index - 1]
    mark = MARKS[difference.verdict] if difference else ""
    first, second = shares
    return (f"  {group.label.split(' (')[0]}", first, second, show_difference(difference, "share"), mark)


def _parts(rows: Sequence[FigureRow], index: int) -> str:
    """Over what the intervals are."""
    over = dict.fromkeys(
        f"{difference.parts} {difference.over}"
        for row in rows
        if (difference := row.differences[index - 1]) is not None and difference.interval is not None
    )
    return f"Intervals over {', '.join(over)}." if over else "Too little was compared for intervals."


def _print_words(words: WordCounts, names: Sequence[str]) -> str:
    alone = ", ".join(f"only {name} {count}" for name, count in zip(names, words.only, strict=True))
    together = f"all have {words.all_right} right, none {words.none_right}"
    return f"Of {words.words} words of the reference, {together};\n{alone}.\n"
