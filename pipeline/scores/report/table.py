"""The report as a table for a terminal: plain text, no colours, readable in a log."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeline.formats.clock import clock
from pipeline.scores.report.baseline import Move, print_moves

Figures = Mapping[str, Any]


MISSING = "-"
UNLIMITED = 10_000
LEAST_REMARK = 24
"""Columns that a remark keeps in a terminal however narrow."""


def print_table(report: Figures, *, width: int | None = None) -> str:
    """One case as a list of figures; several as a row each, and their sums.

    ``width``: columns of the terminal; longer remarks go on below themselves, and a wide table is cut into several.
    """
    cases = report["cases"]
    if not cases:
        return "no cases\n"
    lines = _list(cases[0], width or UNLIMITED) if len(cases) == 1 else _rows(report, width or UNLIMITED)
    return "\n".join(lines) + "\n" + _print_baseline(report)


def _print_baseline(report: Figures) -> str:
    """What moved since the committed report, where there is one."""
    moves = [
        Move(m["case"], m["figure"], m["before"], m["after"], m["verdict"], m.get("difference"))
        for m in report.get("baseline", ())
    ]
    return "\n" + print_moves(moves) if "baseline" in report else ""


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction as people read it.

    >>> percent(0.0345), percent(None)
    ('3.45 %', '-')
    """
    return MISSING if value is None else f"{100 * value:.{digits}f} %"


def describe(case: Figures) -> str:
    """The case's name, and what has to be known about its figures."""
    remarks = []
    if case.get("synthetic"):
        remarks.append("synthetic rendering")
    if "wer_raw" in case:
        remarks.append(REFERENCES[case.get("reference", "unstated")])
    if "times" in case:
        remarks.append(ASSUMED_TIMES)
    return str(case["id"]) + (f" ({'; '.join(remarks)})" if remarks else "")


REFERENCES = {
    "human": "reference made by people",
    "machine": "reference made by a machine: rates are agreement, not accuracy",
    "script": "spoken from the reference text",
    "unstated": "nobody says who made the reference",
}


ASSUMED_TIMES = "a text without times: where times are shown, 150 words a minute are assumed"


def interval(found: Figures) -> str:
    """An interval in words."""
    return f"{percent(found['low'])} to {percent(found['high'])} in 95 % of draws of {found['parts']} {found['over']}"


def agreement(found: Figures) -> str:
    """What a machine-made reference leaves open, in words."""
    bounds = f"{percent(found['low'])} to {percent(found['high'])}"
    return f"agreement: true rate {bounds}, the reference being wrong at {percent(found['reference_error'])}"


def _list(case: Figures, columns: int) -> list[str]:
    rows: list[tuple[str, str, str]] = []
    for name, label in (("wer_raw", "WER raw"), ("wer_masked", "WER masked"), ("wer_pipeline", "WER pipeline")):
        rows += _word_rows(case, name, label)
    if "cer" in case:
        counts = f"{case['cer']['errors']} edits of {case['cer']['characters']} characters"
        rows.append(("CER", percent(case["cer"].get("rate")), counts))
    for name, label in (("cpwer", "cpWER"), ("tcpwer", "tcpWER")):
        if name in case:
            rows.append((label, percent(case[name].get("rate")), _edits(case[name])))
    rows += _speaker_rows(case) + _ad_rows(case) + _note_rows(case.get("notes", {}))
    if "rtf" in case:
        stages = ", ".join(f"{name} {value:.3f}" for name, value in case["rtf"].items() if name != "total")
        rows.append(("RTF", f"{case['rtf']['total']:.3f}", stages))
    rows += [_run_row(run) for run in case.get("runs", ())]
    width = max((len(label) for label, _, _ in rows), default=0)
    wide = max((len(value) for _, value, _ in rows), default=0)
    lines = textwrap.wrap(describe(case), columns, subsequent_indent="  ")
    for label, value, remark in rows:
        head = f"  {label:<{width}}  {value:>{wide}}  "
        parts = textwrap.wrap(remark, max(LEAST_REMARK, columns - len(head))) or [""]
        lines += [f"{head}{parts[0]}".rstrip(), *(" " * len(head) + part for part in parts[1:])]
    for remark in case.get("remarks", ()):
        lines += textwrap.wrap(f"note: {remark}", columns, initial_indent="  ", subsequent_indent="    ")
    return lines


