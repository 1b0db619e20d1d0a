"""Reports as CSV: a row for each recording of each system, a column for each figure and count."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

Figures = Mapping[str, Any]
POOLED = "(all)"


def print_csv(reports: Mapping[str, Figures]) -> str:
    """Every number of the reports, by system; the row ``(all)`` has the pooled figures. Cells without one are empty.

    A column is called by its path in report.json: ``wer_raw.rate``, ``ads.f1``.
    """
    rows: list[dict[str, Any]] = []
    for system, report in reports.items():
        cases = [(str(case["id"]), case) for case in report["cases"]]
        for name, figures in (*cases, (POOLED, report["pooled"])):
            rows.append({"system": system, "recording": name, **dict(_flat(figures))})
    columns = dict.fromkeys(name for row in rows for name in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _flat(figures: Figures, path: str = "") -> Iterator[tuple[str, Any]]:
    """The single values among the figures; lists (passages, runs, the matrix of voices) are left out."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        elif not isinstance(value, list) and (path or name != "id"):
            yield f"{path}{name}", value
