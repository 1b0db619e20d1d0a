"""comparison.html: two or more systems over the same recordings, for a reader who never saw the project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from markupsafe import Markup

from pipeline.formats.clock import clock
from pipeline.scores.comparison.compare import CaseComparison, Comparison
from pipeline.scores.comparison.paired import Difference, FigureRow, Verdict
from pipeline.scores.comparison.table import show_difference, show_value
from pipeline.scores.comparison.words import Group, Split
from pipeline.scores.figures import DEFINITIONS
from pipeline.scores.report.measures import Unit
from pipeline.scores.report.page import style

STRIP_HEIGHT = 40
MOST_SPLITS = 200
"""Rows of words shown of a recording; comparison.json has them all."""
SAID: dict[Verdict, str] = {
    "better": "better",
    "worse": "worse",
    "same": "may be chance",
    "unknown": "too few to tell",
}
LEAST_SCALE = 0.005
"""Half a point: differences smaller than this are not drawn as if they were large."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A difference: in words, what it says, over what, and as a bar (empty where there is no interval)."""

    text: str
    verdict: str
    style: Verdict
    over: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class Line:
    """A figure, or a kind of words, of all systems."""

    label: str
    remark: str
    values: tuple[str, ...]
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One recording of the page."""

    anchor: str
    id: str
    lines: tuple[Line, ...]
    groups: tuple[Line, ...]
    strips: tuple[tuple[str, Markup], ...]
    splits: tuple[Split, ...]
    more: int


def print_comparison_html(comparison: Comparison) -> str:
    """The page; one file that needs nothing else."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"clock": clock}
    source = files("pipeline.scores.comparison").joinpath("comparison.html.jinja").read_text("utf-8")
    shown = {row.measure.path[0] for row in comparison.rows} | {"ads", "names", "chapters", "interval"}
    return environment.from_string(source).render(
        comparison=comparison,
        css=style(),
        hours=clock(comparison.duration, hours=True),
        lines=_figure_lines(comparison.rows),
        groups=_group_lines(comparison.groups),
        sections=[_section(i, case, comparison.systems) for i, case in enumerate(comparison.cases)],
        definitions=[one for one in DEFINITIONS if one.key in shown],
    )


def _section(index: int, case: CaseComparison, systems: Sequence[str]) -> Section:
    most = max((count for side in case.bins for count in side), default=0)
    return Section(
        anchor=f"c{index}",
        id=case.id,
        lines=_figure_lines(case.rows),
        groups=_group_lines([group for group in case.groups if group.sort == "speaker"]),
        strips=tuple(
            (name, _strip(name, side, most, case.starts)) for name, side in zip(systems, case.bins, strict=False)
        ),
        splits=case.splits[:MOST_SPLITS],
        more=max(0, len(case.splits) - MOST_SPLITS),
    )


def _figure_lines(rows: Sequence[FigureRow]) -> tuple[Line, ...]:
    scale = _scale([d for row in rows if row.measure.unit == "share" for d in row.differences])
    lines = []
    for row in rows:
        unit = row.measure.unit
        values = tuple(
            show_value(value, unit) + (" %" if unit == "share" and value is not None else "") for value in row.values
        )
        remark = f"{'more' if row.measure.more_is_better else 'less'} is better"
        cells = tuple(_cell(one, unit, scale if unit == "share" else 0.0) for one in row.differences)
        lines.append(Line(row.measure.label, remark, values, cells))
    return tuple(lines)


def _group_lines(groups: Sequence[Group]) -> tuple[Line, ...]:
    scale = _scale([one for group in groups for one in group.differences])
    return tuple(
        Line(
            group.label,
            f"{group.words:,} words",
            tuple(f"{show_value(right / group.words, 'share')} %" for right in group.right),
            tuple(_cell(one, "share", scale) for one in group.differences),
        )
        for group in groups
    )


def _scale(differences: Sequence[Difference | None]) -> float:
    """The largest distance from zero that the bars of a table have to show."""
    ends = [abs(end) for one in differences if one is not None and one.interval for end in one.interval]
    return max([*ends, LEAST_SCALE])


def _cell(difference: Difference | None, unit: Unit, scale: float) -> Cell | None:
    if difference is None:
        return None
    over = f"{difference.parts} {difference.over}" if difference.interval else ""
    bar = _bar(difference, scale) if scale else Markup("")
    return Cell(show_difference(difference, unit), SAID[difference.verdict], difference.verdict, over, bar)


def _bar(difference: Difference, scale: float) -> Markup:
    """The interval as a bar about zero, with a mark at the difference itself."""
    if difference.interval is None:
        return Markup("")
    low, high, value = (50 + 48 * one / scale for one in (*difference.interval, difference.value))
    tip = escape(f"{difference.interval[0]:+.4f} to {difference.interval[1]:+.4f}")
    return Markup(
        f'<svg class="difference {difference.verdict}" role="img" aria-label="{tip}"><title>{tip}</title>'
        '<rect class="zero" x="50%" width="1" height="100%"/>'
        f'<rect class="range" x="{low:.2f}%" width="{max(0.5, high - low):.2f}%" y="5" height="6"/>'
        f'<rect class="mark" x="{max(0.0, min(99.0, value)):.2f}%" width="2" y="2" height="12"/></svg>'
    )


def _strip(name: str, counts: Sequence[int], most: int, starts: Sequence[float | None]) -> Markup:
    """Errors over the recording, all systems of a recording at the same scale."""
    width = 100 / max(1, len(counts))
    columns = []
    for index, (count, start) in enumerate(zip(counts, starts, strict=True)):
        height = STRIP_HEIGHT * count / max(1, most)
        columns.append(
            f'<rect x="{index * width:.3f}%" width="{width - 0.2:.3f}%" y="{STRIP_HEIGHT - height:.1f}" '
            f'height="{height:.1f}"><title>{"" if start is None else f"{clock(start)}: "}{count} errors</title></rect>'
        )
    label = escape(f"errors of {name} over the recording, at most {most} in a column")
    return Markup(
        f'<svg class="errors" height="{STRIP_HEIGHT}" role="img" aria-label="{label}">{"".join(columns)}</svg>'
    )