def _word_rows(case: Figures, name: str, label: str) -> list[tuple[str, str, str]]:
    if name not in case:
        return []
    figure = case[name]
    joined = figure.get("joined", {})
    rows = [(label, percent(figure.get("rate")), _edits(figure))]
    if joined.get("rate", figure.get("rate")) != figure.get("rate"):
        rows.append(("", percent(joined["rate"]), "with compounds joined"))
    if "interval" in figure:
        rows.append(("", "", interval(figure["interval"])))
    if "agreement" in figure:
        rows.append(("", "", agreement(figure["agreement"])))
    return rows


def _speaker_rows(case: Figures) -> list[tuple[str, str, str]]:
    rows = []
    if "wder" in case:
        counts = f"{case['wder']['wrong']} of {case['wder']['aligned']} aligned words bear the wrong speaker"
        rows.append(("WDER", percent(case["wder"].get("rate")), counts))
    if "der" in case:
        parts = (
            f"{name.replace('_', ' ')} {percent(case['der'].get(name))}"
            for name in ("miss", "false_alarm", "confusion")
        )
        rows.append(("DER", percent(case["der"].get("rate")), ", ".join(parts) + " (collar 0, overlap scored)"))
    if "jer" in case:
        rows.append(("JER", percent(case["jer"]["rate"]), ""))
    if "speakers" in case:
        rows.append(
            ("voices", f"{case['speakers']['found']} of {case['speakers']['reference']}", "found, of the reference")
        )
    return rows


def _ad_rows(case: Figures) -> list[tuple[str, str, str]]:
    if "ads" not in case:
        return []
    ads = case["ads"]
    rows = []
    if "f1" in ads:
        three = (("precision", "precision"), ("recall", "recall"), ("F0.5", "f05"))
        parts = ", ".join(f"{label} {percent(ads.get(name), 1)}" for label, name in three)
        rows.append(("ads F1 at IoU 0.5", percent(ads["f1"], 1), parts))
    if "clean_control" in ads:
        rows.append(
            (
                "no-ad control",
                "passed" if ads["clean_control"] else "failed",
                f"{ads['wrong']} ads found where there are none",
            )
        )
    if "seconds" in ads:
        seconds = ads["seconds"]
        parts = f"precision {percent(seconds.get('precision'), 1)}, recall {percent(seconds.get('recall'), 1)}"
        rows.append(("ads in seconds", "", parts))
    if "words" in ads:
        words = ads["words"]
        parts = (
            f"precision {percent(words.get('precision'), 1)}, recall {percent(words.get('recall'), 1)}, of what was cut"
        )
        rows.append(("ads in words", "", parts))
    if "words_removed_share" in ads:
        rows.append(
            (
                "ad words removed",
                percent(ads["words_removed_share"], 1),
                f"{ads['ad_words_kept']} of {ads['ad_words']} stay",
            )
        )
    if "content_words_lost" in ads:
        lost = f"and {ads['content_seconds_lost']:.1f} s of the show"
        rows.append(("content words lost", str(ads["content_words_lost"]), lost))
    if "edge_error_s" in ads:
        rows.append(
            ("ad edges off by", f"{ads['edge_error_s']:.2f} s", "mean over both edges of the ads that were found")
        )
    return rows


def _note_rows(notes: Figures) -> list[tuple[str, str, str]]:
    rows = []
    if "names" in notes:
        names = notes["names"]
        rows.append(("names", f"{names['right']} right", f"{names['wrong']} wrong, {names['missed']} missed"))
    if "chapters" in notes:
        found = notes["chapters"]
        remark = f"within 10 s; WindowDiff {found['window_diff']:.3f}" if "window_diff" in found else "within 10 s"
        rows.append(("chapters F1", percent(found.get("f1"), 1), remark))
    if "summary" in notes:
        found = notes["summary"]
        cosine = f", cosine {found['cosine']:.2f}" if "cosine" in found else ""
        remark = f"ROUGE-L recall of the show's own description ({found['description_words']} words without notices) "
        remark += f"by the summary; F1 {found['rouge_l']:.3f}{cosine}"
        rows.append(("summary", percent(found["recall"], 1), remark))
    return rows


