"""Writes the figures of the documents from the committed report and bench: ``python -m tests.readme``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.paths import ROOT

README, BASELINE = ROOT / "README.md", ROOT / "seeds" / "baseline.json"
BENCH, BATCHES = ROOT / "docs" / "bench.json", ROOT / "docs" / "batches.md"


def score_table(report: dict[str, Any]) -> str:
    """The seed's figures as a Markdown table."""
    case = report["cases"][0]
    ads, der, voices = case["ads"], case["der"], case["speakers"]

    def percent(name: str) -> str:
        return f"{100 * case[name]['rate']:.2f} %"

    rows = [
        ("WER-masked: the show itself, ads left out on both sides", percent("wer_masked")),
        ("WER-raw: every recognised word", percent("wer_raw")),
        ("WER-pipeline: the published transcript, against the reference without ads", percent("wer_pipeline")),
        ("cpWER: words and who said them", percent("cpwer")),
        ("DER: who speaks when (collar 0, overlap scored)", f"{100 * der['rate']:.2f} %"),
        ("speakers found", f"{voices['found']} of {voices['reference']}"),
        ("ad words removed", f"{100 * ads['words_removed_share']:.1f} %"),
        ("words of the show lost", f"{ads['content_words_lost']}"),
        ("seconds of processing per second of sound, all stages, 2 cores", f"{case['rtf']['total']:.2f}"),
    ]
    lines = [f"| {name} | {value} |" for name, value in rows]
    made_on = f"; {report['versions']['machine']}" if "machine" in report["versions"] else ""
    head = f"| seed episode, *synthetic rendering*; agreement with a machine's transcript; Whisper base{made_on} | |"
    return "\n".join([head, "|---|---|", *lines])


def bench_tables(bench: dict[str, Any], *sections: str) -> str:
    """The tables of some sections of the bench, each with the machine it was measured on."""
    from tests.bench.tables import TABLES

    parts = []
    for name in (name for name in sections if name in bench):
        machine = bench[name]["machine"]
        sound = f", {bench[name]['seconds']:.0f} s of sound" if "seconds" in bench[name] else ""
        parts.append(f"{TABLES[name](bench[name]['rows'])}\n\n{machine['processor']}, {machine['cores']} cores{sound}.")
    return "\n\n".join(parts)


def with_block(text: str, name: str, block: str) -> str:
    """A document with a new block between ``<!-- NAME: ... -->`` and ``<!-- end of NAME -->``."""
    head, begin, rest = text.partition(f"<!-- {name}: python -m tests.readme -->\n")
    _, end, tail = rest.partition(f"<!-- end of {name} -->")
    if not begin or not end:
        raise ValueError(f"the document has no block {name}")
    return f"{head}{begin}{block}\n{end}{tail}"


def generated() -> dict[Path, str]:
    """Every document that contains figures, with the current ones."""
    bench = json.loads(BENCH.read_text())
    readme = with_block(README.read_text(), "scores", score_table(json.loads(BASELINE.read_text())))
    batches = with_block(BATCHES.read_text(), "bench", bench_tables(bench, "batches", "long"))
    return {README: readme, BATCHES: batches}


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text)
