"""report.html: the report for a reader who never saw the project; one file that needs nothing else.

A page of figures, and for each case the episode as a picture, the texts side by side, and who was taken for whom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from pipeline.formats.clock import clock
from pipeline.scores.figures import DEFINITIONS
from pipeline.scores.report.differences import Confusion, Row, align_rows, count_confusions
from pipeline.scores.report.picture import Lane, Tick, draw_errors, draw_lanes, draw_ticks
from pipeline.scores.report.table import ASSUMED_TIMES, MISSING, REFERENCES, agreement, became, interval, percent
from pipeline.scores.scoring import CaseScores

Figures = Mapping[str, Any]
Cell = tuple[str, tuple[str, ...]]
ABSENT: Cell = (MISSING, ())

MOST_COLUMNS = 4
"""Up to this many cases stand as columns beside their figures; more stand as rows."""


@dataclass(frozen=True, slots=True)
class Line:
    """A figure over all cases: ``cells`` are (value, remarks)."""

    key: str
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One case of the page."""

    anchor: str
    figures: Figures
    lines: tuple[Line, ...]
    remarks: tuple[str, ...]
    audio: str
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    strip: Markup
    rows: tuple[tuple[str, Row], ...]
    confusions: tuple[Confusion, ...]
    matrix: tuple[tuple[str, ...], ...]


