"""Rows of ``docs/bench.json`` in Markdown; ratios are of CPU seconds, to the row that a section is held against."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.bench.batches import table as batches_table
from tests.bench.diarizing import STOCK
from tests.bench.measured import Row
from tests.bench.whole import PLAIN

HEARING_BASE = "faster-whisper, batched, word times"
"""The peer that hearing is held against: the same weights, the same output."""


def tool_table(rows: Sequence[Row], *, base: str, errors: str | None, label: str) -> str:
    """Cost beside error; ``errors`` is the row's rate ("wer", "der"), None for none."""
    held = next((row["cpu"] for row in rows if row["tool"] == base and "cpu" in row), None)
    heads = [label, "CPU s per s", "ratio", "wall s per s", *([errors.upper()] if errors else []), "peak MiB"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for row in rows:
        if "failed" in row:
            lines.append(f"| {row['tool']} | not measured: {row['failed']} |" + " |" * (len(heads) - 2))
            continue
        cells = [row["tool"], f"{row['cpu']:.3f}", f"{row['cpu'] / held:.2f}" if held else "", f"{row['wall']:.3f}"]
        cells += [f"{100 * row[errors]:.1f} %"] if errors else []
        lines.append(f"| {' | '.join([*cells, format(row['peak_mib'], '.0f')])} |")
    return "\n".join(lines)


TABLES: dict[str, Callable[[Sequence[Row]], str]] = {
    "hearing": lambda rows: tool_table(rows, base=HEARING_BASE, errors="wer", label="transcription"),
    "diarizing": lambda rows: tool_table(rows, base=STOCK, errors="der", label="diarization"),
    "whole": lambda rows: tool_table(rows, base=PLAIN, errors=None, label="the whole way"),
    "long": lambda rows: tool_table(rows, base="20 minutes", errors=None, label="recording"),
    "batches": batches_table,
}