def _run_row(run: Figures) -> tuple[str, str, str]:
    return (run["suspicion"], clock(run["start"]), f"{run['words']} words{became(run)}: {run['text']}")


def became(run: Figures) -> str:
    """What became of a run of deleted words: heard and cut away, or never heard."""
    if run["kind"] == "insertion":
        return ""
    return f", {run['heard']} of them heard and then cut" if run["heard"] else ", never heard"


def _edits(figure: Figures) -> str:
    return (
        f"{figure['substitutions']} substituted, {figure['deletions']} deleted, {figure['insertions']} inserted "
        f"of {figure['words']} words"
    )


def _rate(*path: str, digits: int = 2) -> Callable[[Figures], str]:
    def read(case: Figures) -> str:
        value: Any = case
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        return MISSING if value is None else f"{100 * value:.{digits}f}"

    return read


COLUMNS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("raw", _rate("wer_raw", "rate")),
    ("masked", _rate("wer_masked", "rate")),
    ("pipeline", _rate("wer_pipeline", "rate")),
    ("CER", _rate("cer", "rate")),
    ("cpWER", _rate("cpwer", "rate")),
    ("WDER", _rate("wder", "rate")),
    ("DER", _rate("der", "rate")),
    (
        "voices",
        lambda case: f"{case['speakers']['found']}/{case['speakers']['reference']}" if "speakers" in case else MISSING,
    ),
    ("ads P", _rate("ads", "precision", digits=0)),
    ("R", _rate("ads", "recall", digits=0)),
    ("F1", _rate("ads", "f1", digits=0)),
    ("ad words cut", _rate("ads", "words_removed_share", digits=1)),
    ("show words lost", lambda case: str(case.get("ads", {}).get("content_words_lost", MISSING))),
    ("RTF", lambda case: f"{case['rtf']['total']:.3f}" if "rtf" in case else MISSING),
)


def _rows(report: Figures, width: int) -> list[str]:
    """Cases as rows, in per cent; columns that no case fills are left out."""
    cases: Sequence[Figures] = report["cases"]
    table = [[_short(case), *(read(case) for _, read in COLUMNS)] for case in cases]
    table.append([f"all {len(cases)}", *(read(report["pooled"]) for _, read in COLUMNS)])
    kept = [i for i in range(1, len(COLUMNS) + 1) if any(row[i] != MISSING for row in table)]
    lines = [["per cent", *(name for name, _ in COLUMNS)], *table]
    tables = [_table([[line[0], *(line[i] for i in part)] for line in lines]) for part in _parts(lines, kept, width)]
    text = [line for one in tables for line in ("", *one)][1:]
    runs = [f"{case['id']}: {' '.join(_run_row(run))}" for case in cases for run in case.get("runs", ())]
    notes = [f"{case['id']}: {remark}" for case in cases for remark in case.get("remarks", ())]
    folded = [textwrap.wrap(line, width, subsequent_indent="  ") for line in (*_remarks(cases), *runs, *notes)]
    return [*text, *(line for lines in folded for line in lines)]


def _parts(lines: Sequence[Sequence[str]], kept: Sequence[int], width: int) -> list[list[int]]:
    """The columns in as many tables as a terminal of this width needs."""
    parts: list[list[int]] = [[]]
    head = used = max(len(line[0]) for line in lines)
    for column in kept:
        size = 2 + max(len(line[column]) for line in lines)
        if parts[-1] and used + size > width:
            parts.append([])
            used = head
        parts[-1].append(column)
        used += size
    return parts


def _table(lines: Sequence[Sequence[str]]) -> list[str]:
    """A heading, the cases, their sums, with a rule on either side of the cases."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = [
        "  ".join([line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))])
        for line in lines
    ]
    rule = "-" * len(text[0])
    return [text[0].rstrip(), rule, *text[1:-1], rule, text[-1]]


def _short(case: Figures) -> str:
    return str(case["id"]) + (" *" if case.get("synthetic") else "")


def _remarks(cases: Sequence[Figures]) -> list[str]:
    remarks = ["* synthetic rendering"] if any(case.get("synthetic") for case in cases) else []
    for kind in ("machine", "unstated"):
        names = [str(case["id"]) for case in cases if "wer_raw" in case and case.get("reference", "unstated") == kind]
        if names:
            remarks.append(f"{REFERENCES[kind]}: {', '.join(names)}")
    return remarks