def print_report_html(
    report: Figures,
    scores: Sequence[CaseScores],
    *,
    audio: Mapping[str, str] | None = None,
    system: str = "cleancast",
) -> str:
    """The page for ``report`` of a ``system``; ``audio`` maps a case's id to its recording, so that times play."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"clock": clock, "became": became}
    template = environment.from_string(files("pipeline.scores.report").joinpath("report.html.jinja").read_text("utf-8"))
    sections = [
        _section(i, one, score, audio or {}) for i, (one, score) in enumerate(zip(report["cases"], scores, strict=True))
    ]
    return template.render(
        report=report,
        system=system,
        css=style(),
        sections=sections,
        lines=figure_lines([*report["cases"], *([report["pooled"]] if len(sections) > 1 else [])]),
        pooled_lines=figure_lines([report["pooled"]]),
        heads=[*(str(one["id"]) for one in report["cases"]), *([f"all {len(sections)}"] if len(sections) > 1 else [])],
        upright=len(sections) <= MOST_COLUMNS,
        definitions=DEFINITIONS,
        hours=clock(report["pooled"]["duration"], hours=True),
        all_synthetic=all(one["synthetic"] for one in report["cases"]),
    )


def style() -> Markup:
    """The style sheet of the pages of figures."""
    return Markup(files("pipeline.scores.report").joinpath("report.css").read_text("utf-8"))


def figure_lines(columns: Sequence[Figures]) -> tuple[Line, ...]:
    """Every figure that some column (a case, or all pooled) has, with its value in each."""
    lines = [Line(key, label, tuple(read(column) for column in columns)) for key, label, read in READERS]
    return tuple(line for line in lines if any(value != MISSING for value, _ in line.cells))


def _section(index: int, figures: Figures, scores: CaseScores, audio: Mapping[str, str]) -> Section:
    rows = tuple((f"c{index}r{number}", row) for number, row in enumerate(align_rows(scores)))
    return Section(
        anchor=f"c{index}",
        figures=figures,
        lines=figure_lines([figures]),
        remarks=_remarks(figures),
        audio=audio.get(str(figures["id"]), ""),
        lanes=draw_lanes(scores),
        ticks=draw_ticks(scores),
        strip=Markup(draw_errors(scores, [(row.at, name) for name, row in rows])),
        rows=rows,
        confusions=count_confusions(scores),
        matrix=_matrix(scores),
    )


def _remarks(figures: Figures) -> tuple[str, ...]:
    remarks = ["synthetic rendering: no person spoke; real recordings are harder"] if figures["synthetic"] else []
    if "wer_raw" in figures:
        remarks.append(REFERENCES[figures["reference"]])
    if "times" in figures:
        remarks.append(ASSUMED_TIMES)
    if figures.get("ads", {}).get("times") == "alignment":
        remarks.append("the ads' times are those of the words that the reference marks as ads")
    return (*remarks, *figures.get("remarks", ()))


def _matrix(scores: CaseScores) -> tuple[tuple[str, ...], ...]:
    """Seconds shared by each reference voice (rows) and found voice (columns), with a head row; () without turns."""
    confusion = scores.confusion
    if confusion is None or not confusion.reference:
        return ()
    shown = {"_".join(turn.speaker.split()): scores.result.shown(turn.speaker) for turn in scores.result.turns}
    head = ("", *(shown.get(label, label) for label in confusion.found))
    rows = zip((label.replace("_", " ") for label in confusion.reference), confusion.seconds, strict=True)
    return (head, *((label, *(f"{s:.1f}" if s >= 0.05 else "" for s in seconds)) for label, seconds in rows))


def _words(name: str) -> Callable[[Figures], Cell]:
    def read(figures: Figures) -> Cell:
        one = figures.get(name)
        if one is None or "rate" not in one:
            return ABSENT
        remarks = [
            f"{one['substitutions']} sub, {one['deletions']} del, {one['insertions']} ins of {one['words']:,} words"
        ]
        if one.get("joined", {}).get("rate", one["rate"]) != one["rate"]:
            remarks.append(f"{percent(one['joined']['rate'])} with compounds joined")
        remarks += _interval(one)
        if "agreement" in one:
            remarks.append(agreement(one["agreement"]))
        return percent(one["rate"]), tuple(remarks)

    return read


def _rate(name: str, *parts: str) -> Callable[[Figures], Cell]:
    def read(figures: Figures) -> Cell:
        one = figures.get(name)
        if one is None or "rate" not in one:
            return ABSENT
        named = ", ".join(f"{part.replace('_', ' ')} {percent(one[part])}" for part in parts if part in one)
        if name == "wder":
            named = f"{one['wrong']} of {one['aligned']:,} words"
        elif name == "cer":
            named = f"{one['errors']} edits of {one['characters']:,} characters"
        return percent(one["rate"]), (*([named] if named else []), *_interval(one))

    return read


def _ads(name: str, show: Callable[[Any], str], *remarks: Callable[[Figures], str]) -> Callable[[Figures], Cell]:
    def read(figures: Figures) -> Cell:
        ads = figures.get("ads")
        return ABSENT if ads is None or name not in ads else (show(ads[name]), tuple(remark(ads) for remark in remarks))

    return read


def _voices(figures: Figures) -> Cell:
    one = figures.get("speakers")
    if one is None:
        return ABSENT
    remark = (f"count right in {one['right']} of {one['cases']} cases",) if "cases" in one else ()
    return f"{one['found']} of {one['reference']}", remark


def _rtf(figures: Figures) -> Cell:
    one = figures.get("rtf")
    if one is None:
        return ABSENT
    stages = ", ".join(f"{name} {value:.3f}" for name, value in one.items() if name != "total")
    return f"{one['total']:.3f}", (stages,)


def _interval(one: Figures) -> list[str]:
    if "interval" not in one:
        return []
    return [interval(one["interval"])]


def _notes(name: str, show: Callable[[Figures], str], remark: Callable[[Figures], str]) -> Callable[[Figures], Cell]:
    def read(figures: Figures) -> Cell:
        one = figures.get("notes", {}).get(name)
        return ABSENT if one is None else (show(one), (remark(one),) if remark(one) else ())

    return read


def _wrong_names(names: Figures) -> str:
    return f"{names['wrong']} wrong, {names['missed']} missed"


def _window_diff(chapters: Figures) -> str:
    counts = f"{chapters['right']} right, {chapters['wrong']} wrong, {chapters['missed']} missed"
    return counts + (f"; WindowDiff {chapters['window_diff']:.3f}" if "window_diff" in chapters else "")


def _likeness(summary: Figures) -> str:
    cosine = f"; cosine {summary['cosine']:.2f}" if "cosine" in summary else ""
    return f"recall of the show's own description; F1 {summary['rouge_l']:.3f}{cosine}"


def _spans(ads: Figures) -> str:
    return f"{ads['right']} right, {ads['wrong']} wrong, {ads['missed']} missed; F0.5 {percent(ads.get('f05'), 1)}"


def _precision(part: Figures) -> str:
    return f"{percent(part.get('precision'), 1)} / {percent(part.get('recall'), 1)}"


def _per_hour(ads: Figures) -> str:
    kept, lost = (ads.get(f"{name}_per_hour", 0.0) for name in ("ad_seconds_kept", "content_seconds_lost"))
    return f"an hour: {kept:.1f} s of ad kept, {lost:.1f} s of the show lost"


def _false(ads: Figures) -> str:
    return f"{ads['wrong']} ads found where there are none"


def _kept(ads: Figures) -> str:
    return f"{ads['ad_words_kept']} of {ads['ad_words']} words stay, {ads['ad_seconds_kept']:.1f} s of ad"


def _lost(ads: Figures) -> str:
    return f"{ads['content_seconds_lost']:.1f} s of the show cut"


READERS: tuple[tuple[str, str, Callable[[Figures], Cell]], ...] = (
    ("wer_raw", "WER raw", _words("wer_raw")),
    ("wer_masked", "WER masked", _words("wer_masked")),
    ("wer_pipeline", "WER pipeline", _words("wer_pipeline")),
    ("cer", "CER", _rate("cer")),
    ("cpwer", "cpWER", _words("cpwer")),
    ("tcpwer", "tcpWER", _words("tcpwer")),
    ("wder", "WDER", _rate("wder")),
    ("der", "DER", _rate("der", "miss", "false_alarm", "confusion")),
    ("jer", "JER", _rate("jer")),
    ("speakers", "voices", _voices),
    ("ads", "ads F1", _ads("f1", lambda share: percent(share, 1), _spans)),
    ("ads", "no-ad control", _ads("clean_control", lambda passed: "passed" if passed else "failed", _false)),
    ("ad_seconds", "ads in seconds, P / R", _ads("seconds", _precision, _per_hour)),
    ("ad_seconds", "ads in words, P / R", _ads("words", _precision)),
    ("ad_words", "ad words removed", _ads("words_removed_share", lambda share: percent(share, 1), _kept)),
    ("content_lost", "content words lost", _ads("content_words_lost", str, _lost)),
    ("ad_edges", "ad edges off by", _ads("edge_error_s", lambda seconds: f"{seconds:.2f} s")),
    ("names", "names", _notes("names", lambda names: f"{names['right']} right", _wrong_names)),
    ("chapters", "chapters F1", _notes("chapters", lambda chapters: percent(chapters.get("f1"), 1), _window_diff)),
    ("summary", "summary ROUGE-L", _notes("summary", lambda summary: percent(summary["recall"], 1), _likeness)),
    ("rtf", "RTF", _rtf),
)
