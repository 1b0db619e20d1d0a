"""The README's figures, written from the committed report: ``python -m tests.readme`` after a new baseline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
README, BASELINE = ROOT / "README.md", ROOT / "seeds" / "baseline.json"
BEGIN, END = "<!-- scores: python -m tests.readme -->", "<!-- end of scores -->"


def score_table(report: dict[str, Any]) -> str:
    """The seed's figures as a Markdown table."""
    case = report["cases"][0]
    ads, der, voices = case["ads"], case["der"], case["speakers"]

    def percent(name: str) -> str:
        return f"{100 * case[name]['rate']:.2f} %"

    rows = [
        ("WER-masked (the show itself, its ads left out on both sides)", percent("wer_masked")),
        ("WER-raw (everything that was heard)", percent("wer_raw")),
        ("WER-pipeline (what is published, against the reference without its ads)", percent("wer_pipeline")),
        ("cpWER (words and who said them)", percent("cpwer")),
        ("DER (collar 0, overlap scored)", f"{100 * der['rate']:.2f} %"),
        ("voices found", f"{voices['found']} of {voices['reference']}"),
        ("ad words removed", f"{100 * ads['words_removed_share']:.1f} %"),
        ("words of the show lost", f"{ads['content_words_lost']}"),
        ("seconds of computing for a second of sound, 2 cores, all stages", f"{case['rtf']['total']:.2f}"),
    ]
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join(["| seed episode, *synthetic rendering*, base weights | |", "|---|---|", *lines])


def with_scores(readme: str, report: dict[str, Any]) -> str:
    """The README with its table written anew."""
    head, rest = readme.split(BEGIN)
    _, tail = rest.split(END)
    return f"{head}{BEGIN}\n{score_table(report)}\n{END}{tail}"


if __name__ == "__main__":
    README.write_text(with_scores(README.read_text(), json.loads(BASELINE.read_text())))
